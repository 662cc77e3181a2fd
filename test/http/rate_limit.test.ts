import { describe, expect, it } from "vitest";
import { RateLimit } from "../../src/http/rate_limit.js";
import { openWorld } from "./support.js";

const TOKEN = { platform: "simulation", device_token: "a phone" };

describe("the limits", () => {
  it("3.1.test H2 five tests a minute for a device, then 429 with the time to wait; another device is not held up", async () => {
    const { ask, clock, subscriber } = await openWorld();
    const [one, other] = [await subscriber(), await subscriber()];
    const test = (subscription: object) => ask("POST test", { subscription });
    const statuses = [];
    for (let i = 0; i < 6; i++) statuses.push((await test(one.device.subscription)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    const refused = await test({ ...one.device.subscription, expirationTime: 5 });
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "12"]);
    expect((await test(other.device.subscription)).status).toBe(200);
    clock.now_ms += 12_000;
    expect((await test(one.device.subscription)).status).toBe(200);
    expect(one.device.received).toHaveLength(6);
  });

  it("subscribing, replacing and ending are counted together; acknowledging by device", async () => {
    const { ask } = await openWorld({ rate_limits: { per_device: { subscribe: 3, ack: 1 } } });
    const subscribing = ["subscribe", "resubscribe", "unsubscribe", "subscribe"];
    const statuses = [];
    for (const what of subscribing) statuses.push((await ask(`POST ${what}`, TOKEN)).status);
    expect(statuses).toEqual([201, 201, 200, 429]);
    const ack = (device_id: string) => ask("POST ack", { message_id: "m", device_id });
    expect([(await ack("a")).status, (await ack("a")).status, (await ack("b")).status]).toEqual([
      200, 429, 200,
    ]);
  });

  it("per address hold before anything is read, and for all devices behind it", async () => {
    const { ask } = await openWorld({
      client_address: (request) => request.headers.get("x-real-ip") ?? undefined,
      rate_limits: { per_address: { subscribe: 2 } },
    });
    const subscribe = (device_token: string, address: string) =>
      ask("POST subscribe", { ...TOKEN, device_token }, { "x-real-ip": address });
    const statuses = [
      (await subscribe("a", "192.0.2.1")).status,
      (await ask("POST subscribe", "{", { "x-real-ip": "192.0.2.1" })).status,
      (await subscribe("b", "192.0.2.1")).status,
      (await subscribe("c", "192.0.2.2")).status,
    ];
    expect(statuses).toEqual([201, 400, 429, 201]);
  });

  it("can be switched off", async () => {
    const { ask } = await openWorld({ rate_limits: false });
    await ask("POST subscribe", TOKEN);
    for (let i = 0; i < 10; i++) expect((await ask("POST test", TOKEN)).status).toBe(200);
  });
});

describe("a bucket", () => {
  it("fills up evenly, and to no more than a minute's worth", () => {
    let now_ms = 0;
    const limit = new RateLimit({ subscribe: 60, test: 1, ack: 0.5 }, () => now_ms);
    const takes = (count: number) => Array.from({ length: count }, () => limit.take("subscribe", "a"));
    expect(takes(61).filter((seconds) => seconds > 0)).toEqual([1]);
    now_ms += 500;
    expect(takes(1)).toEqual([1]);
    now_ms += 500;
    expect(takes(2)).toEqual([0, 1]);
    now_ms += 86_400_000;
    expect(takes(61).filter((seconds) => seconds > 0)).toEqual([1]);
    expect([limit.take("ack", "a"), limit.take("ack", "a")]).toEqual([0, 120]);
  });

  it("a clock that is set back takes nothing away", () => {
    let now_ms = 1e9;
    const limit = new RateLimit({ subscribe: 1, test: 1, ack: 1 }, () => now_ms);
    limit.take("test", "a");
    now_ms = 0;
    expect(limit.take("test", "a")).toBe(60);
    now_ms = 60_000;
    expect(limit.take("test", "a")).toBe(0);
  });

  it("those longest unused are forgotten, so that memory has an end", () => {
    const limit = new RateLimit({ subscribe: 1, test: 1, ack: 1 }, () => 0);
    limit.take("test", "first");
    limit.take("test", "second");
    for (let i = 0; i < 49_998; i++) limit.take("test", `${i}`);
    expect(limit.take("test", "first")).toBe(60);
    limit.take("test", "one more");
    expect([limit.take("test", "first"), limit.take("test", "second")]).toEqual([60, 0]);
  });
});
