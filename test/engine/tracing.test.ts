import { AsyncLocalStorage } from "node:async_hooks";
import { channel, tracingChannel } from "node:diagnostics_channel";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { CredentialSource } from "../../src/codec.js";
import type { AttemptTrace, CredentialTrace, SendTrace } from "../../src/index.js";
import { closeAllProviders, getPushProvider } from "../../src/index.js";
import { openPlain, settle } from "./support.js";

const payload = { title: "canary-title" };
const send = tracingChannel<unknown, SendTrace>("pushmux:send");
const attempt = tracingChannel<unknown, AttemptTrace>("pushmux:attempt");
const credential = channel("pushmux:credential");

const EVENTS = ["start", "end", "asyncStart", "asyncEnd", "error"] as const;
/** Undoes what a test subscribed. */
const undo: (() => void)[] = [];

afterEach(async () => {
  for (const one of undo.splice(0)) one();
  await closeAllProviders({ timeout_seconds: 0 });
});

/** What happened, in order, each with a copy of its message as it was then. */
function listen(): { event: string; trace: SendTrace | AttemptTrace }[] {
  const heard: ReturnType<typeof listen> = [];
  for (const [name, traced] of [
    ["send", send],
    ["attempt", attempt],
  ] as const) {
    for (const event of EVENTS) {
      const hear = (message: unknown) =>
        void heard.push({ event: `${name} ${event}`, trace: { ...(message as SendTrace) } });
      traced[event].subscribe(hear);
      undo.push(() => traced[event].unsubscribe(hear));
    }
  }
  return heard;
}

describe("the tracing channels", () => {
  it("tell a notification and its attempts, from start to end", async () => {
    const heard = listen();
    const { provider, clock, transport } = await openPlain();
    transport.hold = true;
    transport.answer("canary-token", { status: 503 }, { status: 200 });
    const sending = provider.sendNotification("h/canary-token", { ...payload, message_id: "own" });
    // What is done before the first wait is over when the call returns.
    expect(heard.map(({ event }) => event)).toEqual([
      "send start",
      "attempt start",
      "attempt end",
      "send end",
    ]);
    await clock.advance(40);
    transport.release();
    await clock.advance(250);
    await clock.advance(60);
    transport.release();
    await sending;
    expect(heard.slice(4).map(({ event }) => event)).toEqual([
      ...["attempt error", "attempt asyncStart", "attempt asyncEnd"],
      ...["attempt start", "attempt end", "attempt asyncStart", "attempt asyncEnd"],
      ...["send asyncStart", "send asyncEnd"],
    ]);
    const { platform } = provider;
    const request = { platform, message_id: "own", method: "POST", origin: "https://h" };
    const of = (event: string) => heard.filter((one) => one.event === event).map(({ trace }) => trace);
    expect(of("attempt start")).toEqual([
      { ...request, attempt: 1 },
      { ...request, attempt: 2 },
    ]);
    const failed = { status_code: 503, error_code: "SERVICE_UNAVAILABLE", duration_ms: 40 };
    expect(of("attempt error")).toEqual([{ ...request, attempt: 1, ...failed }]);
    expect(of("attempt asyncEnd")).toEqual([
      { ...request, attempt: 1, ...failed },
      { ...request, attempt: 2, status_code: 200, duration_ms: 60 },
    ]);
    expect(of("send start")).toEqual([{ platform }]);
    expect(of("send asyncEnd")).toEqual([
      { platform, message_id: "own", success: true, status_code: 200, attempts: 2, duration_ms: 350 },
    ]);
    expect(JSON.stringify(heard)).not.toContain("canary");
  });

  it.each([
    ["refused by the service", "gone", { status: 410 }, "UNREGISTERED", 410],
    ["not answered", "cut", { reach: "maybe_sent" }, "NETWORK_ERROR", undefined],
    ["not allowed", "inside", { forbidden: true }, "ENDPOINT_REFUSED", undefined],
    ["ended by a bug", "bug", "throws", "INTERNAL_ERROR", undefined],
  ] as const)(
    "an attempt that is %s is an error, and so is its notification",
    async (_what, name, answer, code, status) => {
      const heard = listen();
      const { provider, transport } = await openPlain();
      transport.answer(name, answer);
      const result = await provider.sendNotification(`h/${name}`, payload);
      expect(result.error_code).toBe(code);
      const errors = heard.filter(({ event }) => event.endsWith("error"));
      expect(errors.map(({ event }) => event)).toEqual(["attempt error", "send error"]);
      expect(errors.map(({ trace }) => [trace.error_code, trace.status_code])).toEqual([
        [code, status],
        [code, status],
      ]);
      expect(heard.at(-1)).toMatchObject({
        event: "send asyncEnd",
        trace: { success: false, error_code: code },
      });
      expect(errors.some(({ trace }) => "error" in trace || "result" in trace)).toBe(false);
    },
  );

  it("a notification that is refused before it is sent has no attempt", async () => {
    const heard = listen();
    const { provider } = await openPlain();
    await provider.sendNotification("canary-token", payload);
    expect(heard.map(({ event }) => event)).toEqual([
      ...["send start", "send end", "send error", "send asyncStart", "send asyncEnd"],
    ]);
    expect(heard.at(-1)?.trace).toMatchObject({ error_code: "INVALID_TOKEN", attempts: 0, success: false });
  });

  it("one that subscribes while a notification is under way hears of its later attempts only", async () => {
    const { provider, clock, transport } = await openPlain();
    transport.answer("a", { status: 503 }, { status: 200 });
    const sending = provider.sendNotification("h/a", payload);
    await settle();
    const heard = listen();
    await clock.advance(1000);
    await sending;
    expect(heard.map(({ event }) => event)).toEqual([
      ...["attempt start", "attempt end", "attempt asyncStart", "attempt asyncEnd"],
    ]);
    expect(heard[0]?.trace).toMatchObject({ attempt: 2 });
  });

  it("makes no message when nobody listens", async () => {
    const made = [send.start, attempt.start].map((start) => vi.spyOn(start, "runStores"));
    undo.push(() => vi.restoreAllMocks());
    const { provider } = await openPlain();
    expect((await provider.sendNotification("h/a", payload)).success).toBe(true);
    for (const spy of made) expect(spy).not.toHaveBeenCalled();
    const heard = listen();
    await provider.sendNotification("h/a", payload);
    for (const spy of made) expect(spy).toHaveBeenCalledOnce();
    expect(heard.length).toBeGreaterThan(0);
  });
});

describe("the context of the caller", () => {
  const request_of = new AsyncLocalStorage<string>();
  const notification_of = new AsyncLocalStorage<string>();

  it("is seen by every attempt of its notifications, however many callers are in flight", async () => {
    // A bridge binds a span here; a text that says whose notification it is does as well.
    send.start.bindStore(notification_of, () => `notification of ${request_of.getStore()}`);
    undo.push(() => send.start.unbindStore(notification_of));
    const seen: unknown[] = [];
    const hear = (message: unknown) => {
      const { message_id, attempt: number } = message as AttemptTrace;
      seen.push([message_id.split(" ")[0], number, request_of.getStore(), notification_of.getStore()]);
    };
    const ended: unknown[] = [];
    const hearEnd = (message: unknown) => {
      ended.push([(message as SendTrace).message_id?.split(" ")[0], notification_of.getStore()]);
    };
    attempt.subscribe({ start: hear } as Parameters<typeof attempt.subscribe>[0]);
    send.subscribe({ asyncEnd: hearEnd } as Parameters<typeof send.subscribe>[0]);
    undo.push(() => void attempt.unsubscribe({ start: hear } as Parameters<typeof attempt.subscribe>[0]));
    undo.push(() => void send.unsubscribe({ asyncEnd: hearEnd } as Parameters<typeof send.subscribe>[0]));

    // Two slots for forty: most wait for a slot, which somebody else's notification frees; half are tried twice.
    const { provider, clock, transport } = await openPlain({ max_concurrency: 2 });
    const tried = new Set<string>();
    transport.decide = ({ url }) => {
      const again = url.endsWith("1") && !tried.has(url);
      tried.add(url);
      return { status: again ? 503 : 200 };
    };
    transport.hold = true;
    const notifications = (caller: string) =>
      Array.from({ length: 10 }, (_, i) => ({
        device_token: `h/${caller}-${i % 2}-${i}${i % 2}`,
        payload: { ...payload, message_id: `${caller} ${i}` },
      }));
    const sending = ["ann", "bob", "cat", "dan"].map((caller, i) =>
      request_of.run(caller, async () => {
        if (i % 2 === 0) return provider.sendBulkNotifications(notifications(caller));
        return Promise.all(
          notifications(caller).map((one) => provider.sendNotification(one.device_token, one.payload)),
        );
      }),
    );
    for (let i = 0; i < 60; i++) {
      await clock.advance(100);
      transport.release();
    }
    const results = (await Promise.all(sending)).flat();
    expect(results.filter(({ success }) => success)).toHaveLength(40);
    expect(seen).toHaveLength(60);
    for (const [owner, , request, notification] of seen as string[][]) {
      expect([request, notification]).toEqual([owner, `notification of ${owner}`]);
    }
    expect(ended).toHaveLength(40);
    for (const [owner, notification] of ended as string[][])
      expect(notification).toBe(`notification of ${owner}`);
  });
});

describe("what is no notification", () => {
  it("is told as attempts, without a send", async () => {
    const { startApnsService } = await import("../../src/testing/index.js");
    const heard = listen();
    await using service = await startApnsService();
    await using provider = await getPushProvider("apns", service.config, { force_new: true });
    const created = await provider.createChannel({ message_storage_policy: 1 });
    expect(created).toMatchObject({ success: true });
    expect(heard.map(({ event }) => event)).toEqual([
      ...["attempt start", "attempt end", "attempt asyncStart", "attempt asyncEnd"],
    ]);
    expect(heard[3]?.trace).toMatchObject({ platform: "apns", method: "POST", attempt: 1 });
  });
});

describe("the channel pushmux:credential", () => {
  function hearCredentials(): CredentialTrace[] {
    const heard: CredentialTrace[] = [];
    const hear = (message: unknown) => void heard.push(message as CredentialTrace);
    credential.subscribe(hear);
    undo.push(() => credential.unsubscribe(hear));
    return heard;
  }
  const source = (mint: CredentialSource<string>["mint"]): { credential: CredentialSource<string> } => ({
    credential: { scope: () => "canary-scope", mint, apply: (request) => request },
  });

  it("tells each credential that was made, how long that took and how long it holds", async () => {
    const heard = hearCredentials();
    const { provider, clock } = await openPlain(
      {},
      source(async (_scope, { now_ms }) => {
        await new Promise<void>((resolve) => void clock.setTimer(resolve, 80));
        return {
          ...{ id: "canary-id", value: "canary-value" },
          ...{ expires_at_ms: now_ms + 3_600_080, renew_at_ms: now_ms + 3_000_000 },
        };
      }),
    );
    const sending = [provider.sendNotification("h/a", payload), provider.sendNotification("h/b", payload)];
    await clock.advance(100);
    await Promise.all(sending);
    expect(heard).toEqual([{ platform: provider.platform, duration_ms: 80, expires_in_seconds: 3600 }]);
  });

  it("tells why none could be had, without the service's own words", async () => {
    const heard = hearCredentials();
    const { provider } = await openPlain(
      {},
      source(() => ({ verdict: "rejected", code: "AUTHENTICATION_FAILED", reason: "canary" })),
    );
    await provider.sendNotification("h/a", payload);
    expect(heard).toEqual([
      { platform: provider.platform, duration_ms: 0, error_code: "AUTHENTICATION_FAILED" },
    ]);
  });
});
