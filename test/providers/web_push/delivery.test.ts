import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generateVapidKeys, type WebPushProvider } from "../../../providers/web_push/index.js";
import { getPushProvider } from "../../../src/factory.js";
import { startWebPushService, type WebPushService } from "../../../src/testing/index.js";

let service: WebPushService;
const providers = new Map<string, WebPushProvider>();
const CODINGS = ["aes128gcm", "aesgcm"] as const;
const VENDORS = ["mozilla", "fcm", "apple", "wns"] as const;
const SPOKEN = CODINGS.flatMap((coding) => VENDORS.map((vendor) => ({ vendor, coding })));

beforeAll(async () => {
  service = await startWebPushService();
  for (const content_encoding of CODINGS) {
    providers.set(
      content_encoding,
      await getPushProvider("web_push", { ...service.config, content_encoding }),
    );
  }
});

afterAll(async () => {
  for (const provider of providers.values()) await provider.close();
  await service.close();
});

function by(coding: string): WebPushProvider {
  const provider = providers.get(coding);
  if (!provider) throw new Error(coding);
  return provider;
}

describe.each(SPOKEN)("$coding through $vendor's service", ({ vendor, coding }) => {
  it.each(["nested", "flat", "declarative"] as const)(
    "5.4.5 a %s message arrives and can be read",
    async (format) => {
      const device = service.createDevice({ vendor });
      const payload = {
        title: "Größe 🎉",
        url: "https://shop.example/42",
        collapse_key: "order 42",
        priority: "critical",
        platform_data: { web_push: { format } },
      } as const;
      const result = await by(coding).sendNotification(device.subscription, payload);
      expect(result).toMatchObject({ success: true, status_code: 201, attempts: 1, warnings: [] });
      const [message] = device.received;
      const shown = JSON.stringify(message?.json);
      expect(shown).toContain('"title":"Größe 🎉"');
      expect(shown).toContain(`"message_id":"${result.message_id}"`);
    },
  );

  it("raw bytes and an empty message arrive as they are", async () => {
    const device = service.createDevice({ vendor });
    const raw_body = new Uint8Array([0, 1, 255]);
    const raw = await by(coding).sendNotification(device.subscription, {
      platform_data: { format: "raw", raw_body },
    });
    const empty = await by(coding).sendNotification(device.device_token, {
      platform_data: { format: "empty" },
    });
    expect([raw.success, empty.success]).toEqual([true, true]);
    expect(device.received).toHaveLength(2);
  });

  it("W5 5.3.6 a message for now or never is taken with TTL 0", async () => {
    const device = service.createDevice({ vendor });
    const result = await by(coding).sendNotification(device.subscription, { title: "t", ttl_seconds: 0 });
    expect(result).toMatchObject({ success: true, attempts: 1 });
    expect(service.received.at(-1)?.headers.ttl).toBe("0");
  });

  it("W1 a subscription that was withdrawn is UNREGISTERED and to be removed", async () => {
    const device = service.createDevice({ vendor });
    device.unsubscribe();
    const result = await by(coding).sendNotification(device.subscription, { title: "t" });
    expect(result).toMatchObject({ error_code: "UNREGISTERED", remove_token: true, status_code: 410 });
  });

  it("W1 a subscription made with another key is SENDER_MISMATCH and not to be removed", async () => {
    const device = service.createDevice({ vendor, ...generateVapidKeys() });
    const result = await by(coding).sendNotification(device.subscription, { title: "t" });
    expect(result).toMatchObject({ error_code: "SENDER_MISMATCH", remove_token: false, retryable: false });
  });
});

describe("credentials that a service counts as expired", () => {
  it("are signed anew once, and the message is sent again at once", async () => {
    const device = service.createDevice();
    await by("aes128gcm").sendNotification(device.subscription, { title: "t" });
    const end = service.fault("expired_credentials");
    const result = await by("aes128gcm").sendNotification(device.subscription, { title: "t" });
    end();
    expect(result).toMatchObject({ success: true, attempts: 2 });
  });
});

describe("a collapse key", () => {
  // Thirteen characters are no base64url text of any bytes, and Apple says so.
  it.each(VENDORS)("of any length is a Topic that %s's service takes", async (vendor) => {
    const device = service.createDevice({ vendor });
    for (let length = 1; length <= 40; length++) {
      const payload = { title: "t", collapse_key: "k".repeat(length) };
      const result = await by("aes128gcm").sendNotification(device.subscription, payload);
      expect(result.success, `length ${length}`).toBe(true);
    }
    const topics = device.received.map(({ topic }) => topic);
    expect(new Set(topics).size).toBe(40);
    expect(topics[1]).toBe("kk");
    expect(topics[12] === "k".repeat(13)).toBe(vendor !== "apple");
  });
});
