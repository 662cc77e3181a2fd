import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PushNotificationPayload, PushNotificationResult } from "../../../src/index.js";
import { deepFreeze } from "../../conformance/support.js";
import type { Answer } from "../../engine/support.js";
import { openApns, TOKEN } from "./support.js";

const path = `3/device/${TOKEN}`;
const refusal = (status: number, reason: string, more: object = {}): Answer => ({
  status,
  body: JSON.stringify({ reason, ...more }),
});
const ok: Answer = { status: 200, headers: { "apns-id": "eabeae54-14a8-11e5-b60b-1697f925ec7b" } };

let opened: Awaited<ReturnType<typeof openApns>>;
beforeEach(async () => {
  opened = await openApns();
});
afterEach(() => opened.provider.close());

/** Sends, and lets `seconds` pass. */
async function send(
  payload: PushNotificationPayload = { title: "t" },
  seconds = 59,
): Promise<PushNotificationResult> {
  const { provider, clock } = opened;
  const result = provider.sendNotification(TOKEN, payload as never);
  await clock.advance(seconds * 1000);
  return result;
}
const script = (...answers: Answer[]) => opened.transport.answer(path, ...answers);
const bodies = () => opened.transport.sent.map(({ request }) => JSON.parse(String(request.body)));

describe("what becomes of a notification", () => {
  it("1.11 2.apns R18 accepted: Apple's id and ours are in the result", async () => {
    script(ok);
    const result = await send();
    expect(result).toMatchObject({
      success: true,
      platform: "apns",
      device_token: TOKEN,
      service_message_id: "eabeae54-14a8-11e5-b60b-1697f925ec7b",
      status_code: 200,
      warnings: [],
    });
    expect(result.message).toMatch(/sent successfully/);
    expect(opened.transport.sent[0]?.request.headers["apns-id"]).toBe(result.message_id);
  });

  it("1.11 2.apns 410: the token is dead, since when is told", async () => {
    script(refusal(410, "Unregistered", { timestamp: 1_790_000_000_000 }));
    expect(await send()).toMatchObject({
      error_code: "UNREGISTERED",
      reason: "Unregistered",
      remove_token: true,
      retryable: false,
      unregistered_at: "2026-09-21T14:13:20.000Z",
      message: expect.stringContaining("inactive"),
      attempts: 1,
    });
  });

  it("A5 BadDeviceToken does not kill the token: it may be the environment that is wrong", async () => {
    script(refusal(400, "BadDeviceToken"));
    expect(await send()).toMatchObject({
      error_code: "INVALID_TOKEN",
      remove_token: false,
      message: expect.stringContaining("production environment"),
      attempts: 1,
    });
  });

  it("A3 no answer is TIMEOUT, a lost connection NETWORK_ERROR", async () => {
    script("never");
    expect(await send()).toMatchObject({ error_code: "TIMEOUT", may_have_been_sent: true, attempts: 1 });
    script({ reach: "maybe_sent" });
    expect(await send()).toMatchObject({
      error_code: "NETWORK_ERROR",
      may_have_been_sent: true,
      attempts: 1,
    });
  });

  it("an alert with a collapse id is sent again when it got no answer, under the same apns-id", async () => {
    script({ reach: "maybe_sent" }, ok);
    const result = await send({ title: "t", collapse_key: "score" });
    expect(result).toMatchObject({ success: true, attempts: 2, warnings: [{ type: "possible_duplicate" }] });
    const [first, second] = opened.transport.sent.map(({ request }) => request);
    expect(second).toEqual(first);
    expect(first?.headers["apns-collapse-id"]).toBe("score");
  });

  it("the same notification, apns-id and expiration goes out on every attempt", async () => {
    script(refusal(503, "ServiceUnavailable"), refusal(500, "InternalServerError"), ok);
    expect(await send({ title: "t", ttl_seconds: 40 })).toMatchObject({ success: true, attempts: 3 });
    const requests = opened.transport.sent.map(({ request }) => request);
    expect(new Set(requests.map(({ headers }) => headers["apns-id"])).size).toBe(1);
    expect(new Set(requests.map(({ headers }) => headers["apns-expiration"])).size).toBe(1);
    expect(new Set(requests.map(({ body }) => body)).size).toBe(1);
  });

  it("R5 a final answer after a retryable one is final", async () => {
    script(refusal(503, "ServiceUnavailable"), refusal(400, "BadTopic"), ok);
    expect(await send()).toMatchObject({
      error_code: "AUTHENTICATION_FAILED",
      reason: "BadTopic",
      attempts: 2,
    });
  });

  it.each([
    [400, "IdleTimeout"],
    [503, "Shutdown"],
  ])("%d %s is tried again", async (status, reason) => {
    script(refusal(status, reason), ok);
    expect(await send()).toMatchObject({ success: true, attempts: 2 });
  });

  it("429 TooManyProviderTokenUpdates waits ten seconds and keeps its token", async () => {
    script(refusal(429, "TooManyProviderTokenUpdates"), ok);
    expect(await send()).toMatchObject({ success: true, attempts: 2 });
    const [first, second] = opened.transport.sent;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(10_000);
    expect(second?.request.headers.authorization).toBe(first?.request.headers.authorization);
  });

  it("UnrelatedKeyIdInToken is tried once more and then final", async () => {
    script(refusal(403, "UnrelatedKeyIdInToken"));
    expect(await send()).toMatchObject({
      error_code: "AUTHENTICATION_FAILED",
      reason: "UnrelatedKeyIdInToken",
      attempts: 2,
    });
  });

  it.each(["UnrelatedKeyIdInToken", "Shutdown", "IdleTimeout", "ExpiredProviderToken"])(
    "%s takes the connection out of use",
    async (reason) => {
      let retired = 0;
      const { transport } = opened;
      const plain = transport.send.bind(transport);
      transport.send = async (...args) => {
        const outcome = await plain(...args);
        return outcome.outcome === "response" ? { ...outcome, retire: () => retired++ } : outcome;
      };
      script(refusal(reason === "Shutdown" ? 503 : 403, reason), ok);
      await send();
      expect(retired).toBe(1);
    },
  );

  it("R15 ttl_seconds 0 stays 0, and R13 a lifetime is told in UNIX seconds", async () => {
    const now = opened.clock.now() / 1000;
    await send({ title: "t", ttl_seconds: 0 }, 0);
    await send({ title: "t", ttl_seconds: 3600 }, 0);
    await send({ title: "t" }, 0);
    expect(opened.transport.sent.map(({ request }) => request.headers["apns-expiration"])).toEqual([
      "0",
      String(now + 3600),
      String(now + 300),
    ]);
  });

  it("R13 a lifetime above Apple's 30 days is cut, with a warning", async () => {
    const now = opened.clock.now() / 1000;
    const result = await send({ title: "t", ttl_seconds: 40 * 86_400 });
    expect(result.warnings).toMatchObject([{ type: "ttl_clamped" }]);
    expect(opened.transport.sent[0]?.request.headers["apns-expiration"]).toBe(String(now + 30 * 86_400));
  });
});

describe("platform_data", () => {
  it("1.11 flat keys are read, and apns and its aliases as namespaces over them", async () => {
    await send({
      title: "t",
      platform_data: { badge: 1, sound: "a", content_available: true, category: "C", apns: { badge: 2 } },
    });
    await send({ title: "t", platform_data: { thread_id: "x", apns_macos: { thread_id: "y" } } });
    expect(bodies()).toEqual([
      { aps: { alert: { title: "t" }, badge: 2, sound: "a", "content-available": 1, category: "C" } },
      { aps: { alert: { title: "t" }, sound: "default", "thread-id": "y" } },
    ]);
  });

  it("another platform's keys are warned of, nobody's are refused with the nearest name", async () => {
    const warned = await send({
      title: "t",
      platform_data: { badge: "https://a/b.png", requireInteraction: true },
    });
    expect(warned).toMatchObject({ success: true });
    expect(warned.warnings.map(({ field }) => field)).toEqual([
      "platform_data.badge",
      "platform_data.requireInteraction",
    ]);
    const refused = await send({ title: "t", platform_data: { apns: { thred_id: "x" } } });
    expect(refused).toMatchObject({
      error_code: "PAYLOAD_INVALID",
      message: expect.stringMatching(/thread_id/),
    });
  });

  it("R14 the payload may be frozen: nothing of it is changed", async () => {
    const payload = deepFreeze({
      title: "t",
      data: { a: { b: 1 } },
      platform_data: { apns: { payload: { a: { c: 2 } }, aps: { alert: { subtitle: "s" } } } },
    });
    expect(await send(payload)).toMatchObject({ success: true });
    expect(bodies()[0]).toMatchObject({ a: { b: 1, c: 2 }, aps: { alert: { title: "t", subtitle: "s" } } });
  });

  it("null is the same as absent", async () => {
    await send({
      title: "t",
      badge: null,
      platform_data: { apns: { badge: null, sound: null }, category: null },
    });
    expect(bodies()).toEqual([{ aps: { alert: { title: "t" }, sound: "default" } }]);
  });
});

describe("a dry run", () => {
  it("shows the request with its authorization masked", async () => {
    const result = await opened.provider.sendNotification(TOKEN, { title: "t" }, { dry_run: true });
    expect(result).toMatchObject({
      success: true,
      dry_run: true,
      attempts: 0,
      request: {
        method: "POST",
        url: `https://api.push.apple.com/${path}`,
        headers: { authorization: "[masked]", "apns-topic": "com.example.MyApp" },
        body: '{"aps":{"alert":{"title":"t"},"sound":"default"}}',
        body_encoding: "utf8",
      },
    });
    expect(opened.transport.sent).toEqual([]);
  });
});
