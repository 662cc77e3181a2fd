import { importSPKI, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { createCredential, grantMint, suppliedMint } from "../../../providers/fcm/credential.js";
import { openServiceAccount } from "../../../providers/fcm/service_account.js";
import type { HttpResponse, MintContext, Retry } from "../../../src/codec.js";
import {
  ACCOUNT,
  credential,
  mintContext,
  NOW_MS,
  PUBLIC_KEY,
  response,
  TOKEN,
  tokenOffice,
} from "./support.js";

const ENDPOINT = "https://tokens.example.org/token";
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

async function account() {
  const opened = await openServiceAccount({ service_account: ACCOUNT } as never, undefined);
  if (!opened || typeof opened === "string") throw new Error("no account");
  return opened;
}

async function grant(answer: HttpResponse | Retry, context: Partial<MintContext> = {}) {
  const office = tokenOffice(answer);
  const minted = await grantMint(await account(), ENDPOINT)(mintContext({ fetch: office.fetch, ...context }));
  return { minted, asked: office.asked };
}

const granted = (over: object = {}) =>
  response(200, { access_token: "ya29.token", expires_in: 3599, token_type: "Bearer", ...over });

describe("a service account's token", () => {
  it("C2 is asked for with a signed grant: RS256, one scope, an hour, the endpoint as its audience", async () => {
    const { asked } = await grant(granted());
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      method: "POST",
      url: ENDPOINT,
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    const form = new URLSearchParams(String(asked[0]?.body));
    expect([...form.keys()].sort()).toEqual(["assertion", "grant_type"]);
    expect(form.get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
    const key = await importSPKI(PUBLIC_KEY.export({ type: "spki", format: "pem" }).toString(), "RS256");
    const { payload, protectedHeader } = await jwtVerify(form.get("assertion") ?? "", key, {
      algorithms: ["RS256"],
      currentDate: new Date(NOW_MS),
    });
    expect(protectedHeader).toEqual({ alg: "RS256", typ: "JWT", kid: ACCOUNT.private_key_id });
    expect(payload).toEqual({
      iss: ACCOUNT.client_email,
      scope: "https://www.googleapis.com/auth/firebase.messaging",
      aud: ENDPOINT,
      iat: NOW_MS / 1000,
      exp: NOW_MS / 1000 + 3600,
    });
  });

  it("C2 1.9 is used until five minutes before the end that the service named", async () => {
    const minted = credential((await grant(granted())).minted);
    expect(minted).toMatchObject({
      value: "ya29.token",
      expires_at_ms: NOW_MS + 3_599_000,
      renew_at_ms: NOW_MS + 3_599_000 - 5 * MINUTE_MS,
    });
  });

  it.each([
    [301, 1],
    [300, 300],
    [200, 200],
    [1, 1],
  ])(
    "with %i s left it is used for %i s, and not fetched again for each message",
    async (expires_in, seconds) => {
      const minted = credential((await grant(granted({ expires_in }))).minted);
      expect(minted.renew_at_ms).toBe(NOW_MS + seconds * 1000);
    },
  );

  it("its id is the same for the same token only, and gives nothing of it away", async () => {
    const [one, same, other] = await Promise.all([
      grant(granted()),
      grant(granted({ expires_in: 100 })),
      grant(granted({ access_token: "ya29.other" })),
    ]);
    expect(credential(same.minted).id).toBe(credential(one.minted).id);
    expect(credential(other.minted).id).not.toBe(credential(one.minted).id);
    expect(credential(one.minted).id).not.toContain("ya29");
  });
});

describe("a token endpoint that gives none", () => {
  const refusal = (status: number, error: string, error_description: string) =>
    response(status, { error, error_description });

  it.each([
    [
      "a wrong clock",
      refusal(400, "invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes)"),
      "invalid_grant: Invalid JWT: Token must be a short-lived token (60 minutes)",
      "clock",
    ],
    [
      "a key that was deleted",
      refusal(400, "invalid_grant", "Invalid JWT Signature."),
      "invalid_grant: Invalid JWT Signature.",
      "key was not deleted",
    ],
    [
      "an account that is gone",
      refusal(401, "deleted_client", "The OAuth client was deleted."),
      "deleted_client: The OAuth client was deleted.",
      "account",
    ],
    [
      "a scope that it may not have",
      refusal(400, "invalid_scope", "Bad scope"),
      "invalid_scope: Bad scope",
      "account",
    ],
    [
      "unauthorized_client",
      response(401, { error: "unauthorized_client" }),
      "unauthorized_client",
      "account",
    ],
    ["no JSON", response(404, "<html>"), "HTTP 404", "account"],
  ])("C2 %s is final, and the message says where to look", async (_what, answer, reason, advice) => {
    expect((await grant(answer)).minted).toEqual({
      verdict: "rejected",
      code: "AUTHENTICATION_FAILED",
      reason,
      message: expect.stringContaining(advice),
    });
  });

  it.each([
    [500, {}, "SERVICE_UNAVAILABLE", undefined],
    [503, { "retry-after": "7" }, "SERVICE_UNAVAILABLE", 7000],
    [429, { "retry-after": "3" }, "RATE_LIMITED", 3000],
    [200, {}, "SERVICE_UNAVAILABLE", undefined],
  ])("a %i with nothing in it is tried again", async (status, headers, code, retry_after_ms) => {
    expect((await grant(response(status, "<html>busy", headers))).minted).toEqual({
      verdict: "retry",
      code,
      reason: `HTTP ${status}`,
      message: expect.any(String),
      scope: "sender",
      retry_after_ms,
    });
  });

  it("a broken connection is what the engine says it is", async () => {
    const broken: Retry = { verdict: "retry", code: "NETWORK_ERROR", reason: "ECONNRESET", scope: "sender" };
    expect((await grant(broken)).minted).toBe(broken);
  });

  it.each([["a\nb"], ["ä"], [""], [7], [null]])(
    "a token that no header can carry is none: %j",
    async (access_token) => {
      expect((await grant(granted({ access_token }))).minted).toMatchObject({ verdict: "retry" });
    },
  );
});

describe("somebody else's tokens", () => {
  const mint = (get: (refused: boolean) => unknown, context: Partial<MintContext> = {}) =>
    suppliedMint({ name: "get_access_token", get })(mintContext(context));

  it("with an end are used until five minutes before it", async () => {
    const minted = credential(await mint(async () => ({ access_token: TOKEN, expires_in: 3600 })));
    expect(minted).toMatchObject({ value: TOKEN, renew_at_ms: NOW_MS + HOUR_MS - 5 * MINUTE_MS });
  });

  it.each([
    ["a bare string", () => "token"],
    ["an object without an end", () => ({ access_token: "token" })],
    ["an end that is no number", () => ({ access_token: "token", expires_in: "soon" })],
  ])("%s is asked for again after five minutes, and held for an hour if that fails", async (_what, get) => {
    expect(credential(await mint(get))).toMatchObject({
      value: "token",
      renew_at_ms: NOW_MS + 5 * MINUTE_MS,
      expires_at_ms: NOW_MS + HOUR_MS,
    });
  });

  it("are told when the last one was refused", async () => {
    const seen: boolean[] = [];
    const get = (refused: boolean) => {
      seen.push(refused);
      return "token";
    };
    await mint(get);
    await mint(get, { refused_id: "x" });
    expect(seen).toEqual([false, true]);
  });

  it.each([
    ["undefined", undefined],
    ["an object without a token", {}],
    ["null", null],
    ["an empty string", " "],
    ["a token with a newline", "a\nb"],
  ])("%s is no token, and final", async (_what, value) => {
    expect(await mint(() => value)).toMatchObject({
      verdict: "rejected",
      code: "AUTHENTICATION_FAILED",
      message: "get_access_token gave neither a token nor { access_token, expires_in }.",
    });
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error(`secret ${TOKEN}`);
      },
    ],
    ["rejects", () => Promise.reject(new Error(`secret ${TOKEN}`))],
  ])("C2 a supplier that %s is a verdict without its words", async (_how, get) => {
    const verdict = await mint(get);
    expect(verdict).toMatchObject({
      verdict: "retry",
      code: "AUTHENTICATION_FAILED",
      reason: "get_access_token threw",
    });
    expect(JSON.stringify(verdict)).not.toContain("secret");
  });

  it("a supplier that hangs is left when its time is over, and what it throws later is nobody's", async () => {
    const controller = new AbortController();
    let fail: (error: Error) => void = () => {};
    const hanging = new Promise((_resolve, reject) => {
      fail = reject;
    });
    const minting = mint(() => hanging, { signal: controller.signal });
    controller.abort();
    expect(await minting).toMatchObject({ verdict: "retry", code: "TIMEOUT", scope: "sender" });
    fail(new Error("too late"));
    await new Promise((resolve) => setImmediate(resolve));
  });

  it("after its time is over nothing is waited for", async () => {
    expect(await mint(() => new Promise(() => {}), { signal: AbortSignal.abort() })).toMatchObject({
      code: "TIMEOUT",
    });
  });
});

describe("in the request", () => {
  it("a token is the authorization of a copy", () => {
    const source = createCredential(async () => ({ verdict: "accepted" }));
    const request = Object.freeze({
      method: "POST",
      url: "https://a.example",
      headers: Object.freeze({ a: "b" }),
    });
    const minted = { id: "1", value: "ya29.token", expires_at_ms: 0, renew_at_ms: 0 };
    expect(source.apply(request, minted)).toEqual({
      ...request,
      headers: { a: "b", authorization: "Bearer ya29.token" },
    });
  });

  it("one token serves every target", () => {
    const source = createCredential(async () => ({ verdict: "accepted" }));
    const scopes = [
      source.scope({ kind: "token", token: { field: "token", value: "a" } }),
      source.scope({ kind: "token", token: { field: "fid", value: "b" } }),
      source.scope({ kind: "topic", value: "c" }),
    ];
    expect(new Set(scopes).size).toBe(1);
  });
});
