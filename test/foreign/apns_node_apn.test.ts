/** `@parse/node-apn`, which nobody here wrote, sends through its own code to the APNs emulator. It is told where that is. */
import { randomUUID } from "node:crypto";
import { Notification, Provider, type ProviderOptions } from "@parse/node-apn";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type ApnsService, startApnsService } from "../../src/testing/index.js";

const APP = "org.example.app";

let service: ApnsService;
beforeAll(async () => {
  service = await startApnsService();
});
const providers: Provider[] = [];
afterEach(async () => {
  await Promise.all(
    providers.splice(0).map((one) => new Promise<void>((resolve) => void one.shutdown(() => resolve()))),
  );
  service.clearFaults();
  service.clearReceived();
});
afterAll(() => service.close());

function open(credentials: ProviderOptions): Provider {
  const provider = new Provider({
    address: "localhost",
    port: service.port,
    manageChannelsAddress: "localhost",
    manageChannelsPort: service.port,
    ca: [service.ca],
    ...credentials,
  });
  providers.push(provider);
  return provider;
}
const withToken = () => {
  const { auth_key, key_id, team_id } = service.config;
  return open({ token: { key: auth_key, keyId: key_id, teamId: team_id } });
};
const withCertificate = () => {
  const { certificate, private_key } = service.certificate_config;
  return open({ cert: certificate, key: private_key });
};

function alert(more: Partial<Notification> = {}): Notification {
  const notification = new Notification({ topic: APP, pushType: "alert", ...more });
  notification.alert = { title: "Order 42", body: "Grüße" };
  notification.badge = 3;
  notification.payload = { order: "42" };
  return notification;
}

describe.each([
  ["a token", withToken],
  ["a certificate", withCertificate],
])("with %s", (_how, connect) => {
  it("it sends an alert", async () => {
    const device = service.createDevice();
    const id = randomUUID();
    const notification = alert({ id, collapseId: "order-42", expiry: 1_900_000_000 });
    const { sent, failed } = await connect().send(notification, device.device_token);
    expect(failed).toEqual([]);
    expect(sent).toEqual([{ device: device.device_token, "apns-id": id }]);
    expect(device.received).toMatchObject([
      {
        push_type: "alert",
        priority: 10,
        expiration: 1_900_000_000,
        collapse_id: "order-42",
        apns_id: id,
        payload: { order: "42", aps: { alert: { title: "Order 42", body: "Grüße" }, badge: 3 } },
        notes: [],
      },
    ]);
  });

  it("it sends a call, and a background push of priority 5", async () => {
    const provider = connect();
    const phone = service.createDevice({ push_type: "voip" });
    const call = alert({ topic: `${APP}.voip`, pushType: "voip", expiry: 0 });
    expect((await provider.send(call, phone.device_token)).failed).toEqual([]);
    const app = service.createDevice();
    const silent = new Notification({ topic: APP, pushType: "background", priority: 5 });
    silent.contentAvailable = true;
    expect((await provider.send(silent, app.device_token)).failed).toEqual([]);
    expect([phone.received[0]?.expiration, app.received[0]?.notes]).toEqual([0, []]);
  });

  it("it learns which tokens are bad or gone, and why", async () => {
    const [device, gone] = [service.createDevice(), service.createDevice()];
    gone.unregister();
    const unknown = "ab".repeat(32);
    const provider = connect();
    const { sent, failed } = await provider.send(alert(), [device.device_token, unknown, gone.device_token]);
    expect(sent).toHaveLength(1);
    expect(failed).toMatchObject([
      { device: unknown, status: 400, response: { reason: "BadDeviceToken" } },
      {
        device: gone.device_token,
        status: 410,
        response: { reason: "Unregistered", timestamp: expect.any(Number) },
      },
    ]);
  });

  it("it sends a hundred at once", async () => {
    const devices = Array.from({ length: 100 }, () => service.createDevice());
    const provider = connect();
    const tokens = devices.map(({ device_token }) => device_token);
    const { sent, failed } = await provider.send(alert(), tokens);
    expect([sent.length, failed.length]).toEqual([100, 0]);
    expect(devices.every(({ received }) => received.length === 1)).toBe(true);
  });
});

describe("credentials", () => {
  it("of another key are refused in Apple's words", async () => {
    const { key_id, team_id } = service.config;
    const provider = open({
      token: { key: service.createKey().auth_key, keyId: key_id, teamId: team_id },
    });
    const { failed } = await provider.send(alert(), service.createDevice().device_token);
    expect(failed).toMatchObject([{ status: 403, response: { reason: "InvalidProviderToken" } }]);
  });

  it("that have expired are renewed, at once and on the same connection", async () => {
    const provider = withToken();
    const device = service.createDevice();
    await provider.send(alert(), device.device_token);
    service.fault("expired_credentials");
    // Its claims count seconds: a token of the same second would be signed anew all the same.
    const { sent, failed } = await provider.send(alert(), device.device_token);
    expect([sent.length, failed]).toEqual([1, []]);
    expect(service.received.map(({ reason }) => reason)).toEqual([
      undefined,
      "ExpiredProviderToken",
      undefined,
    ]);
    expect(new Set(service.received.map(({ connection_id }) => connection_id)).size).toBe(1);
  });

  it("of another environment are refused", async () => {
    const { certificate, private_key } = await service.createCertificate({ environments: ["sandbox"] });
    const provider = open({ cert: certificate, key: private_key });
    const { failed } = await provider.send(alert(), service.createDevice().device_token);
    expect(failed).toMatchObject([{ status: 403, response: { reason: "BadCertificateEnvironment" } }]);
  });
});

describe("channels", () => {
  const creation = (policy = 1) => new Notification({ payload: { "message-storage-policy": policy } });

  it("it creates, reads, lists and deletes them", async () => {
    const provider = withToken();
    const requestId = randomUUID();
    const notification = creation();
    notification.requestId = requestId;
    const created = await provider.manageChannels(notification, APP, "create");
    expect(created.failed).toEqual([]);
    expect(created.sent).toMatchObject([{ bundleId: APP, "apns-request-id": requestId }]);
    const channelId = created.sent[0]?.["apns-channel-id"] ?? "";

    const read = await provider.manageChannels(new Notification({ channelId }), APP, "read");
    expect(read.sent).toMatchObject([{ "message-storage-policy": 1, "push-type": "LiveActivity" }]);
    const listed = await provider.manageChannels(new Notification({}), APP, "readAll");
    expect(listed.sent[0]?.channels).toContain(channelId);
    const deleted = await provider.manageChannels(new Notification({ channelId }), APP, "delete");
    expect([deleted.sent.length, deleted.failed]).toEqual([1, []]);
    const again = await provider.manageChannels(new Notification({ channelId }), APP, "read");
    expect(again.failed).toMatchObject([{ status: 400, response: { reason: "ChannelNotRegistered" } }]);
  });

  it("it broadcasts to one", async () => {
    const channel = service.createChannel();
    const update = new Notification({ channelId: channel.channel_id, pushType: "liveactivity", expiry: 0 });
    update.aps = { event: "update", timestamp: 1_790_000_000, "content-state": { goals: 1 } };
    const { sent, failed } = await withToken().broadcast(update, APP);
    expect(failed).toEqual([]);
    expect(sent).toMatchObject([{ bundleId: APP, "apns-request-id": expect.any(String) }]);
    expect(channel.received).toMatchObject([{ aps: { event: "update" }, priority: 10, notes: [] }]);
  });

  it("it learns what is wrong with a channel", async () => {
    const provider = withToken();
    const wrong = new Notification({ channelId: "dHN0LXNyY2gtY2hubA==", pushType: "liveactivity" });
    wrong.aps = { event: "update" };
    const broadcast = await provider.broadcast(wrong, APP);
    expect(broadcast.failed).toMatchObject([{ status: 400, response: { reason: "ChannelNotRegistered" } }]);
    const created = await provider.manageChannels(creation(7), APP, "create");
    expect(created.failed).toMatchObject([{ status: 400, response: { reason: "BadRequestPayload" } }]);
  });
});
