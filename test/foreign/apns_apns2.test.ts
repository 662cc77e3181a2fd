/**
 * `apns2`, which nobody here wrote, sends through its own code to the APNs emulator. It knows no port but 443 and no
 * authority but the public ones, so its connections are led here; what it sends, and what it makes of the answers, is its
 * own.
 */
import { randomUUID } from "node:crypto";
import tls from "node:tls";
import { ApnsClient, ApnsError, Errors, Notification, Priority, PushType, SilentNotification } from "apns2";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type ApnsService, startApnsService } from "../../src/testing/index.js";

const APP = "org.example.app";
const { connect } = tls;

let service: ApnsService;
const clients: ApnsClient[] = [];
beforeAll(async () => {
  service = await startApnsService();
  const redirected = (options: tls.ConnectionOptions) =>
    connect({ ...options, host: "localhost", servername: "localhost", port: service.port, ca: service.ca });
  tls.connect = redirected as typeof tls.connect;
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.destroy()));
  service.clearFaults();
  service.clearReceived();
});
afterAll(async () => {
  tls.connect = connect;
  await service.close();
});

function open(signingKey = service.config.auth_key): ApnsClient {
  const { team_id, key_id } = service.config;
  const client = new ApnsClient({ team: team_id, keyId: key_id, signingKey, defaultTopic: APP });
  clients.push(client);
  return client;
}

/** What it rejects with. */
async function failure(sending: Promise<unknown>): Promise<ApnsError> {
  const error = await sending.then(() => undefined).catch((reason: unknown) => reason);
  if (error instanceof ApnsError) return error;
  throw new Error("no ApnsError", { cause: error });
}

describe("it sends", () => {
  it("an alert with all that it knows", async () => {
    const device = service.createDevice();
    const notification = new Notification(device.device_token, {
      alert: { title: "Order 42", body: "Grüße" },
      badge: 3,
      sound: "default",
      collapseId: "order-42",
      expiration: 1_900_000_000,
      priority: Priority.throttled,
      data: { order: "42" },
    });
    expect(await open().send(notification)).toBe(notification);
    expect(device.received).toMatchObject([
      {
        topic: APP,
        push_type: "alert",
        priority: 5,
        expiration: 1_900_000_000,
        collapse_id: "order-42",
        payload: {
          order: "42",
          aps: { alert: { title: "Order 42", body: "Grüße" }, badge: 3, sound: "default" },
        },
        notes: [],
      },
    ]);
  });

  it("a silent one, and one for a Live Activity", async () => {
    const client = open();
    const device = service.createDevice();
    await client.send(new SilentNotification(device.device_token));
    expect(device.received).toMatchObject([{ push_type: "background", priority: 5, notes: [] }]);
    const activity = service.createDevice({ push_type: "liveactivity" });
    const aps = { event: "update", timestamp: 1_790_000_000, "content-state": { goals: 1 } };
    const topic = `${APP}.push-type.liveactivity`;
    await client.send(new Notification(activity.device_token, { aps, topic, type: PushType.liveactivity }));
    expect(activity.received).toMatchObject([{ aps, notes: [] }]);
  });

  it("many at once", async () => {
    const devices = Array.from({ length: 100 }, () => service.createDevice());
    const results = await open().sendMany(
      devices.map(({ device_token }) => new Notification(device_token, { alert: randomUUID() })),
    );
    expect(results.filter((result) => "error" in result)).toEqual([]);
    expect(devices.every(({ received }) => received.length === 1)).toBe(true);
  });
});

describe("it learns", () => {
  it("that a token is bad", async () => {
    const error = await failure(open().send(new Notification("ab".repeat(32), { alert: "x" })));
    expect([error.statusCode, error.reason]).toEqual([400, Errors.badDeviceToken]);
  });

  it("that a device is gone, and since when", async () => {
    const device = service.createDevice();
    device.unregister();
    const error = await failure(open().send(new Notification(device.device_token, { alert: "x" })));
    expect([error.statusCode, error.reason]).toEqual([410, Errors.unregistered]);
    expect(Math.abs(Number(error.timestamp) - Date.now())).toBeLessThan(10_000);
  });

  it("that its key is not the team's", async () => {
    const client = open(service.createKey().auth_key);
    const error = await failure(
      client.send(new Notification(service.createDevice().device_token, { alert: "x" })),
    );
    expect([error.statusCode, error.reason]).toEqual([403, Errors.invalidProviderToken]);
  });

  it("that its token has expired; the next push has a new one", async () => {
    const client = open();
    const push = () => client.send(new Notification(service.createDevice().device_token, { alert: "x" }));
    await push();
    service.fault("expired_credentials");
    expect((await failure(push())).reason).toBe(Errors.expiredProviderToken);
    await push();
    expect(service.received.map(({ status }) => status)).toEqual([200, 403, 200]);
  });
});
