import { describe, expect, it, vi } from "vitest";
import { generateVapidKeys, WebPushProvider, webPush } from "../../../providers/web_push/index.js";
import { getPushProvider } from "../../../src/factory.js";
import { createDevice, KEYS, NOW_MS, openCodec } from "./support.js";

const CONFIG = { ...KEYS, vapid_subject: "mailto:ops@example.org" };
const device = createDevice();

describe("the codec", () => {
  it("W13 posts to each origin by connections of its own, 200 at once by default", async () => {
    const codec = await openCodec();
    const connection = (endpoint: string) =>
      codec.connection({ kind: "token", token: createDevice(endpoint).recipient });
    expect(connection("https://web.push.apple.com/QOabc")).toEqual({
      key: "https://web.push.apple.com",
      protocol: "alpn",
      guard: "public",
    });
    expect(connection("https://localhost:8443/wpush/v2/a").key).toBe("https://localhost:8443");
    expect(codec.limits.max_concurrency).toBe(200);
  });

  it("dials private addresses only when the operator says so", async () => {
    const codec = await openCodec({ allow_private_endpoints: true, allowed_hosts: ["localhost:8443"] });
    const { subscription } = createDevice("https://localhost:8443/wpush/v2/a");
    const token = codec.parseToken(subscription);
    expect(token).toMatchObject({ origin: "https://localhost:8443" });
    expect(codec.connection({ kind: "token", token: device.recipient }).guard).toBe("fixed");
  });

  it("1.8 has no topics", async () => {
    const codec = await openCodec();
    expect(codec.topic_kinds).toBeUndefined();
    const encoded = codec.encode(
      { message: { shows_tag: false, warnings: [] }, apple_topic: undefined, warnings: [], headers: {} },
      { kind: "topic", value: "news" },
      {
        message_id: "a",
        now_ms: NOW_MS,
        expires_at_ms: NOW_MS,
        sequence: 0,
      },
    );
    expect(encoded).toMatchObject({ code: "TOPICS_NOT_SUPPORTED" });
  });

  it("1.8 tells who sends, without the private key", async () => {
    const { info } = await openCodec();
    expect(info?.sender).toEqual({
      vapid_public_key: KEYS.vapid_public_key,
      vapid_subject: "mailto:ops@example.org",
    });
    expect(JSON.stringify(info)).not.toContain(KEYS.vapid_private_key);
  });

  it("a health check signs for an origin", async () => {
    const codec = await openCodec();
    const target = codec.healthTarget?.();
    if (!target || !codec.credential) throw new Error("no health target");
    expect(codec.credential.scope(target)).toBe("https://fcm.googleapis.com");
  });
});

describe("getPushProvider", () => {
  it("1.8 opens a WebPushProvider that gives its public key as 87 characters, whatever its form", async () => {
    const padded = Buffer.from(KEYS.vapid_public_key, "base64url").toString("base64");
    const provider = await getPushProvider("webpush", { ...CONFIG, vapid_public_key: padded });
    try {
      expect(provider).toBeInstanceOf(WebPushProvider);
      expect(provider.platform).toBe("web_push");
      expect(provider.getVapidPublicKey()).toBe(KEYS.vapid_public_key);
    } finally {
      await provider.close();
    }
  });

  it("W2 rejects at once when the keys are no pair", async () => {
    const { vapid_public_key } = generateVapidKeys();
    await expect(getPushProvider("web_push", { ...CONFIG, vapid_public_key })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      cause: expect.any(Error),
    });
  });

  it("1.8 a dry run shows the request and what the device would read", async () => {
    const provider = await getPushProvider("web_push", CONFIG);
    try {
      const payload = {
        title: "Hello",
        collapse_key: "k",
        priority: "high",
        platform_data: { icon: "/i.png", web_push: { tag: "t" } },
      } as const;
      const result = await provider.sendNotification(device.subscription, payload, { dry_run: true });
      expect(result).toMatchObject({
        success: true,
        dry_run: true,
        attempts: 0,
        request: { method: "POST", url: device.subscription.endpoint, body_encoding: "base64" },
      });
      expect(result.request?.headers).toMatchObject({ ttl: "300", urgency: "high", topic: "k" });
      expect(JSON.parse(result.request?.plaintext ?? "")).toEqual({
        notification: {
          title: "Hello",
          icon: "/i.png",
          tag: "t",
          requireInteraction: true,
          timestamp: expect.any(Number),
          data: { message_id: result.message_id },
        },
      });
    } finally {
      await provider.close();
    }
  });

  it("prints nothing", async () => {
    const spies = (["log", "info", "warn", "error"] as const).map((name) => vi.spyOn(console, name));
    const provider = await getPushProvider("web_push", CONFIG);
    try {
      await provider.sendNotification(device.subscription, { title: "Hello" }, { dry_run: true });
      for (const spy of spies) expect(spy).not.toHaveBeenCalled();
    } finally {
      await provider.close();
      for (const spy of spies) spy.mockRestore();
    }
  });
});

it("the definition names its aliases, its environment and every option", () => {
  expect(webPush.platform).toBe("web_push");
  expect(webPush.aliases).toEqual(["webpush"]);
  expect(webPush.environment?.vapid_public_key).toEqual(["WEB_PUSH_VAPID_PUBLIC_KEY", "VAPID_PUBLIC_KEY"]);
  expect(Object.keys(webPush.platform_data?.shape ?? {})).toContain("requireInteraction");
});
