import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type ApnsOptions, ApnsProvider, type ApnsPushType } from "../../../providers/apns/index.js";
import { PUSH_TYPE_NAMES } from "../../../providers/apns/push_types.js";
import { closeAllProviders, getPushProvider } from "../../../src/index.js";
import { type ApnsService, startApnsService } from "../../../src/testing/index.js";

const QUICK = { retry: { base_delay_ms: 1 } };
const UPDATE = { event: "update", content_state: { score: 1 } } as const;

let service: ApnsService;
beforeAll(async () => {
  service = await startApnsService();
});
afterAll(() => service.close());
afterEach(async () => {
  await closeAllProviders();
  service.clearFaults();
  service.clearReceived();
});

/** What each push type is sent with. */
const optionsOf = (push_type: ApnsPushType): ApnsOptions => ({
  push_type,
  ...(push_type === "liveactivity" ? { live_activity: UPDATE } : {}),
});

describe("over a real connection", () => {
  it("2.apns what is sent arrives, with Apple's own id and ours as one", async () => {
    const provider = await getPushProvider("apns", service.config);
    const device = service.createDevice();
    const result = await provider.sendNotification(device.device_token, {
      title: "Grüße",
      body: "aus Köln 🎉",
      data: { order: 42 },
      collapse_key: "order-42",
    });
    expect(provider).toBeInstanceOf(ApnsProvider);
    expect(result).toMatchObject({ success: true, service_message_id: result.message_id, attempts: 1 });
    const [received] = await device.waitForMessages();
    expect(received).toMatchObject({
      http_version: "2",
      topic: service.config.bundle_id,
      push_type: "alert",
      priority: 10,
      collapse_id: "order-42",
      payload: { aps: { alert: { title: "Grüße", body: "aus Köln 🎉" }, sound: "default" }, order: 42 },
      notes: [],
    });
  });

  it.each(PUSH_TYPE_NAMES)(
    "%s is accepted as it is sent, and nothing is amiss with it",
    async (push_type) => {
      const provider = await getPushProvider("apns", service.config);
      const device = service.createDevice({ push_type: push_type === "background" ? "alert" : push_type });
      const result = await provider.sendNotification(device.device_token, {
        data: { a: 1 },
        ...(push_type === "alert" ? { title: "t" } : {}),
        platform_data: { apns: optionsOf(push_type) },
      });
      expect(result).toMatchObject({ success: true, warnings: [] });
      expect(device.received).toMatchObject([{ push_type, notes: [] }]);
    },
  );

  it("by certificate, without a token", async () => {
    const provider = await getPushProvider("apns", service.certificate_config);
    const device = service.createDevice();
    expect(await provider.sendNotification(device.device_token, { title: "t" })).toMatchObject({
      success: true,
    });
    expect(device.received[0]?.headers).not.toHaveProperty("authorization");
  });

  it("by certificate, a push type that asks for a key is refused by the service", async () => {
    const provider = await getPushProvider("apns", service.certificate_config);
    const { device_token } = service.createDevice({ push_type: "liveactivity" });
    const result = await provider.sendNotification(device_token, {
      platform_data: { apns: { live_activity: UPDATE } },
    });
    expect(result).toMatchObject({ success: false, error_code: "AUTHENTICATION_FAILED" });
  });

  it("410: since when a token is dead is what the service said", async () => {
    const provider = await getPushProvider("apns", service.config);
    const device = service.createDevice();
    device.unregister();
    const result = await provider.sendNotification(device.device_token, { title: "t" });
    expect(result).toMatchObject({ error_code: "UNREGISTERED", remove_token: true });
    expect(Math.abs(Date.now() - Date.parse(result.unregistered_at ?? ""))).toBeLessThan(60_000);
  });

  it("A5 a token of the other environment, or of another app, lives on", async () => {
    const provider = await getPushProvider("apns", service.config);
    const sandboxed = service.createDevice({ environment: "sandbox" });
    const foreign = service.createDevice({ push_type: "voip" });
    const send = (token: string) => provider.sendNotification(token, { title: "t" });
    expect(await send(sandboxed.device_token)).toMatchObject({
      error_code: "INVALID_TOKEN",
      reason: "BadDeviceToken",
      remove_token: false,
    });
    expect(await send(foreign.device_token)).toMatchObject({
      error_code: "SENDER_MISMATCH",
      reason: "DeviceTokenNotForTopic",
      remove_token: false,
    });
  });

  it("many at once share connections and one token", async () => {
    const provider = await getPushProvider("apns", service.config);
    const tokens = Array.from({ length: 300 }, () => service.createDevice().device_token);
    const results = await provider.sendMulticastNotification(tokens, { title: "t" });
    expect(results.filter(({ success }) => success)).toHaveLength(300);
    expect(new Set(service.received.map(({ headers }) => headers.authorization)).size).toBe(1);
    expect(new Set(service.received.map(({ connection_id }) => connection_id)).size).toBeLessThan(10);
  });

  it("A5 an expired token is renewed once for all, on a new connection", async () => {
    const { bundle_id, environment, endpoint, manage_endpoint, broadcast_endpoint, ca } = service.config;
    const address = { bundle_id, environment, endpoint, manage_endpoint, broadcast_endpoint, ca };
    const provider = await getPushProvider("apns", { ...service.createKey(), ...address, ...QUICK });
    const tokens = Array.from({ length: 20 }, () => service.createDevice().device_token);
    expect(await provider.sendNotification(tokens[0], { title: "t" })).toMatchObject({ success: true });
    service.fault("expired_credentials");
    const results = await provider.sendMulticastNotification(tokens, { title: "t" });
    expect(results.every(({ success }) => success)).toBe(true);
    expect(new Set(service.received.map(({ headers }) => headers.authorization)).size).toBe(2);
    const connections = service.received.map(({ connection_id }) => connection_id);
    expect(connections.at(-1)).not.toBe(connections[0]);
  });

  it("GOAWAY in the middle: what was not processed is sent again, and nothing twice", async () => {
    const provider = await getPushProvider("apns", { ...service.config, ...QUICK });
    const devices = Array.from({ length: 30 }, () => service.createDevice());
    await provider.sendNotification(devices[0]?.device_token, { title: "first" });
    service.fault("goaway_unprocessed", { times: 1 });
    const results = await provider.sendMulticastNotification(
      devices.map(({ device_token }) => device_token),
      { title: "t" },
    );
    expect(results.filter(({ success }) => success)).toHaveLength(30);
    for (const { received } of devices.slice(1)) expect(received).toHaveLength(1);
  });
});

describe("channels over a real connection", () => {
  it("are listed whole, however many", async () => {
    const own = await startApnsService();
    const provider = await getPushProvider("apns", own.config);
    const ids = Array.from({ length: 10_000 }, () => own.createChannel().channel_id);
    const listed = await provider.listChannels();
    expect(listed.success && [...(listed.channels ?? [])].sort()).toEqual(ids.sort());
    await provider.close();
    await own.close();
  });

  it("are created, read, listed, broadcast to and deleted", async () => {
    const provider = await getPushProvider("apns", service.config);
    const created = await provider.createChannel({ message_storage_policy: 1 });
    if (!created.success) throw new Error(created.message);
    const { channel_id } = created;
    expect(created.message_storage_policy).toBe(1);
    expect(await provider.readChannel(channel_id)).toMatchObject({
      success: true,
      channel_id,
      message_storage_policy: 1,
    });
    const listed = await provider.listChannels();
    expect(listed.channels).toContain(channel_id);
    const payload = { platform_data: { apns: { live_activity: UPDATE } } };
    expect(await provider.sendTopicNotification(channel_id, payload)).toMatchObject({
      success: true,
      topic: channel_id,
    });
    const broadcast = service.received.find(({ path }) => path.startsWith("/4/broadcasts/"));
    expect(broadcast).toMatchObject({
      channel_id,
      push_type: "liveactivity",
      aps: { event: "update" },
      notes: [],
    });
    expect(broadcast?.headers).not.toHaveProperty("apns-topic");
    expect(await provider.deleteChannel(channel_id)).toMatchObject({ success: true });
    expect(await provider.readChannel(channel_id)).toMatchObject({
      success: false,
      error_code: "UNREGISTERED",
      reason: "ChannelNotRegistered",
    });
    expect(await provider.sendTopicNotification(channel_id, payload)).toMatchObject({
      error_code: "UNREGISTERED",
    });
  });

  it("one that stores nothing wants ttl_seconds 0, and the result says so", async () => {
    const provider = await getPushProvider("apns", service.config);
    const { channel_id } = service.createChannel({ message_storage_policy: 0 });
    const payload = { platform_data: { apns: { live_activity: UPDATE } } };
    expect(await provider.sendTopicNotification(channel_id, payload)).toMatchObject({
      error_code: "PAYLOAD_INVALID",
      reason: "BadExpirationDate",
      message: expect.stringContaining("ttl_seconds 0"),
    });
    const now = { ...payload, ttl_seconds: 0 };
    expect(await provider.sendTopicNotification(channel_id, now)).toMatchObject({ success: true });
  });
});
