import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PushError } from "../../src/index.js";
import { hostileValues, QUICK } from "./support.js";
import type { Harness } from "./world.js";

/** What happens to wrong and hostile input. */
export function describeInput(harness: Harness, open: Harness["open"]): void {
  describe(`${harness.platform} conforms: input`, () => {
    it("validateDeviceToken answers true or false and never throws, for any value", async () => {
      const { provider, token } = await open({ ann: ["accept"] });
      expect(provider.validateDeviceToken(token("ann"))).toBe(true);
      expect(provider.validateDeviceToken(harness.invalid_token)).toBe(false);
      for (const value of hostileValues()) expect(typeof provider.validateDeviceToken(value)).toBe("boolean");
      fc.assert(
        fc.property(fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true }), (value) => {
          expect(typeof provider.validateDeviceToken(value)).toBe("boolean");
        }),
      );
    });

    it("hostile tokens and payloads are results, never rejections", async () => {
      const { provider, token, total } = await open({ ann: ["accept"] });
      for (const value of hostileValues()) {
        expect((await provider.sendNotification(value, harness.payload)).success).toBeTypeOf("boolean");
      }
      const sent = total();
      for (const value of [undefined, null, 5, "text", [], Symbol("x"), () => {}]) {
        expect(await provider.sendNotification(token("ann"), value as never)).toMatchObject({
          error_code: "PAYLOAD_INVALID",
        });
      }
      expect(total()).toBe(sent);
    });

    it("an unknown payload field is named, and nothing is sent", async () => {
      const { provider, token, total } = await open({ ann: ["accept"] });
      const payload = { ...harness.payload, titel: "x" } as never;
      const result = await provider.sendNotification(token("ann"), payload);
      expect(result).toMatchObject({ error_code: "PAYLOAD_INVALID", attempts: 0 });
      expect(result.message).toContain("titel");
      expect(result.message).toContain("did you mean title?");
      expect(total()).toBe(0);
    });

    it("an unknown option of the service's own is named", async () => {
      const { provider, token } = await open({ ann: ["accept"] });
      const platform_data = { [harness.platform]: { nonsense: 1 } };
      const result = await provider.sendNotification(token("ann"), { ...harness.payload, platform_data });
      expect(result).toMatchObject({ error_code: "PAYLOAD_INVALID" });
      expect(result.message).toContain(`platform_data.${harness.platform}.nonsense`);
    });

    it("another service's options are left alone, its flat keys become warnings", async () => {
      const { provider, token } = await open({ ann: ["accept"] });
      const others = { apns: { anything: true }, wns_windows: { at: "all" }, webpush: { x: 1 } };
      const own = { apns: "apns", wns: "wns_windows", web_push: "webpush" }[harness.platform] ?? "";
      const flat_key = harness.platform === "apns" ? "vibrate" : "content_available";
      const platform_data = { ...without(others, own), [flat_key]: true };
      const result = await provider.sendNotification(token("ann"), { ...harness.payload, platform_data });
      expect(result.success).toBe(true);
      expect(result.warnings).toContainEqual(
        expect.objectContaining({ type: "unsupported_field", field: `platform_data.${flat_key}` }),
      );
    });

    it("W6 oversize says limit and size, and sends nothing", async () => {
      const { provider, token, total } = await open({ ann: ["accept"] });
      const result = await provider.sendNotification(token("ann"), harness.oversize.payload);
      expect(result).toMatchObject({ error_code: "PAYLOAD_TOO_LARGE", attempts: 0, retryable: false });
      expect(result.message).toContain(String(harness.oversize.limit));
      expect(result.message).toContain(String(harness.oversize.limit + 1));
      expect(total()).toBe(0);
    });

    it("W5 R15 ttl_seconds 0 is sent once, as 0", async () => {
      const { provider, token, requests, lifetime } = await open(
        { ann: [{ code: "SERVICE_UNAVAILABLE" }] },
        QUICK,
      );
      const result = await provider.sendNotification(token("ann"), { ...harness.payload, ttl_seconds: 0 });
      expect(result).toMatchObject({ error_code: "SERVICE_UNAVAILABLE", attempts: 1 });
      expect(requests("ann")).toBe(1);
      if (harness.tells_lifetime) expect(lifetime("ann")).toBe(0);
    });

    it("W15 past expires_at sends nothing", async () => {
      const { provider, token, total } = await open({ ann: ["accept"] });
      const expires_at = new Date(Date.now() - 1000).toISOString();
      const result = await provider.sendNotification(token("ann"), { ...harness.payload, expires_at });
      expect(result).toMatchObject({ error_code: "EXPIRED", attempts: 0 });
      expect(total()).toBe(0);
    });

    it("wrong options reject with OPTIONS_INVALID, naming the option", async () => {
      const { provider, token } = await open({ ann: ["accept"] });
      const sending = provider.sendNotification(token("ann"), harness.payload, { timeout: 5 } as never);
      await expect(sending).rejects.toMatchObject({
        code: "OPTIONS_INVALID",
        message: expect.stringContaining("timeout_seconds"),
      });
    });

    it("an input that throws half way: INPUT_FAILED with the results of what was taken", async () => {
      const { provider, tokens } = await open();
      const [a, b] = tokens(2);
      function* broken() {
        yield [a, harness.payload] as const;
        yield [b, harness.payload] as const;
        throw new Error("half way");
      }
      const error: unknown = await provider
        .sendBulkNotifications(broken())
        .catch((thrown: unknown) => thrown);
      if (!PushError.is(error)) throw error;
      expect(error.code).toBe("INPUT_FAILED");
      expect(error.results?.map((result) => result.success)).toEqual([true, true]);
    });
  });
}

function without(record: object, key: string): object {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}
