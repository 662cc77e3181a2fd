/** The token endpoint: each rule broken alone, with Google's errors and descriptions. */
import { generateKeyPairSync } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type FcmService, startFcmService } from "../../../src/testing/index.js";
import { connectHttp2 } from "../../testing/http2_client.js";
import { ask, type Grant, goodGrant, goodPush, send } from "./emulator_push.js";

const BAD_TIME =
  "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.";
const BAD_SIGNATURE = "Invalid JWT Signature.";
const BAD_SCOPE = "Invalid OAuth scope or ID token audience provided.";
const MESSAGING = "https://www.googleapis.com/auth/firebase.messaging";

let service: FcmService;
beforeAll(async () => {
  service = await startFcmService();
});
afterEach(() => {
  service.clearReceived();
});
afterAll(() => service.close());

const claims =
  (change: (claims: Grant["claims"]) => object): ((grant: Grant) => unknown) =>
  (grant) =>
    Object.assign(grant.claims, change(grant.claims));
const iat = ({ iat: at }: Grant["claims"]) => Number(at);

it("exchanges the assertion that the rules below spoil for an access token that sends", async () => {
  const { status, headers, json } = await ask(service, goodGrant(service));
  expect([status, headers["content-type"]]).toEqual([200, "application/json; charset=UTF-8"]);
  expect(json).toEqual({
    access_token: expect.stringMatching(/^ya29\.[\w.-]{100,}$/),
    expires_in: 3599,
    token_type: "Bearer",
  });
  const push = goodPush(service, service.createDevice());
  push.headers.authorization = `Bearer ${json.access_token}`;
  expect((await send(service, push)).status).toBe(200);
});

describe("accepts", () => {
  it.each<[string, (grant: Grant) => unknown]>([
    ["no kid, no typ", (grant) => Object.assign(grant, { jwt_header: { alg: "RS256" } })],
    ["Google's own URL as audience", claims(() => ({ aud: "https://oauth2.googleapis.com/token" }))],
    [
      "several scopes",
      claims(() => ({ scope: `https://www.googleapis.com/auth/cloud-platform ${MESSAGING} email` })),
    ],
    ["the account itself as subject", claims(({ iss }) => ({ sub: iss }))],
    ["a clock that is a little ahead", claims((now) => ({ iat: iat(now) + 8, exp: iat(now) + 3608 }))],
    ["a charset", (grant) => Object.assign(grant, { content_type: `${grant.content_type}; charset=utf-8` })],
  ])("%s", async (_title, spoil) => {
    const grant = goodGrant(service);
    spoil(grant);
    expect((await ask(service, grant)).status).toBe(200);
  });

  it("the scope cloud-platform for sending", async () => {
    const grant = goodGrant(service);
    grant.claims.scope = "https://www.googleapis.com/auth/cloud-platform";
    const push = goodPush(service, service.createDevice());
    push.headers.authorization = `Bearer ${(await ask(service, grant)).json.access_token}`;
    expect((await send(service, push)).status).toBe(200);
  });
});

describe("refuses", () => {
  it.each<
    [title: string, spoil: (grant: Grant) => unknown, status: number, error: string, description: string]
  >([
    [
      "no grant type",
      ({ form }) => Object.assign(form, { grant_type: "" }),
      400,
      "unsupported_grant_type",
      "Invalid grant_type: ",
    ],
    [
      "another grant type",
      ({ form }) => Object.assign(form, { grant_type: "client_credentials" }),
      400,
      "unsupported_grant_type",
      "Invalid grant_type: client_credentials",
    ],
    [
      "JSON in place of a form",
      (grant) => Object.assign(grant, { content_type: "application/json" }),
      400,
      "unsupported_grant_type",
      "Invalid grant_type: ",
    ],
    [
      "no assertion",
      (grant) => Object.assign(grant, { assertion: () => "" }),
      400,
      "invalid_request",
      "Missing required parameter: assertion",
    ],
    [
      "an assertion that is no JWT",
      (grant) => Object.assign(grant, { assertion: () => "a.b.c" }),
      400,
      "invalid_request",
      "Bad Request",
    ],
    [
      "an assertion in four parts",
      (grant) => Object.assign(grant, { assertion: (signed: string) => `${signed}.x` }),
      400,
      "invalid_request",
      "Bad Request",
    ],
    [
      "no issuer",
      claims(() => ({ iss: undefined })),
      401,
      "invalid_client",
      "The OAuth client was not found.",
    ],
    [
      "an issuer that is no service account",
      claims(() => ({ iss: "me@example.com" })),
      401,
      "invalid_client",
      "The OAuth client was not found.",
    ],
    [
      "an unknown service account",
      claims(() => ({ iss: "who@else.iam.gserviceaccount.com" })),
      400,
      "invalid_grant",
      "Invalid grant: account not found",
    ],
    [
      "another key",
      (grant) => Object.assign(grant, { private_key: otherKey() }),
      400,
      "invalid_grant",
      BAD_SIGNATURE,
    ],
    [
      "the id of another key",
      ({ jwt_header }) => Object.assign(jwt_header, { kid: "0".repeat(40) }),
      400,
      "invalid_grant",
      BAD_SIGNATURE,
    ],
    [
      "another algorithm",
      ({ jwt_header }) => Object.assign(jwt_header, { alg: "RS512" }),
      400,
      "invalid_grant",
      BAD_SIGNATURE,
    ],
    [
      "no signature",
      (grant) => Object.assign(grant, { assertion: (signed: string) => signed.replace(/\.[^.]*$/, ".") }),
      400,
      "invalid_grant",
      BAD_SIGNATURE,
    ],
    [
      "claims that were changed afterwards",
      (grant) => Object.assign(grant, { assertion: tampered }),
      400,
      "invalid_grant",
      BAD_SIGNATURE,
    ],
    [
      "no audience",
      claims(() => ({ aud: undefined })),
      400,
      "invalid_grant",
      "Invalid JWT: Failed audience check.",
    ],
    [
      "another audience",
      claims(() => ({ aud: "https://fcm.googleapis.com/" })),
      400,
      "invalid_grant",
      "Invalid JWT: Failed audience check.",
    ],
    [
      "a list of audiences",
      claims(({ aud }) => ({ aud: [aud] })),
      400,
      "invalid_grant",
      "Invalid JWT: Failed audience check.",
    ],
    ["no exp", claims(() => ({ exp: undefined })), 400, "invalid_grant", BAD_TIME],
    ["no iat", claims(() => ({ iat: undefined })), 400, "invalid_grant", BAD_TIME],
    ["more than an hour", claims((now) => ({ exp: iat(now) + 3601 })), 400, "invalid_grant", BAD_TIME],
    [
      "an iat in the future",
      claims((now) => ({ iat: iat(now) + 60, exp: iat(now) + 120 })),
      400,
      "invalid_grant",
      BAD_TIME,
    ],
    [
      "an exp in the past",
      claims((now) => ({ iat: iat(now) - 3600, exp: iat(now) - 1 })),
      400,
      "invalid_grant",
      BAD_TIME,
    ],
    [
      "an exp before iat",
      claims((now) => ({ iat: iat(now) + 5, exp: iat(now) + 4 })),
      400,
      "invalid_grant",
      BAD_TIME,
    ],
    [
      "milliseconds",
      claims((now) => ({ iat: iat(now) * 1000, exp: iat(now) * 1000 + 3600 })),
      400,
      "invalid_grant",
      BAD_TIME,
    ],
    [
      "another subject",
      claims(() => ({ sub: "me@example.com" })),
      401,
      "unauthorized_client",
      "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.",
    ],
    ["no scope", claims(() => ({ scope: undefined })), 400, "invalid_scope", BAD_SCOPE],
    ["an empty scope", claims(() => ({ scope: " " })), 400, "invalid_scope", BAD_SCOPE],
    [
      "a scope that is no URL",
      claims(() => ({ scope: "firebase.messaging" })),
      400,
      "invalid_scope",
      BAD_SCOPE,
    ],
    [
      "one bad scope of two",
      claims(() => ({ scope: `${MESSAGING} messaging` })),
      400,
      "invalid_scope",
      BAD_SCOPE,
    ],
  ])("%s", async (_title, spoil, status, error, error_description) => {
    const grant = goodGrant(service);
    spoil(grant);
    const answer = await ask(service, grant);
    expect([answer.status, answer.json]).toEqual([status, { error, error_description }]);
    expect(service.received_token_requests).toMatchObject([
      { status, reason: error, error: error_description },
    ]);
  });

  it("a method that is not POST, and another path", async () => {
    const get = await ask(service, { ...goodGrant(service), method: "GET" });
    expect([get.status, get.headers.allow]).toEqual([405, "POST"]);
    const elsewhere = await ask(service, { ...goodGrant(service), url: `${service.config.token_endpoint}s` });
    expect([elsewhere.status, elsewhere.headers["content-type"]]).toEqual([404, "text/html; charset=UTF-8"]);
    expect((await ask(service, { ...goodGrant(service), url: `${service.origin}/token` })).status).toBe(404);
  });
});

describe("an access token", () => {
  it("lives as long as the service is told, by its clock", async () => {
    let now_ms = Date.UTC(2030, 0, 1);
    const other = await startFcmService({ access_token_seconds: 60, clock: { now: () => now_ms } });
    const grant = goodGrant(other, now_ms);
    const { json } = await ask(other, grant);
    expect(json.expires_in).toBe(60);
    const push = goodPush(other, other.createDevice());
    push.headers.authorization = `Bearer ${json.access_token}`;
    now_ms += 59_999;
    expect((await send(other, push)).status).toBe(200);
    now_ms += 1;
    const { status, details } = await send(other, push);
    expect([status, details.ErrorInfo?.reason]).toEqual([401, "ACCESS_TOKEN_EXPIRED"]);
    now_ms += 3_600_000;
    expect((await ask(other, grant)).json.error).toBe("invalid_grant");
    await other.close();
  });

  it("is asked for over HTTP/2 as well", async () => {
    const grant = goodGrant(service);
    await using client = await connectHttp2(new URL(grant.url).origin, service.ca);
    const headers = { "content-type": grant.content_type };
    const { status } = await client.send({ path: "/token", headers, body: "grant_type=x" });
    expect([status, service.received_token_requests[0]?.http_version]).toEqual([400, "2"]);
  });
});

describe("what is recorded of a request for one", () => {
  it("is its grant, its claims and its fate", async () => {
    const grant = goodGrant(service);
    await ask(service, grant);
    expect(service.token_requests).toBe(1);
    expect(service.received_token_requests[0]).toMatchObject({
      method: "POST",
      path: "/token",
      http_version: "1.1",
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      claims: grant.claims,
      status: 200,
    });
    expect(service.received).toEqual([]);
    service.clearReceived();
    expect([service.token_requests, service.received_token_requests]).toEqual([0, []]);
  });
});

function otherKey(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

function tampered(signed: string): string {
  const [header, payload = "", signature] = signed.split(".");
  const changed = { ...JSON.parse(Buffer.from(payload, "base64url").toString()), extra: 1 };
  return [header, Buffer.from(JSON.stringify(changed)).toString("base64url"), signature].join(".");
}
