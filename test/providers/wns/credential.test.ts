import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createCredentials } from "../../../providers/wns/credential.js";
import { type Flow, type GetAccessToken, readFlow } from "../../../providers/wns/flow.js";
import type { Credential, HttpRequest, HttpResponse, Retry, Verdict } from "../../../src/codec.js";
import { ENTRA, LEGACY, NOW_MS } from "./support.js";

const MINUTE_MS = 60_000;

function flowOf(keys: object): Flow {
  const flow = readFlow(keys);
  if (Array.isArray(flow)) throw new Error("no flow");
  return flow;
}

interface Mint {
  readonly minted: Credential | Verdict;
  readonly asked: readonly HttpRequest[];
}

async function mint(
  keys: object,
  answer?: HttpResponse | Retry,
  signal = new AbortController().signal,
): Promise<Mint> {
  const asked: HttpRequest[] = [];
  const minted = await createCredentials(flowOf(keys)).mint("wns", {
    now_ms: NOW_MS,
    signal,
    fetch: async (request) => {
      asked.push(request);
      if (!answer) throw new Error("nothing is to be fetched");
      return answer;
    },
  });
  return { minted, asked };
}

function json(status: number, body: unknown, headers: Record<string, string> = {}): HttpResponse {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { status, headers, body: Buffer.from(text), truncated: false };
}

async function credential(keys: object, answer?: HttpResponse): Promise<Credential> {
  const { minted } = await mint(keys, answer);
  if ("verdict" in minted) throw new Error(JSON.stringify(minted));
  return minted;
}

describe("the request for a token", () => {
  it.each([
    [
      "Entra ID",
      ENTRA,
      `https://login.microsoftonline.com/${ENTRA.tenant_id}/oauth2/v2.0/token`,
      `grant_type=client_credentials&client_id=${ENTRA.client_id}&client_secret=entra%7Esecret%2B%2F%3D%26&scope=https%3A%2F%2Fwns.windows.com%2F.default`,
    ],
    [
      "the legacy flow",
      LEGACY,
      "https://login.live.com/accesstoken.srf",
      "grant_type=client_credentials&client_id=ms-app%3A%2F%2FS-1-15-2-1-2-3&client_secret=legacy+secret%2F%2B%3D&scope=notify.windows.com",
    ],
  ])("N9 1.10 of %s is a form, golden", async (_flow, keys, url, body) => {
    const { asked } = await mint(keys, json(200, { access_token: "t", expires_in: 86_400 }));
    expect(asked).toEqual([
      {
        method: "POST",
        url,
        headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
        body,
      },
    ]);
  });

  it("N9 goes to the config's token_endpoint, in both flows", async () => {
    for (const keys of [ENTRA, LEGACY]) {
      const token_endpoint = "https://login.example/token?x=1";
      const { asked } = await mint({ ...keys, token_endpoint }, json(200, { access_token: "t" }));
      expect(asked[0]?.url).toBe(token_endpoint);
    }
  });
});

describe("the token", () => {
  it.each([
    [
      "Entra's, whose numbers are text",
      ENTRA,
      { token_type: "Bearer", expires_in: "86399", access_token: "eyJ0.e-Y_.x" },
      86_399,
    ],
    [
      "login.live.com's",
      LEGACY,
      {
        token_type: "bearer",
        access_token: "EgAcAQMAAAAALYAAY/c+Huwi3Fv4Ck10UrKNmtxRO6Njk2MgA=",
        expires_in: 86_400,
      },
      86_400,
    ],
  ])("1.10 %s is used until five minutes before its end", async (_whose, keys, answer, seconds) => {
    const made = await credential(keys, json(200, answer));
    expect(made).toEqual({
      id: createHash("sha256").update(answer.access_token).digest("hex").slice(0, 16),
      value: answer.access_token,
      expires_at_ms: NOW_MS + seconds * 1000,
      renew_at_ms: NOW_MS + seconds * 1000 - 5 * MINUTE_MS,
    });
    expect(answer.access_token).not.toContain(made.id);
  });

  it.each([
    [600, 300],
    [300, 150],
    [60, 30],
    ["8", 4],
  ])("one of %s seconds is renewed after %d", async (expires_in, seconds) => {
    const { renew_at_ms } = await credential(ENTRA, json(200, { access_token: "t", expires_in }));
    expect(renew_at_ms).toBe(NOW_MS + seconds * 1000);
  });

  it.each([undefined, null, "soon", "", 0, -5, "1e999", [60], { toString: 1, valueOf: 1 }])(
    "one whose lifetime is %j holds ten minutes, and is renewed after five",
    async (expires_in) => {
      expect(await credential(ENTRA, json(200, { access_token: "t", expires_in }))).toMatchObject({
        expires_at_ms: NOW_MS + 10 * MINUTE_MS,
        renew_at_ms: NOW_MS + 5 * MINUTE_MS,
      });
    },
  );

  it("1.10 goes into each request as a bearer token, and the request stays as it was", async () => {
    const request = Object.freeze({
      method: "POST",
      url: "https://a.example/",
      headers: Object.freeze({ a: "b" }),
    });
    const source = createCredentials(flowOf(ENTRA));
    expect(source.apply(request, await credential(ENTRA, json(200, { access_token: "t" })))).toEqual({
      ...request,
      headers: { a: "b", authorization: "Bearer t" },
    });
  });

  it("one serves all channels", () => {
    const source = createCredentials(flowOf(ENTRA));
    const scopes = ["https://a.notify.windows.com", "https://b.notify.windows.com"].map((origin) =>
      source.scope({ kind: "token", token: { uri: `${origin}/?token=t`, origin } }),
    );
    expect(new Set(scopes).size).toBe(1);
  });
});

describe("a refusal", () => {
  it.each<[number, object | string, string, string]>([
    [
      400,
      { error: "invalid_client", error_description: "Invalid client id" },
      "invalid_client",
      "refused the sender.",
    ],
    [
      401,
      { error: "invalid_client", error_description: "AADSTS7000215: Invalid client secret provided." },
      "invalid_client AADSTS7000215",
      "client_secret is wrong",
    ],
    [
      401,
      {
        error: "invalid_client",
        error_description: "AADSTS7000222: The provided client secret keys are expired.",
      },
      "invalid_client AADSTS7000222",
      "client_secret has expired",
    ],
    [
      400,
      { error: "unauthorized_client", error_description: "AADSTS700016: Application was not found" },
      "unauthorized_client AADSTS700016",
      "client_id is no application",
    ],
    [
      400,
      { error: "invalid_request", error_description: "AADSTS90002: Tenant not found" },
      "invalid_request AADSTS90002",
      "tenant_id is unknown",
    ],
    [
      400,
      {
        error: "invalid_scope",
        error_description: "AADSTS70011: The provided value for scope is not valid.",
      },
      "invalid_scope AADSTS70011",
      "refused the sender.",
    ],
    [403, "<html>Forbidden</html>", "HTTP 403", "refused the sender."],
    [404, "", "HTTP 404", "refused the sender."],
    [400, { error: { toString: 1 }, error_description: { toString: 1 } }, "HTTP 400", "refused the sender."],
  ])("1.10 %d %j is AUTHENTICATION_FAILED with its code", async (status, body, reason, words) => {
    const { minted } = await mint(ENTRA, json(status, body));
    expect(minted).toEqual({
      verdict: "rejected",
      code: "AUTHENTICATION_FAILED",
      reason,
      message: expect.stringContaining(words),
    });
  });

  it("repeats nothing of what was sent, whatever the endpoint says", async () => {
    for (const keys of [ENTRA, LEGACY]) {
      const body = {
        error: keys.client_secret,
        error_description: `wrong secret ${keys.client_secret} AADSTS7000215`,
      };
      for (const status of [400, 401, 429, 503, 302, 200]) {
        const { minted } = await mint(keys, json(status, body));
        expect(JSON.stringify(minted)).not.toContain(keys.client_secret);
      }
    }
  });

  it.each<[number, object | string, string, string]>([
    [429, "", "RATE_LIMITED", "HTTP 429"],
    [500, "<h1>oops</h1>", "SERVICE_UNAVAILABLE", "HTTP 500"],
    [503, { error: "temporarily_unavailable" }, "SERVICE_UNAVAILABLE", "temporarily_unavailable"],
    [504, "", "SERVICE_UNAVAILABLE", "HTTP 504"],
    [408, "", "SERVICE_UNAVAILABLE", "HTTP 408"],
    [400, { error: "temporarily_unavailable" }, "SERVICE_UNAVAILABLE", "temporarily_unavailable"],
  ])("%d %j is tried again, after the time that the endpoint names", async (status, body, code, reason) => {
    const { minted } = await mint(ENTRA, json(status, body, { "retry-after": "7" }));
    expect(minted).toMatchObject({ verdict: "retry", scope: "sender", code, reason, retry_after_ms: 7000 });
  });

  it.each<[number, object | string]>([
    [200, ""],
    [200, "<html>Sign in</html>"],
    [200, {}],
    [200, "null"],
    [200, { access_token: "" }],
    [200, { access_token: 5 }],
    [200, { access_token: "two\r\nlines" }],
    [200, { access_token: "späte" }],
    [302, ""],
    [204, ""],
  ])("%d %j is no answer that is documented", async (status, body) => {
    const { minted } = await mint(ENTRA, json(status, body));
    expect(minted).toMatchObject({ verdict: "rejected", code: "UNKNOWN_RESPONSE" });
  });

  it("no connection is tried again", async () => {
    const failure: Retry = { verdict: "retry", code: "NETWORK_ERROR", reason: "ECONNRESET", scope: "sender" };
    expect((await mint(LEGACY, failure)).minted).toEqual({
      ...failure,
      message: "The token endpoint could not be reached.",
    });
  });
});

describe("get_access_token", () => {
  const ask = (get_access_token: unknown, signal?: AbortSignal) =>
    mint({ get_access_token: get_access_token as GetAccessToken }, undefined, signal);

  it("gives a string, which is asked for again after five minutes", async () => {
    const made = await credential({ get_access_token: async () => "mine" });
    expect(made).toMatchObject({ value: "mine", renew_at_ms: NOW_MS + 5 * MINUTE_MS });
  });

  it("gives a token with its lifetime, from a promise or at once", async () => {
    const given = { access_token: "mine", expires_in: 3600 };
    for (const get_access_token of [async () => given, () => given]) {
      expect((await ask(get_access_token)).minted).toMatchObject({
        value: "mine",
        expires_at_ms: NOW_MS + 60 * MINUTE_MS,
        renew_at_ms: NOW_MS + 55 * MINUTE_MS,
      });
    }
  });

  it.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("secret-canary");
      },
    ],
    ["rejects", () => Promise.reject(new Error("secret-canary"))],
    ["rejects with nothing", () => Promise.reject()],
    ["gives nothing", async () => undefined],
    ["gives null", async () => null],
    ["gives an empty string", async () => ""],
    ["gives a token of two lines", async () => "a\nsecret-canary"],
    ["gives an object without a token", async () => ({ expires_in: 5 })],
    ["gives a number", async () => 5],
    [
      "gives an object that throws",
      async () => ({
        get access_token() {
          throw new Error("secret-canary");
        },
      }),
    ],
  ])("that %s is a verdict", async (_what, get_access_token) => {
    const { minted } = await ask(get_access_token);
    expect(minted).toMatchObject({ verdict: "rejected", code: "AUTHENTICATION_FAILED" });
    expect(JSON.stringify(minted)).not.toContain("canary");
  });

  it("that never ends is over when its time is, and is asked again", async () => {
    const controller = new AbortController();
    const asking = ask(() => new Promise(() => {}), controller.signal);
    controller.abort();
    expect((await asking).minted).toMatchObject({ verdict: "retry", code: "TIMEOUT", scope: "sender" });
  });

  it("that rejects after its time is over disturbs nobody", async () => {
    const controller = new AbortController();
    let fail: (reason: unknown) => void = () => {};
    const asking = ask(() => new Promise((_resolve, reject) => (fail = reject)), controller.signal);
    await Promise.resolve();
    controller.abort();
    await asking;
    // Unhandled, this would end the test run.
    fail(new Error("late"));
    await new Promise((resolve) => setImmediate(resolve));
  });
});
