import { importJWK, jwtVerify } from "jose";
import { describe, expect, it, vi } from "vitest";
import webpush from "web-push";
import { createVapid } from "../../../providers/web_push/credential.js";
import type { Credential } from "../../../src/codec.js";
import { createDevice, KEYS, NOW_MS } from "./support.js";

const HOUR_MS = 3_600_000;
const keys = { public_key: KEYS.vapid_public_key, private_key: KEYS.vapid_private_key };

function vapid() {
  return createVapid({ keys, subject: "mailto:ops@example.org" });
}

async function mint(now_ms: number, origin = "https://push.example.net"): Promise<Credential> {
  const fetch = () => Promise.reject(new Error("nothing is fetched"));
  const minted = await vapid().mint(origin, { now_ms, signal: new AbortController().signal, fetch });
  if ("verdict" in minted) throw new Error(minted.verdict);
  return minted;
}

/** A push service's side of RFC 8292, at its own clock. */
async function verify(token: string, public_key: string, audience: string, now_ms: number) {
  const point = Buffer.from(public_key, "base64url");
  const [x, y] = [point.toString("base64url", 1, 33), point.toString("base64url", 33)];
  const key = await importJWK({ kty: "EC", crv: "P-256", x, y }, "ES256");
  return jwtVerify(token, key, { audience, algorithms: ["ES256"], currentDate: new Date(now_ms) });
}

const tokenOf = (value: string) => /^vapid t=([^,]+)/.exec(value)?.[1] ?? "";

describe("RFC 8292", () => {
  const token =
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA";
  const key = "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs";
  const exp_ms = 1_453_523_768_000;

  it("the verifier of these tests takes its example, at the time it was made for", async () => {
    const { payload } = await verify(token, key, "https://push.example.net", exp_ms - HOUR_MS);
    expect(payload).toEqual({
      aud: "https://push.example.net",
      exp: exp_ms / 1000,
      sub: "mailto:push@example.com",
    });
  });

  it("and refuses it later, for another audience, and with another key", async () => {
    await expect(verify(token, key, "https://push.example.net", exp_ms + 1000)).rejects.toThrow('"exp"');
    await expect(verify(token, key, "https://push.example.org", exp_ms - HOUR_MS)).rejects.toThrow('"aud"');
    await expect(
      verify(token, keys.public_key, "https://push.example.net", exp_ms - HOUR_MS),
    ).rejects.toThrow("signature");
  });
});

describe.each([
  ["by web-push", NOW_MS - 30 * 24 * HOUR_MS],
  ["far ahead of the machine's clock, which web-push would refuse", Date.now() + 400 * 24 * HOUR_MS],
])("a token made %s", (_how, now_ms) => {
  it("5.3.9 5.4.3 verifies, names origin and subject, and ends 12 hours after its time", async () => {
    const { value } = await mint(now_ms);
    expect(value).toMatch(/^vapid t=[\w-]+\.[\w-]+\.[\w-]{86}, k=[\w-]{87}$/);
    expect(value.endsWith(`, k=${keys.public_key}`)).toBe(true);
    const { payload, protectedHeader } = await verify(
      tokenOf(value),
      keys.public_key,
      "https://push.example.net",
      now_ms,
    );
    expect(protectedHeader).toEqual({ typ: "JWT", alg: "ES256" });
    expect(payload).toEqual({
      aud: "https://push.example.net",
      exp: Math.floor(now_ms / 1000) + 12 * 3600,
      sub: "mailto:ops@example.org",
    });
  });
});

describe("credential", () => {
  it("the signature comes from web-push", async () => {
    const spy = vi.spyOn(webpush, "getVapidHeaders");
    try {
      await mint(Date.now());
      expect(spy).toHaveBeenCalledOnce();
      expect(spy.mock.results[0]?.type).toBe("return");
    } finally {
      spy.mockRestore();
    }
  });

  it("W13 one token serves an origin for 11 hours", async () => {
    const credential = await mint(NOW_MS);
    expect(credential).toMatchObject({
      renew_at_ms: NOW_MS + 11 * HOUR_MS,
      expires_at_ms: NOW_MS + 12 * HOUR_MS,
    });
    const scopes = [
      "https://push.example.net/a",
      "https://push.example.net/b",
      "https://push.example.net:8443/a",
    ].map((endpoint) => vapid().scope({ kind: "token", token: createDevice(endpoint).recipient }));
    expect(scopes).toEqual([
      "https://push.example.net",
      "https://push.example.net",
      "https://push.example.net:8443",
    ]);
  });

  it("a refused token is not replaced within the hour where Apple asks for that, and only there", async () => {
    expect((await mint(NOW_MS, "https://web.push.apple.com")).renew_not_before_ms).toBe(NOW_MS + HOUR_MS);
    expect((await mint(NOW_MS, "https://push.apple.com.example.net")).renew_not_before_ms).toBeUndefined();
  });

  it("the audience of an origin with a port carries it", async () => {
    const { value } = await mint(NOW_MS - 24 * HOUR_MS, "https://localhost:8443");
    await verify(tokenOf(value), keys.public_key, "https://localhost:8443", NOW_MS - 24 * HOUR_MS);
  });

  it("its id tells generations apart and is no secret", async () => {
    const [first, second] = [await mint(NOW_MS), await mint(NOW_MS + 1)];
    expect(first.id).not.toBe(second.id);
    expect(first.value).not.toContain(first.id);
    expect(first.id).not.toContain(tokenOf(first.value).slice(-20));
  });

  it("apply adds the authorization to a copy", async () => {
    const request = Object.freeze({
      method: "POST",
      url: "https://push.example.net/a",
      headers: Object.freeze({ ttl: "5" }),
    });
    const credential = await mint(NOW_MS);
    expect(vapid().apply(request, credential)).toEqual({
      ...request,
      headers: { ttl: "5", authorization: credential.value },
    });
  });
});
