import { describe, expect, it } from "vitest";
import { FakeClock, ScriptedTransport } from "../../engine/support.js";
import { openProvider, TOKEN } from "./support.js";

const ACCEPTED = { status: 200, body: JSON.stringify({ name: "projects/demo/messages/1" }) };

async function open(config: object) {
  const clock = new FakeClock();
  const transport = new ScriptedTransport(clock);
  transport.decide = () => ACCEPTED;
  const credentials = { service_account: undefined, get_access_token: () => "token", project_id: "demo" };
  const provider = await openProvider({ ...credentials, ...config }, { clock, transport });
  const start_ms = clock.now();
  /** How many went out in each of the first minutes, when as many as there may be are wanted. */
  const perMinute = async (minutes: number) => {
    function* endless() {
      for (;;) yield [TOKEN, { title: "t" }] as const;
    }
    const stream = provider.streamNotifications(endless());
    const reading = (async () => {
      for await (const { success } of stream) expect(success).toBe(true);
    })();
    await clock.advance(minutes * 60_000);
    await provider.close({ timeout_seconds: 0 });
    void reading.catch(() => {});
    return Array.from(
      { length: minutes },
      (_, minute) =>
        transport.sent.filter(({ at }) => Math.floor((at - start_ms) / 60_000) === minute).length,
    );
  };
  return { provider, clock, transport, perMinute };
}

describe("quota_per_minute", () => {
  it("is what goes out in a minute, and not one more", async () => {
    const { perMinute } = await open({ quota_per_minute: 120 });
    expect(await perMinute(3)).toEqual([120, 120, 120]);
  });

  it("counts topic subscriptions too", async () => {
    const { provider, clock, transport } = await open({ quota_per_minute: 2 });
    const subscribing = provider.subscribeToTopic([TOKEN, TOKEN, TOKEN], "news", { deadline_seconds: 120 });
    await clock.advance(59_000);
    expect(transport.sent).toHaveLength(2);
    await clock.advance(3000);
    expect(await subscribing).toHaveLength(3);
    expect(transport.sent).toHaveLength(3);
    await provider.close();
  });
});

describe("ramp_up_seconds", () => {
  it("lets half of the quota out in the first minute, and all of it in the next", async () => {
    const { perMinute } = await open({ ramp_up_seconds: 60, quota_per_minute: 240 });
    const [first = 0, second = 0] = await perMinute(2);
    expect(first).toBeGreaterThanOrEqual(118);
    expect(first).toBeLessThanOrEqual(121);
    expect(second).toBeGreaterThanOrEqual(236);
    expect(second).toBeLessThanOrEqual(240);
  });

  it("leads to Google's own default where no quota is named: 10,000 a second", async () => {
    const { provider, clock, transport } = await open({ ramp_up_seconds: 600 });
    await provider.sendNotification(TOKEN, { title: "t" });
    await clock.advance(60_000);
    function* endless() {
      for (;;) yield [TOKEN, { title: "t" }] as const;
    }
    const before = transport.sent.length;
    for await (const _ of provider.streamNotifications(endless())) {
      if (transport.sent.length - before >= 1000) break;
    }
    // A tenth of the way: a second's worth is a thousand, and the line has moved on by nothing, as the clock stands still.
    expect(transport.sent.length - before).toBe(1000);
    await provider.close();
  });

  it("of 0, like none at all, is no limit", async () => {
    const { transport, provider } = await open({ ramp_up_seconds: 0 });
    const tokens = Array.from({ length: 500 }, () => TOKEN);
    expect(await provider.sendMulticastNotification(tokens, { title: "t" })).toHaveLength(500);
    expect(transport.sent).toHaveLength(500);
    await provider.close();
  });
});
