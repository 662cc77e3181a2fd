import { afterEach, describe, expect, it } from "vitest";
import type { Credential, CredentialSource, Verdict } from "../../src/codec.js";
import { closeAllProviders, getPushProvider, registerProvider } from "../../src/index.js";
import { FakeClock, openPlain, plainDefinition, ScriptedTransport, settle } from "./support.js";

let serial = 0;

async function open(over: Partial<CredentialSource<string>> = {}, config: object = {}) {
  const platform = `credential_${serial++}`;
  const mints: string[] = [];
  const clock = new FakeClock();
  const credential: CredentialSource<string> = {
    scope: (target) => (target.kind === "token" ? (target.token.split("/")[0] ?? "") : ""),
    mint: (scope, { now_ms }): Credential => {
      mints.push(scope);
      const id = `generation-${mints.length}`;
      return {
        id,
        value: `secret-${mints.length}`,
        expires_at_ms: now_ms + 3_600_000,
        renew_at_ms: now_ms + 3_300_000,
      };
    },
    apply: (request, { value }) => ({ ...request, headers: { ...request.headers, authorization: value } }),
    ...over,
  };
  const healthTarget = () => ({ kind: "token" as const, token: "h/health" });
  registerProvider(plainDefinition(platform, { credential, healthTarget }));
  const transport = new ScriptedTransport(clock);
  const provider = await getPushProvider(platform, { ...config }, { clock, transport, random: () => 0 });
  return { provider, clock, transport, mints };
}

afterEach(() => closeAllProviders({ timeout_seconds: 0 }));

const payload = { title: "t" };
const authorizations = (transport: ScriptedTransport) =>
  transport.sent.map(({ request }) => request.headers.authorization);

describe("credentials", () => {
  it("W13 are made once for many who ask at once, one per scope", async () => {
    const { provider, mints } = await open({
      mint: async (scope, { now_ms }) => {
        mints.push(scope);
        await settle();
        return { id: "1", value: "s", expires_at_ms: now_ms + 1000, renew_at_ms: now_ms + 900 };
      },
    });
    const tokens = Array.from({ length: 50 }, (_, i) => `${i % 2 ? "a" : "b"}/${i}`);
    const results = await provider.sendMulticastNotification(tokens, payload);
    expect(results.every((result) => result.success)).toBe(true);
    expect(mints.sort()).toEqual(["a", "b"]);
  });

  it("are renewed before they end", async () => {
    const { provider, clock, transport } = await open();
    await provider.sendNotification("h/a", payload);
    await clock.advance(3_299_000);
    await provider.sendNotification("h/b", payload);
    await clock.advance(2_000);
    await provider.sendNotification("h/c", payload);
    expect(authorizations(transport)).toEqual(["secret-1", "secret-1", "secret-2"]);
  });

  it("are renewed once when refused, and the notification is sent again at once", async () => {
    const { provider, transport } = await open();
    transport.answer("a", { status: 401 }, { status: 200 });
    expect(await provider.sendNotification("h/a", payload)).toMatchObject({
      success: true,
      attempts: 2,
      duration_ms: 0,
    });
    expect(authorizations(transport)).toEqual(["secret-1", "secret-2"]);
  });

  it("refused again: AUTHENTICATION_FAILED after one renewal", async () => {
    const { provider, transport } = await open();
    transport.answer("a", { status: 401 });
    const result = await provider.sendNotification("h/a", payload);
    expect(result).toMatchObject({
      error_code: "AUTHENTICATION_FAILED",
      attempts: 2,
      retryable: false,
      status_code: 401,
    });
  });

  it("late refusals of an old generation renew nothing: 200 refusals, 2 credentials", async () => {
    const { provider, transport, mints } = await open({}, { max_concurrency: 200 });
    const tokens = Array.from({ length: 200 }, (_, i) => `h/${i}`);
    // An origin that answered 200 times well gets 200 at once.
    await provider.sendMulticastNotification(tokens, payload);
    transport.decide = ({ headers }) =>
      headers.authorization === "secret-1" ? { status: 401 } : { status: 200 };
    transport.hold = true;
    const sending = provider.sendMulticastNotification(tokens, payload);
    // Staggered: each refusal of the first generation comes when the second has long been made.
    for (let i = 0; i < 400; i++) {
      await settle();
      transport.release(1);
    }
    const results = await sending;
    expect(results.every((result) => result.success && result.attempts === 2)).toBe(true);
    expect(mints).toHaveLength(2);
  });

  it("a service that refuses whatever it gets costs one renewal in 30 s, not one per notification", async () => {
    const { provider, clock, transport, mints } = await open();
    transport.decide = () => ({ status: 401 });
    for (let i = 0; i < 10; i++) {
      const result = await provider.sendNotification(`h/${i}`, payload);
      expect(result).toMatchObject({ error_code: "AUTHENTICATION_FAILED", attempts: i === 0 ? 2 : 1 });
    }
    expect(mints).toHaveLength(2);
    await clock.advance(30_000);
    await provider.sendNotification("h/later", payload);
    expect(mints).toHaveLength(3);
  });

  it("a renewal that returns the refused one is AUTHENTICATION_FAILED", async () => {
    const { provider, transport } = await open({
      mint: (_scope, { now_ms }) => ({
        id: "same",
        value: "s",
        expires_at_ms: now_ms + 1000,
        renew_at_ms: now_ms + 900,
      }),
    });
    transport.answer("a", { status: 401 });
    expect(await provider.sendNotification("h/a", payload)).toMatchObject({
      error_code: "AUTHENTICATION_FAILED",
      attempts: 1,
    });
  });

  it("whoever makes a new one is told which one was refused", async () => {
    const refused: (string | undefined)[] = [];
    const { provider, transport } = await open({
      mint: (_scope, { now_ms, refused_id }) => {
        refused.push(refused_id);
        const id = `generation-${refused.length}`;
        return { id, value: "s", expires_at_ms: now_ms + 3_600_000, renew_at_ms: now_ms + 3_300_000 };
      },
    });
    transport.answer("a", { status: 401 }, { status: 200 });
    await provider.sendNotification("h/a", payload);
    expect(refused).toEqual([undefined, "generation-1"]);
  });

  it("are not renewed sooner than the service allows", async () => {
    const { provider, transport, mints } = await open({
      mint: (_scope, { now_ms }) => {
        mints.push("x");
        return {
          id: String(mints.length),
          value: "s",
          expires_at_ms: now_ms + 9e6,
          renew_at_ms: now_ms + 9e6,
          renew_not_before_ms: now_ms + 3.6e6,
        };
      },
    });
    transport.answer("a", { status: 401 });
    expect(await provider.sendNotification("h/a", payload)).toMatchObject({
      error_code: "AUTHENTICATION_FAILED",
      attempts: 1,
    });
    expect(mints).toHaveLength(1);
  });

  it("that are refused at their source fail the notification without an attempt, and are not asked for again for 30 s", async () => {
    let asked = 0;
    const refusal: Verdict = { verdict: "rejected", code: "AUTHENTICATION_FAILED", reason: "invalid_client" };
    const { provider, clock, transport } = await open({
      mint: () => {
        asked++;
        return refusal;
      },
    });
    expect(await provider.sendNotification("h/a", payload)).toMatchObject({
      error_code: "AUTHENTICATION_FAILED",
      attempts: 0,
      reason: "invalid_client",
    });
    await provider.sendNotification("h/b", payload);
    expect(asked).toBe(1);
    await clock.advance(31_000);
    await provider.sendNotification("h/c", payload);
    expect(asked).toBe(2);
    expect(transport.sent).toHaveLength(0);
  });

  it("that cannot be had for now are tried again in time", async () => {
    let asked = 0;
    const { provider, clock } = await open({
      mint: (_scope, { now_ms }) =>
        ++asked < 3
          ? { verdict: "retry", code: "SERVICE_UNAVAILABLE", reason: "down", scope: "sender" }
          : { id: "1", value: "s", expires_at_ms: now_ms + 1000, renew_at_ms: now_ms + 900 },
    });
    const sending = provider.sendNotification("h/a", payload);
    await clock.advance(5000);
    expect(await sending).toMatchObject({ success: true, attempts: 1 });
  });

  it("whose source never answers hold nobody beyond the deadline", async () => {
    const { provider, clock } = await open({ mint: () => new Promise(() => {}) }, { deadline_seconds: 5 });
    const sending = provider.sendNotification("h/a", payload);
    await clock.advance(5000);
    expect(await sending).toMatchObject({ error_code: "TIMEOUT", attempts: 0 });
  });

  it("F6 healthCheck says whether they can be had, and sends nothing", async () => {
    const good = await open();
    expect(await good.provider.healthCheck()).toMatchObject({
      status: "healthy",
      platform: good.provider.platform,
      checks: [
        { name: "open", status: "passed" },
        { name: "credentials", status: "passed" },
      ],
    });
    expect(good.transport.sent).toHaveLength(0);
    const bad = await open({
      mint: () => ({ verdict: "rejected", code: "AUTHENTICATION_FAILED", reason: "no" }),
    });
    expect(await bad.provider.healthCheck()).toMatchObject({ status: "unhealthy" });
  });

  it("are masked in a dry run, also where a codec writes them itself", async () => {
    const own = await openPlain(
      {},
      { encode: () => ({ method: "POST", url: "https://h/a", headers: { authorization: "canary" } }) },
    );
    const shown = await own.provider.sendNotification("h/a", payload, { dry_run: true });
    expect(shown.request?.headers).toEqual({ authorization: "[masked]" });

    const { provider, transport } = await open();
    const result = await provider.sendNotification("h/a", payload, { dry_run: true });
    expect(result).toMatchObject({
      success: true,
      dry_run: true,
      attempts: 0,
      request: { method: "POST", url: "https://h/a", body: "t", body_encoding: "utf8" },
    });
    expect(result.request?.headers.authorization).toBe("[masked]");
    expect(transport.sent).toHaveLength(0);
  });

  it("that cannot be renewed are used until they end: an old one is better than none", async () => {
    let mints = 0;
    const { provider, clock, transport } = await open({
      mint: (_scope, { now_ms }) =>
        mints++ === 0
          ? { id: "1", value: "old", expires_at_ms: now_ms + 60_000, renew_at_ms: now_ms + 30_000 }
          : { verdict: "rejected", code: "AUTHENTICATION_FAILED", reason: "no" },
    });
    await provider.sendNotification("h/a", payload);
    await clock.advance(40_000);
    expect((await provider.sendNotification("h/b", payload)).success).toBe(true);
    await clock.advance(30_000);
    expect(await provider.sendNotification("h/c", payload)).toMatchObject({
      error_code: "AUTHENTICATION_FAILED",
      attempts: 0,
    });
    expect(authorizations(transport)).toEqual(["old", "old"]);
  });

  it("are asked for under a signal that ends with the attempt's timeout", async () => {
    let ended = false;
    const mint: CredentialSource<string>["mint"] = (_scope, { signal }) =>
      new Promise((resolve) =>
        signal.addEventListener("abort", () => {
          ended = true;
          resolve({ verdict: "rejected", code: "AUTHENTICATION_FAILED", reason: "too slow" });
        }),
      );
    const { provider, clock } = await open({ mint }, { timeout_seconds: 5 });
    const sending = provider.sendNotification("h/a", payload);
    await clock.advance(5000);
    expect(await sending).toMatchObject({ error_code: "AUTHENTICATION_FAILED", attempts: 0 });
    expect(ended).toBe(true);
  });

  it("are kept for a thousand scopes: strangers can name as many as they like", async () => {
    const { provider, mints } = await open();
    await provider.sendNotification("first/a", payload);
    await provider.sendMulticastNotification(
      Array.from({ length: 1000 }, (_, i) => `host-${i}/a`),
      payload,
    );
    await provider.sendNotification("first/b", payload);
    expect(mints.filter((scope) => scope === "first")).toHaveLength(2);
  });
});
