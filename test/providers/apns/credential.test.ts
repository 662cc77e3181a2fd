import { createPrivateKey, createPublicKey } from "node:crypto";
import { jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { createTokens, type TokenIdentity } from "../../../providers/apns/credential.js";
import type { Credential } from "../../../src/codec.js";
import { FakeClock } from "../../engine/support.js";
import { CONFIG, newKey, openApns, openCodec, TOKEN } from "./support.js";

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 20, 12);
const identity = (): TokenIdentity => ({
  kind: "token",
  team_id: "DEF123GHIJ",
  key_id: "ABC123DEFG",
  key: createPrivateKey(newKey()),
});

function mint(source: ReturnType<typeof createTokens>, now_ms: number, refused_id?: string): Credential {
  const context = { now_ms, signal: new AbortController().signal, refused_id, fetch: unreachable };
  return source.mint("", context) as Credential;
}
const unreachable = () => Promise.reject(new Error("a token is signed here, not fetched"));

/** The tokens that were sent, one for each request. */
const sentTokens = (transport: Awaited<ReturnType<typeof openApns>>["transport"]) =>
  transport.sent.map(({ request }) => request.headers.authorization);

const path = `3/device/${TOKEN}`;
const EXPIRED = { status: 403, body: '{"reason":"ExpiredProviderToken"}' };
const ok = { status: 200 };
const title = { title: "t" };

describe("a provider token", () => {
  it("1.11 2.apns is ES256 in JOSE form, with alg and kid, iss and iat and nothing else", async () => {
    const sender = identity();
    const { value } = mint(createTokens(sender), START + 999);
    expect(value).toMatch(/^bearer /);
    const verified = await jwtVerify(value.slice(7), createPublicKey(sender.key), {
      currentDate: new Date(START),
      issuer: "DEF123GHIJ",
      algorithms: ["ES256"],
    });
    expect(verified.protectedHeader).toEqual({ alg: "ES256", kid: "ABC123DEFG" });
    expect(verified.payload).toEqual({ iss: "DEF123GHIJ", iat: START / 1000 });
    expect(Buffer.from(value.split(".")[2] ?? "", "base64url")).toHaveLength(64);
  });

  it("goes into the authorization header, and changes nothing else", () => {
    const source = createTokens(identity());
    const request = { method: "POST", url: "https://a", headers: { "apns-topic": "t" }, body: "b" };
    const credential = mint(source, START);
    expect(source.apply(request, credential)).toEqual({
      ...request,
      headers: { "apns-topic": "t", authorization: credential.value },
    });
    expect(request.headers).not.toHaveProperty("authorization");
  });

  it("is the same for every recipient", async () => {
    const { credential } = await openCodec();
    expect(credential?.scope({ kind: "token", token: "a" })).toBe(
      credential?.scope({ kind: "channel", value: "b" }),
    );
  });

  it("is renewed after 50 minutes and not before, and holds for 55", () => {
    const source = createTokens(identity());
    const first = mint(source, START);
    expect(first).toMatchObject({ renew_at_ms: START + 50 * MINUTE, expires_at_ms: START + 55 * MINUTE });
    expect(first).not.toHaveProperty("renew_not_before_ms");
    for (const minutes of [0, 19, 21, 49.99]) expect(mint(source, START + minutes * MINUTE)).toBe(first);
    const second = mint(source, START + 50 * MINUTE);
    expect(second.id).not.toBe(first.id);
    expect(second).not.toHaveProperty("renew_not_before_ms");
  });

  it("that was refused is replaced whatever its age, by one that is left alone for 20 minutes", () => {
    const source = createTokens(identity());
    const first = mint(source, START);
    const second = mint(source, START + 1, first.id);
    expect(second.id).not.toBe(first.id);
    expect(second.renew_not_before_ms).toBe(START + 1 + 20 * MINUTE);
    // Late refusals of the first one, by whoever still held it, bring the second.
    expect(mint(source, START + 2, first.id)).toBe(second);
    expect(mint(source, START + 3)).toBe(second);
  });

  it("from the future is replaced: the clock was set back", () => {
    const source = createTokens(identity());
    const first = mint(source, START);
    expect(mint(source, START - 1).id).not.toBe(first.id);
  });

  it("is one for a key in a process, and another for another key, key id or team", () => {
    const sender = identity();
    const first = mint(createTokens(sender), START);
    expect(mint(createTokens({ ...sender }), START)).toBe(first);
    const others = [
      identity(),
      { ...sender, key_id: "ABC123DEFH" },
      { ...sender, team_id: "DEF123GHIK" },
    ].map((other) => mint(createTokens(other), START).value);
    expect(new Set([first.value, ...others]).size).toBe(4);
  });
});

describe("in a provider", () => {
  it("2.apns one token serves an hour less ten minutes, then the next", async () => {
    const { provider, transport, clock } = await openApns({ auth_key: newKey() });
    for (const minutes of [0, 20, 29, 1]) {
      await clock.advance(minutes * MINUTE);
      await provider.sendNotification(TOKEN, title);
    }
    const [first, second, third, fourth] = sentTokens(transport);
    expect([second, third]).toEqual([first, first]);
    expect(fourth).not.toBe(first);
    await provider.close();
  });

  it("R20 two providers with the same key share one token, with another key they do not", async () => {
    const clock = new FakeClock();
    const auth_key = newKey();
    const same = [await openApns({ auth_key }, CONFIG, clock), await openApns({ auth_key }, CONFIG, clock)];
    const other = await openApns({ auth_key: newKey() }, CONFIG, clock);
    for (const { provider } of [...same, other]) await provider.sendNotification(TOKEN, title);
    const [one, two, three] = [...same, other].flatMap(({ transport }) => sentTokens(transport));
    expect(two).toBe(one);
    expect(three).not.toBe(one);
    // It outlives them.
    await Promise.all([...same, other].map(({ provider }) => provider.close()));
    const later = await openApns({ auth_key }, CONFIG, clock);
    await later.provider.sendNotification(TOKEN, title);
    expect(sentTokens(later.transport)).toEqual([one]);
    await later.provider.close();
  });

  it("A5 ExpiredProviderToken renews it once, however young it is", async () => {
    const { provider, transport } = await openApns({ auth_key: newKey() });
    transport.answer(path, EXPIRED, ok);
    expect(await provider.sendNotification(TOKEN, title)).toMatchObject({ success: true, attempts: 2 });
    const [first, second] = sentTokens(transport);
    expect(second).not.toBe(first);
    await provider.close();
  });

  it("a second ExpiredProviderToken within 20 minutes is the end: Apple punishes those who change theirs often", async () => {
    const { provider, transport, clock } = await openApns({ auth_key: newKey() });
    transport.answer(path, EXPIRED);
    expect(await provider.sendNotification(TOKEN, title)).toMatchObject({
      error_code: "AUTHENTICATION_FAILED",
      reason: "ExpiredProviderToken",
      attempts: 2,
    });
    await clock.advance(19 * MINUTE);
    expect(await provider.sendNotification(TOKEN, title)).toMatchObject({ attempts: 1 });
    expect(new Set(sentTokens(transport)).size).toBe(2);
    await clock.advance(2 * MINUTE);
    transport.answer(path, EXPIRED, ok);
    expect(await provider.sendNotification(TOKEN, title)).toMatchObject({ success: true, attempts: 2 });
    expect(new Set(sentTokens(transport)).size).toBe(3);
    await provider.close();
  });

  it("R17 many refusals at once, in two providers, make one new token", async () => {
    const clock = new FakeClock();
    const auth_key = newKey();
    const both = [await openApns({ auth_key }, CONFIG, clock), await openApns({ auth_key }, CONFIG, clock)];
    const tokens = Array.from({ length: 50 }, (_, i) => i.toString(16).padStart(64, "0"));
    for (const { provider } of both) await provider.sendNotification(TOKEN, title);
    const old = sentTokens(both[0]?.transport as never)[0];
    for (const { transport } of both) {
      transport.decide = ({ headers }) => (headers.authorization === old ? EXPIRED : ok);
    }
    const results = await Promise.all(
      both.map(({ provider }) => provider.sendMulticastNotification(tokens, title)),
    );
    expect(results.flat().every(({ success, attempts }) => success && attempts <= 2)).toBe(true);
    expect(new Set(both.flatMap(({ transport }) => sentTokens(transport))).size).toBe(2);
    await Promise.all(both.map(({ provider }) => provider.close()));
  });

  it("a health check signs one and sends nothing; with a certificate there is none", async () => {
    const { provider, transport } = await openApns({ auth_key: newKey() });
    expect(await provider.healthCheck()).toMatchObject({
      status: "healthy",
      checks: [{ name: "open" }, { name: "credentials", status: "passed" }],
    });
    expect(transport.sent).toEqual([]);
    await provider.close();
  });
});
