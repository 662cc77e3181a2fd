import { describe, expect, it, vi } from "vitest";
import { settle } from "../../engine/support.js";
import { apns, error, fcm, info, quota } from "./error_bodies.js";
import { TOKEN } from "./support.js";
import { ACCEPTED, answerOf, bearers, openWire, type Wire } from "./wire.js";

const HOUR_MS = 3_600_000;
const expired = answerOf(401, error(401, "UNAUTHENTICATED", "no", info("ACCESS_TOKEN_EXPIRED")));
const unavailable = answerOf(503, error(503, "UNAVAILABLE", "no", fcm("UNAVAILABLE")));

const send = (wire: Wire, token: unknown = TOKEN) =>
  wire.provider.sendNotification(token, { title: "Hello" });

describe("credentials", () => {
  it("C2 50 messages at once share one token, and so do later ones", async () => {
    const wire = await openWire();
    await wire.provider.sendMulticastNotification(
      Array.from({ length: 50 }, (_, i) => `token-${i}`),
      { title: "t" },
    );
    await send(wire);
    expect(wire.minted).toHaveLength(1);
    expect(new Set(bearers(wire))).toEqual(new Set(["token-1"]));
    await wire.provider.close();
  });

  it("C2 2.fcm it is renewed five minutes before its end, not sooner", async () => {
    const wire = await openWire();
    await send(wire);
    wire.clock.time += HOUR_MS - 300_001;
    await send(wire);
    wire.clock.time += 1;
    await send(wire);
    expect(bearers(wire)).toEqual(["token-1", "token-1", "token-2"]);
    await wire.provider.close();
  });

  it("C2 a refused one is renewed once, and the message goes again", async () => {
    const wire = await openWire();
    wire.answer = () => (wire.sent.length === 1 ? expired : ACCEPTED);
    expect(await send(wire)).toMatchObject({ success: true, attempts: 2 });
    expect(bearers(wire)).toEqual(["token-1", "token-2"]);
    await wire.provider.close();
  });

  it("C2 2.fcm a new one that is refused too is the end", async () => {
    const wire = await openWire();
    wire.answer = () => expired;
    expect(await send(wire)).toMatchObject({
      success: false,
      error_code: "AUTHENTICATION_FAILED",
      reason: "ACCESS_TOKEN_EXPIRED",
      attempts: 2,
      remove_token: false,
    });
    expect(wire.minted).toHaveLength(2);
    await wire.provider.close();
  });

  it("C1 an error with Apple's credentials renews nothing and removes no token", async () => {
    const wire = await openWire();
    const third_party = [fcm("THIRD_PARTY_AUTH_ERROR"), apns(403, "InvalidProviderToken")];
    wire.answer = () => answerOf(401, error(401, "UNAUTHENTICATED", "no", ...third_party));
    expect(await send(wire)).toMatchObject({
      error_code: "AUTHENTICATION_FAILED",
      reason: "THIRD_PARTY_AUTH_ERROR",
      attempts: 1,
      remove_token: false,
    });
    expect(wire.minted).toHaveLength(1);
    await wire.provider.close();
  });

  const supplied = (get_access_token: () => unknown, config: object = {}) =>
    openWire({ service_account: undefined, project_id: "p", get_access_token, ...config });

  it("a supplier that gives the refused token again is AUTHENTICATION_FAILED", async () => {
    const get_access_token = vi.fn(async () => "same-again");
    const wire = await supplied(get_access_token);
    wire.answer = () => expired;
    expect(await send(wire)).toMatchObject({ error_code: "AUTHENTICATION_FAILED", attempts: 1 });
    expect(get_access_token).toHaveBeenCalledTimes(2);
    await wire.provider.close();
  });

  it("a supplier is asked at once for another when its token was refused", async () => {
    let count = 0;
    const wire = await supplied(async () => ({ access_token: `own-${++count}`, expires_in: 3600 }));
    wire.answer = ({ headers }) => (headers.authorization === "Bearer own-1" ? expired : ACCEPTED);
    expect(await send(wire)).toMatchObject({ success: true });
    expect(bearers(wire)).toEqual(["own-1", "own-2"]);
    await wire.provider.close();
  });

  it("C6 a supplier that throws or hangs costs a result, never a rejection", async () => {
    const throwing = await supplied(() => {
      throw new Error("no");
    });
    const failed = send(throwing);
    await throwing.clock.advance(60_000);
    expect(await failed).toMatchObject({ error_code: "AUTHENTICATION_FAILED", attempts: 0 });
    const hanging = await supplied(() => new Promise(() => {}), { deadline_seconds: 5 });
    const stuck = send(hanging);
    await hanging.clock.advance(5000);
    expect(await stuck).toMatchObject({ error_code: "TIMEOUT", attempts: 0 });
    await Promise.all([throwing.provider.close(), hanging.provider.close()]);
  });

  it("the health check proves that a token can be had, and sends nothing", async () => {
    const good = await openWire();
    expect(await good.provider.healthCheck()).toMatchObject({ status: "healthy", platform: "fcm" });
    expect(good.minted).toHaveLength(1);
    expect(good.sent).toEqual([]);
    const bad = await supplied(() => undefined);
    expect(await bad.provider.healthCheck()).toMatchObject({ status: "unhealthy" });
    await Promise.all([good.provider.close(), bad.provider.close()]);
  });
});

/** When each request left, in seconds after the first. */
async function times(answer: Wire["answer"], config: object = {}) {
  const wire = await openWire({ deadline_seconds: 600, ttl_seconds: 3600, ...config });
  const at: number[] = [];
  const start = wire.clock.time;
  wire.answer = (request) => {
    at.push((wire.clock.time - start) / 1000);
    return answer(request);
  };
  const sending = send(wire);
  await wire.clock.advance(600_000);
  await settle();
  const result = await sending;
  await wire.provider.close();
  return { at, result };
}

describe("retries", () => {
  it("C6 no answer in time is a TIMEOUT, in words, and may have been sent", async () => {
    const wire = await openWire({ timeout_seconds: 20 });
    wire.answer = () => "never";
    const sending = send(wire);
    await wire.clock.advance(20_000);
    expect(await sending).toMatchObject({
      error_code: "TIMEOUT",
      message: "The service did not answer in time.",
      may_have_been_sent: true,
      attempts: 1,
    });
    await wire.provider.close();
  });

  it("C8 2.fcm a 5xx waits ten seconds at least each time, and ends as SERVICE_UNAVAILABLE", async () => {
    const { at, result } = await times(() => unavailable);
    expect(at).toEqual([0, 10, 20, 30]);
    expect(result).toMatchObject({ error_code: "SERVICE_UNAVAILABLE", retryable: true, attempts: 4 });
  });

  it("C8 a 429 without a time waits a minute", async () => {
    const answer = answerOf(
      429,
      error(429, "RESOURCE_EXHAUSTED", "no", fcm("QUOTA_EXCEEDED"), quota("project:p", "")),
    );
    const { at, result } = await times(() => answer);
    expect(at).toEqual([0, 60, 120, 180]);
    expect(result).toMatchObject({ error_code: "RATE_LIMITED", reason: "QUOTA_EXCEEDED", retryable: true });
  });

  it("C8 with a time it waits just that, and tells the caller of it", async () => {
    const { at, result } = await times(() => answerOf(503, "", { "retry-after": "2" }));
    expect(at).toEqual([0, 2, 4, 6]);
    expect(result).toMatchObject({ retry_after: 2 });
  });

  it("UNSPECIFIED_ERROR is tried once more", async () => {
    const { at, result } = await times(() =>
      answerOf(400, error(400, "INVALID_ARGUMENT", "no", fcm("UNSPECIFIED_ERROR"))),
    );
    expect(at).toEqual([0, 0]);
    expect(result).toMatchObject({ error_code: "SERVICE_UNAVAILABLE", attempts: 2 });
  });

  it("C1 a dead token is told at once, and only then", async () => {
    const gone = await times(() => answerOf(404, error(404, "NOT_FOUND", "no", fcm("UNREGISTERED"))));
    expect(gone.result).toMatchObject({ error_code: "UNREGISTERED", remove_token: true, attempts: 1 });
    const lost = await times(() => answerOf(404, error(404, "NOT_FOUND", "no")));
    expect(lost.result).toMatchObject({
      error_code: "AUTHENTICATION_FAILED",
      remove_token: false,
      attempts: 1,
    });
  });

  it.each([
    ["without a tag is not repeated", {}, 1],
    ["with a collapse key is not repeated", { collapse_key: "k" }, 1],
    ["with a tag is repeated: the second copy replaces the first", { tag: "t" }, 2],
  ])("a message that got no answer and %s", async (_what, fields, requests) => {
    const wire = await openWire();
    wire.answer = () => (wire.sent.length === 1 ? { reach: "maybe_sent" } : ACCEPTED);
    const sending = wire.provider.sendNotification(TOKEN, { title: "t", ...fields });
    await wire.clock.advance(60_000);
    const result = await sending;
    expect(wire.sent).toHaveLength(requests);
    expect(result.success).toBe(requests === 2);
    await wire.provider.close();
  });
});
