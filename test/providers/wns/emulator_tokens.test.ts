import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startWnsService, type WnsService } from "../../../src/testing/index.js";
import { type Ask, ask, pushWith } from "./emulator_ask.js";

const NOW_MS = Date.UTC(2026, 10, 20, 12);

let service: WnsService;
beforeAll(async () => {
  service = await startWnsService({ clock: { now: () => NOW_MS } });
});
afterEach(() => {
  service.clearReceived();
});
afterAll(() => service.close());

describe("N9 Microsoft Entra ID", () => {
  it("gives a token that WNS takes; its numbers are strings", async () => {
    const { status, headers, body } = await ask(service, "entra");
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-store",
    });
    expect(body).toEqual({
      token_type: "Bearer",
      expires_in: "86399",
      ext_expires_in: "86399",
      expires_on: String(NOW_MS / 1000 + 86_399),
      not_before: String(NOW_MS / 1000),
      resource: "https://wns.windows.com",
      access_token: expect.stringMatching(/^eyJ0[\w-]+\.eyJ[\w-]+\.[\w-]+$/),
    });
    expect(await pushWith(service, body?.access_token)).toBe(200);
    expect(service.received[0]?.sender).toBe("entra");
  });

  it("takes the scope with the slash of one of Microsoft's samples", async () => {
    const { status } = await ask(service, "entra", ({ form }) =>
      Object.assign(form, { scope: "https://wns.windows.com/.default/" }),
    );
    expect(status).toBe(200);
  });

  it.each<
    [
      title: string,
      spoil: (one: Ask) => unknown,
      status: number,
      error: string,
      number: number,
      words: string,
    ]
  >([
    [
      "a GET",
      (one) => Object.assign(one, { method: "GET", body: "" }),
      400,
      "invalid_request",
      900561,
      "The endpoint only accepts POST requests. Received a GET request.",
    ],
    [
      "another tenant",
      (one) => Object.assign(one, { url: one.url.replace(service.config.tenant_id, "contoso.com") }),
      400,
      "invalid_request",
      90002,
      "Tenant 'contoso.com' not found.",
    ],
    [
      "JSON",
      (one) => Object.assign(one, { content_type: "application/json", body: JSON.stringify(one.form) }),
      400,
      "invalid_request",
      900144,
      "The request body must contain the following parameter: 'grant_type'.",
    ],
    [
      "a form that does not say that it is one",
      (one) => Object.assign(one, { content_type: "text/plain" }),
      400,
      "invalid_request",
      900144,
      "The request body must contain the following parameter: 'grant_type'.",
    ],
    [
      "no client_id",
      ({ form }) => delete form.client_id,
      400,
      "invalid_request",
      900144,
      "The request body must contain the following parameter: 'client_id'.",
    ],
    [
      "no scope",
      ({ form }) => delete form.scope,
      400,
      "invalid_request",
      900144,
      "The request body must contain the following parameter: 'scope'.",
    ],
    [
      "another grant type",
      ({ form }) => Object.assign(form, { grant_type: "password" }),
      400,
      "unsupported_grant_type",
      70003,
      "The app requested an unsupported grant type 'password'.",
    ],
    [
      "the scope of the legacy flow",
      ({ form }) => Object.assign(form, { scope: "notify.windows.com" }),
      400,
      "invalid_scope",
      1002012,
      "The provided value for scope notify.windows.com is not valid. Client credential flows must have a scope value with /.default suffixed",
    ],
    [
      "an app that the tenant does not have",
      ({ form }) => Object.assign(form, { client_id: "someone" }),
      400,
      "unauthorized_client",
      700016,
      "Application with identifier 'someone' was not found in the directory '",
    ],
    [
      "no secret",
      ({ form }) => delete form.client_secret,
      401,
      "invalid_client",
      7000218,
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    ],
    [
      "a wrong secret",
      ({ form }) => Object.assign(form, { client_secret: "guess" }),
      401,
      "invalid_client",
      7000215,
      "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value",
    ],
    [
      "the scope of another service",
      ({ form }) => Object.assign(form, { scope: "https://graph.microsoft.com/.default" }),
      400,
      "invalid_resource",
      500011,
      "The resource principal named https://graph.microsoft.com was not found in the tenant named ",
    ],
  ])("refuses %s", async (_title, spoil, status, error, number, words) => {
    const reply = await ask(service, "entra", spoil);
    expect(reply.status).toBe(status);
    const { error_description, ...rest } = reply.body ?? {};
    const start = `AADSTS${number}: ${words}`;
    expect(String(error_description).slice(0, start.length)).toBe(start);
    expect(error_description).toMatch(
      / Trace ID: [0-9a-f-]{36} Correlation ID: [0-9a-f-]{36} Timestamp: 2026-11-20 12:00:00Z$/,
    );
    expect(rest).toEqual({
      error,
      error_codes: [number],
      timestamp: "2026-11-20 12:00:00Z",
      trace_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      correlation_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      error_uri: `https://login.microsoftonline.com/error?code=${number}`,
    });
    expect(service.received_token_requests.at(-1)).toMatchObject({ flow: "entra", status, error });
  });
});

describe("login.live.com", () => {
  it("gives a token that WNS takes", async () => {
    const { status, body } = await ask(service, "legacy");
    expect(status).toBe(200);
    expect(body).toEqual({
      token_type: "bearer",
      access_token: expect.stringMatching(/^EgA[\w+/]+=*$/),
      expires_in: 86_400,
    });
    expect(await pushWith(service, body?.access_token)).toBe(200);
    expect(service.received[0]?.sender).toBe("legacy");
  });

  it("takes a package SID in capitals, as the app's manifest has it", async () => {
    const { status } = await ask(service, "legacy", ({ form }) =>
      Object.assign(form, { client_id: form.client_id?.replace("s-1-15", "S-1-15") }),
    );
    expect(status).toBe(200);
  });

  it.each<[title: string, spoil: (one: Ask) => unknown, error: string, words: string]>([
    [
      "a PUT",
      (one) => Object.assign(one, { method: "PUT" }),
      "invalid_request",
      "The provided request must be sent using the HTTP 'POST' method.",
    ],
    [
      "JSON",
      (one) => Object.assign(one, { content_type: "application/json" }),
      "invalid_request",
      "The provided request must include a 'grant_type' input parameter.",
    ],
    [
      "no secret",
      ({ form }) => delete form.client_secret,
      "invalid_request",
      "The provided request must include a 'client_secret' input parameter.",
    ],
    [
      "another grant type",
      ({ form }) => Object.assign(form, { grant_type: "refresh_token" }),
      "unsupported_grant_type",
      "The provided value for the input parameter 'grant_type' is not valid.",
    ],
    [
      "another app",
      ({ form }) => Object.assign(form, { client_id: "ms-app://s-1-15-2-1" }),
      "invalid_client",
      "Invalid client id",
    ],
    [
      "a secret that was not encoded for a form",
      (one) => {
        const { client_secret = "", ...rest } = one.form;
        one.body = `${new URLSearchParams(rest)}&client_secret=${client_secret}`;
      },
      "invalid_client",
      "Invalid client secret",
    ],
    [
      "the scope of Entra",
      ({ form }) => Object.assign(form, { scope: "https://wns.windows.com/.default" }),
      "invalid_scope",
      "The provided value for the input parameter 'scope' is not valid.",
    ],
  ])("refuses %s", async (_title, spoil, error, error_description) => {
    const { status, body } = await ask(service, "legacy", spoil);
    expect([status, body]).toEqual([400, { error, error_description }]);
    expect(service.received_token_requests.at(-1)).toMatchObject({ flow: "legacy", status: 400, error });
  });
});
