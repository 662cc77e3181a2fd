import { createPrivateKey } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type FcmService, startFcmService } from "../../../src/testing/index.js";
import { request } from "../../testing/client.js";
import { goodPush, send, sendHttp2, sendMessage } from "./emulator_push.js";

let service: FcmService;
beforeAll(async () => {
  service = await startFcmService();
});
afterEach(() => service.clearReceived());
afterAll(() => service.close());

describe("what it hands out", () => {
  it("is a whole config for this service alone", () => {
    const { service_account, token_endpoint, ...rest } = service.config;
    expect(rest).toEqual({
      project_id: service_account.project_id,
      endpoint: service.origin,
      iid_endpoint: service.origin,
      ca: service.ca,
    });
    expect(service.origin).toBe(`https://localhost:${service.port}`);
    expect(token_endpoint).toMatch(/^https:\/\/localhost:\d+\/token$/);
    expect(token_endpoint).not.toContain(service.origin);
  });

  it("is a service account as the Firebase console gives it", () => {
    const { service_account, project_id, token_endpoint } = service.config;
    const { private_key, ...rest } = service_account;
    const key = createPrivateKey(private_key);
    expect([key.asymmetricKeyType, key.asymmetricKeyDetails?.modulusLength]).toEqual(["rsa", 2048]);
    expect(private_key).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(rest).toEqual({
      type: "service_account",
      project_id,
      private_key_id: expect.stringMatching(/^[0-9a-f]{40}$/),
      client_email: expect.stringMatching(
        `^firebase-adminsdk-[0-9a-f]{6}@${project_id}\\.iam\\.gserviceaccount\\.com$`,
      ),
      client_id: expect.stringMatching(/^[1-9]\d{20}$/),
      auth_uri: "https://accounts.google.com/o/oauth2/auth",
      token_uri: token_endpoint,
      auth_provider_x509_cert_url: "https://www.googleapis.com/oauth2/v1/certs",
      client_x509_cert_url: `https://www.googleapis.com/robot/v1/metadata/x509/${encodeURIComponent(service_account.client_email)}`,
      universe_domain: "googleapis.com",
    });
    expect(JSON.parse(JSON.stringify(service_account))).toEqual(service_account);
  });

  it("is a token and an installation id as Firebase makes them", () => {
    for (let count = 0; count < 50; count++) {
      const { device_token, fid, platform, topics } = service.createDevice();
      expect(fid).toMatch(/^[c-f][\w-]{21}$/);
      expect(device_token).toMatch(/^[\w-]{22}:APA91b[\w-]{128}$/);
      expect([platform, topics]).toEqual(["android", []]);
    }
  });

  it("is a name for every message", async () => {
    const device = service.createDevice();
    const names = [await sendMessage(service, device), await sendMessage(service, device)].map(
      ({ json }) => json.name,
    );
    const pattern = new RegExp(`^projects/${service.config.project_id}/messages/0:\\d{16}%[0-9a-f]{16}$`);
    for (const name of names) expect(name).toMatch(pattern);
    expect(new Set(names).size).toBe(2);
  });

  it("is another project, another key and another account for each service", async () => {
    const many = await Promise.all(Array.from({ length: 5 }, () => startFcmService()));
    expect(new Set(many.flatMap(({ port, config }) => [port, config.token_endpoint])).size).toBe(10);
    expect(new Set(many.map(({ config }) => config.project_id)).size).toBe(5);
    expect(new Set(many.map(({ config }) => config.service_account.private_key)).size).toBe(5);
    expect(new Set(many.map(({ ca }) => ca)).size).toBe(1);
    await Promise.all(many.map((one) => one.close()));
  });
});

describe("a dry run", () => {
  it("is told a name, and reaches nobody", async () => {
    const device = service.createDevice();
    const { status, json } = await send(service, { ...goodPush(service, device), validate_only: true });
    expect([status, json]).toEqual([
      200,
      { name: `projects/${service.config.project_id}/messages/fake_message_id` },
    ]);
    expect(service.received[0]).toMatchObject({ validate_only: true, status: 200, name: json.name });
    expect(device.received).toEqual([]);
  });
});

describe("an iOS app that is gone, found out by APNs", () => {
  it.each([
    ["Unregistered", 400, "INVALID_ARGUMENT", 410, "APNs device token is disabled."],
    ["BadDeviceToken", 400, "INVALID_ARGUMENT", 400, "Request contains an invalid argument."],
    ["InvalidProviderToken", 401, "THIRD_PARTY_AUTH_ERROR", 403, "Auth error from APNS or Web Push Service"],
    ["TooManyRequests", 429, "QUOTA_EXCEEDED", 429, "Resource has been exhausted (e.g. check quota)."],
    ["InternalServerError", 500, "INTERNAL", 500, "Internal error encountered."],
    ["ServiceUnavailable", 503, "UNAVAILABLE", 503, "The service is currently unavailable."],
  ])("%s", async (apns_error, status, code, apns_status, words) => {
    const device = service.createDevice({ platform: "ios", apns_error });
    const { details, ...answer } = await sendMessage(service, device);
    expect(answer).toMatchObject({ status, message: words });
    expect(details.FcmError?.errorCode).toBe(code);
    expect(details.ApnsError).toMatchObject({ statusCode: apns_status, reason: apns_error });
    expect(device.received).toEqual([]);
    const dry_run = await send(service, { ...goodPush(service, device), validate_only: true });
    expect(dry_run.status).toBe(200);
  });

  it("needs a reason of APNs and an iOS device", () => {
    expect(() => service.createDevice({ apns_error: "Unregistered" })).toThrow("apns_error");
    expect(() => service.createDevice({ platform: "ios", apns_error: "Gone" })).toThrow("apns_error");
  });
});

describe("what it records", () => {
  it.each([
    ["1.1", send],
    ["2", sendHttp2],
  ] as const)("is the whole request, over HTTP/%s", async (http_version, sender) => {
    const device = service.createDevice();
    const push = goodPush(service, device, { android: { collapseKey: "a", priority: "high" } });
    const { json } = await sender(service, push);
    const [entry] = service.received;
    expect(entry).toMatchObject({
      kind: "send",
      device_token: device.device_token,
      method: "POST",
      path: push.path,
      http_version,
      headers: push.headers,
      json: { message: push.message },
      message: { notification: { title: "Hi" }, android: { collapse_key: "a", priority: "HIGH" } },
      validate_only: false,
      name: json.name,
      status: 200,
    });
    expect(JSON.parse(Buffer.from(entry?.body ?? []).toString())).toEqual({ message: push.message });
    expect(Math.abs(Date.parse(entry?.timestamp ?? "") - Date.now())).toBeLessThan(10_000);
    expect([entry?.reason, entry?.error, entry?.fault]).toEqual([undefined, undefined, undefined]);
    expect(device.received).toEqual([entry]);
  });

  it("is a request that it cannot read", async () => {
    await send(service, { ...goodPush(service, service.createDevice()), body: "not json" });
    expect(service.received[0]).toMatchObject({ kind: "send", validate_only: false, status: 400 });
    const { json, message, device_token } = service.received[0] ?? {};
    expect([json, message, device_token]).toEqual([undefined, undefined, undefined]);
  });

  it("can be awaited and cleared", async () => {
    const device = service.createDevice();
    const arrival = device.waitForMessages(2);
    const requests = service.waitForRequests(2);
    await sendMessage(service, device);
    await sendMessage(service, device);
    expect(await arrival).toHaveLength(2);
    expect(await requests).toBe(service.received);
    await expect(device.waitForMessages(3, { timeout_ms: 1 })).rejects.toThrow("received 2 of the 3");
    await expect(service.waitForRequests(3, { timeout_ms: 1 })).rejects.toThrow("received 2 of the 3");
    service.clearReceived();
    expect([service.received, device.received]).toEqual([[], []]);
  });
});

describe("closing", () => {
  it("is idempotent, frees the port and ends every wait", async () => {
    const other = await startFcmService();
    const waiting = expect(other.createDevice().waitForMessages(1)).rejects.toThrow("before it was closed");
    const requests = expect(other.waitForRequests(1)).rejects.toThrow("before it was closed");
    await Promise.all([other.close(), other.close()]);
    await other.close();
    await Promise.all([waiting, requests]);
    const next = await startFcmService({ port: other.port });
    expect(next.port).toBe(other.port);
    await next[Symbol.asyncDispose]();
    for (const url of [next.origin, next.config.token_endpoint])
      await expect(request({ url, ca: next.ca })).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});
