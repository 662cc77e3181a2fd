import { describe, expect, it } from "vitest";
import { type PushEvent, resultSchema } from "../../src/index.js";
import { deepFreeze, QUICK } from "./support.js";
import type { Harness, Script } from "./world.js";

/** What a result says, and that each notification has exactly one. */
export function describeResults(harness: Harness, open: Harness["open"]): void {
  describe(`${harness.platform} conforms: results`, () => {
    it("a good notification is accepted, and its result is JSON-safe and of the documented shape", async () => {
      const { provider, token } = await open({ ann: ["accept"] });
      const result = await provider.sendNotification(token("ann"), harness.payload);
      expect(result).toMatchObject({
        success: true,
        platform: harness.platform,
        device_token: token("ann"),
        index: 0,
        attempts: 1,
      });
      expect(result.message_id).toMatch(/^[0-9a-f-]{36}$/);
      expect(Date.parse(result.timestamp)).toBeGreaterThan(0);
      expect(JSON.parse(JSON.stringify(result))).toEqual(result);
      expect(resultSchema.safeParse(result).success).toBe(true);
    });

    it("W10 a failed one carries its token whole, and what to do with it", async () => {
      const { provider, token } = await open({ ann: ["gone"] });
      const result = await provider.sendNotification(token("ann"), harness.payload);
      expect(result).toMatchObject({
        success: false,
        error_code: "UNREGISTERED",
        remove_token: true,
        retryable: false,
        device_token: token("ann"),
      });
      expect(resultSchema.safeParse(result).success).toBe(true);
    });

    it("R14 inputs survive deep-frozen", async () => {
      const { provider, token } = await open({ ann: ["accept"] });
      const payload = deepFreeze({
        ...harness.payload,
        data: { nested: { list: [1, { a: 2 }] } },
        platform_data: {},
      });
      const list = deepFreeze([[token("ann"), payload]] as const);
      expect((await provider.sendBulkNotifications(list)).map((result) => result.success)).toEqual([true]);
    });

    it("R19 results come in input order, one each, with the right index", async () => {
      const script: Script = { slow: [{ code: "SERVICE_UNAVAILABLE" }, "accept"], gone: ["gone"] };
      const { provider, token, tokens } = await open(script, QUICK);
      const list = [token("slow"), ...tokens(3), token("gone"), harness.invalid_token, ...tokens(3)];
      const results = await provider.sendMulticastNotification(list, harness.payload);
      expect(results.map((result) => result.index)).toEqual(list.map((_, i) => i));
      expect(results.map((result) => result.device_token)).toEqual(list);
      expect(results.map((result) => result.error_code)).toEqual(
        list.map((_, i) => ({ 4: "UNREGISTERED", 5: "INVALID_TOKEN" })[i]),
      );
    });

    it("R5 a final answer after one that may pass ends it", async () => {
      const { provider, token, requests } = await open(
        { ann: [{ code: "SERVICE_UNAVAILABLE" }, "gone", "accept"] },
        QUICK,
      );
      const result = await provider.sendNotification(token("ann"), harness.payload);
      expect(result).toMatchObject({ error_code: "UNREGISTERED", attempts: 2, remove_token: true });
      expect(requests("ann")).toBe(2);
    });

    it("R7 R18 sends at the same time each have a result of their own", async () => {
      const { provider, token, tokens } = await open({ gone: ["gone"] });
      const list = [...tokens(25), token("gone"), ...tokens(25)];
      const results = await Promise.all(
        list.map((device_token) => provider.sendNotification(device_token, harness.payload)),
      );
      expect(results.map(({ device_token }) => device_token)).toEqual(list);
      expect(results.map(({ success }) => success)).toEqual(list.map((_, i) => i !== 25));
      expect(new Set(results.map(({ message_id }) => message_id)).size).toBe(51);
    });

    it("each recipient of a multicast has its own message_id", async () => {
      const { provider, tokens } = await open();
      const results = await provider.sendMulticastNotification(tokens(20), harness.payload);
      expect(new Set(results.map((result) => result.message_id)).size).toBe(20);
    });

    it("R18 the message_id is the same over retries", async () => {
      const events: PushEvent[] = [];
      const script: Script = {
        ann: [{ code: "SERVICE_UNAVAILABLE" }, { code: "SERVICE_UNAVAILABLE" }, "accept"],
      };
      const { provider, token } = await open(script, QUICK, { on_event: (event) => events.push(event) });
      const result = await provider.sendNotification(token("ann"), harness.payload);
      expect(result).toMatchObject({ success: true, attempts: 3 });
      expect(new Set(events.map((event) => event.message_id))).toEqual(new Set([result.message_id]));
    });

    it("R6 one failing token harms no other", async () => {
      const { provider, token, tokens, requests } = await open(
        { bad: [{ code: "SERVICE_UNAVAILABLE" }], dead: ["gone"] },
        QUICK,
      );
      const good = tokens(30);
      const list = [
        token("bad"),
        ...good.slice(0, 15),
        token("dead"),
        harness.invalid_token,
        ...good.slice(15),
      ];
      const results = await provider.sendMulticastNotification(list, harness.payload);
      expect(results.filter((result) => result.success)).toHaveLength(30);
      expect(requests("dead")).toBe(1);
      expect(requests("bad")).toBe(4);
    });
  });
}
