/** Answers that a test asks for. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type FcmDevice, type FcmService, startFcmService } from "../../../src/testing/index.js";
import { call, goodPush, send, sendMessage } from "./emulator_push.js";

let service: FcmService;
beforeAll(async () => {
  service = await startFcmService();
});
afterEach(() => {
  service.respond("*");
  service.clearReceived();
});
afterAll(() => service.close());

const push = (device: FcmDevice) => sendMessage(service, device);

describe("respond", () => {
  it.each<[answer: object, status: number, google_status: string, code: string | undefined, words: string]>([
    [{ reason: "UNREGISTERED" }, 404, "NOT_FOUND", "UNREGISTERED", "Requested entity was not found."],
    [{ reason: "SENDER_ID_MISMATCH" }, 403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH", "SenderId mismatch"],
    [
      { reason: "QUOTA_EXCEEDED" },
      429,
      "RESOURCE_EXHAUSTED",
      "QUOTA_EXCEEDED",
      "Resource has been exhausted (e.g. check quota).",
    ],
    [{ reason: "UNAVAILABLE" }, 503, "UNAVAILABLE", "UNAVAILABLE", "The service is currently unavailable."],
    [{ reason: "INTERNAL" }, 500, "INTERNAL", "INTERNAL", "Internal error encountered."],
    [
      { reason: "THIRD_PARTY_AUTH_ERROR" },
      401,
      "UNAUTHENTICATED",
      "THIRD_PARTY_AUTH_ERROR",
      "Auth error from APNS or Web Push Service",
    ],
    [
      { reason: "INVALID_ARGUMENT" },
      400,
      "INVALID_ARGUMENT",
      "INVALID_ARGUMENT",
      "Request contains an invalid argument.",
    ],
    [{ reason: "UNSPECIFIED_ERROR" }, 400, "INVALID_ARGUMENT", "UNSPECIFIED_ERROR", "Unspecified error."],
    [
      { status: 500, reason: "UNAVAILABLE" },
      500,
      "INTERNAL",
      "UNAVAILABLE",
      "The service is currently unavailable.",
    ],
    [{ reason: "UNREGISTERED", message: "NotRegistered" }, 404, "NOT_FOUND", "UNREGISTERED", "NotRegistered"],
    [{ status: 400 }, 400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "Request contains an invalid argument."],
    [{ status: 401 }, 401, "UNAUTHENTICATED", undefined, "Request had invalid authentication credentials."],
    [{ status: 403 }, 403, "PERMISSION_DENIED", undefined, "The caller does not have permission"],
    [{ status: 404 }, 404, "NOT_FOUND", undefined, "Requested entity was not found."],
    [
      { status: 429 },
      429,
      "RESOURCE_EXHAUSTED",
      "QUOTA_EXCEEDED",
      "Resource has been exhausted (e.g. check quota).",
    ],
    [{ status: 500 }, 500, "INTERNAL", "INTERNAL", "Internal error encountered."],
    [{ status: 503 }, 503, "UNAVAILABLE", "UNAVAILABLE", "The service is currently unavailable."],
    [{ status: 418 }, 418, "UNKNOWN", undefined, "Unknown error."],
    [
      { reason: "PERMISSION_DENIED" },
      403,
      "PERMISSION_DENIED",
      undefined,
      "The caller does not have permission",
    ],
    [
      { reason: "UNAUTHENTICATED" },
      401,
      "UNAUTHENTICATED",
      undefined,
      "Request had invalid authentication credentials.",
    ],
    [
      { reason: "RESOURCE_EXHAUSTED" },
      429,
      "RESOURCE_EXHAUSTED",
      undefined,
      "Resource has been exhausted (e.g. check quota).",
    ],
    [{ reason: "NOT_FOUND" }, 404, "NOT_FOUND", undefined, "Requested entity was not found."],
    [{ status: 404, reason: "no such project" }, 404, "NOT_FOUND", undefined, "no such project"],
    [{ status: 503, reason: "try later" }, 503, "UNAVAILABLE", "UNAVAILABLE", "try later"],
    [{ reason: "too odd" }, 400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "too odd"],
  ])("%j, in Google's envelope", async (answer, status, google_status, code, words) => {
    const device = service.createDevice();
    service.respond(device.device_token, answer);
    const { details, ...given } = await push(device);
    expect(given).toMatchObject({ status, google_status, message: words });
    expect(given.json.error).toMatchObject({ code: status });
    expect(details.FcmError?.errorCode).toBe(code);
    expect(details.ApnsError).toBeUndefined();
    expect(service.received[0]).toMatchObject({ status, reason: code ?? google_status, error: words });
    expect(device.received).toEqual([]);
  });

  it("an access token that has expired, as such", async () => {
    const device = service.createDevice();
    service.respond(device.device_token, [{ reason: "ACCESS_TOKEN_EXPIRED" }]);
    const { status, details } = await push(device);
    expect([status, details.ErrorInfo?.reason, details.FcmError]).toEqual([
      401,
      "ACCESS_TOKEN_EXPIRED",
      undefined,
    ]);
    expect((await push(device)).status).toBe(200);
  });

  it.each([
    [undefined, "project", "Message rate exceeded."],
    ["message_rate", "project", "Message rate exceeded."],
    ["device_rate", "device", "Device message rate exceeded."],
    ["topic_rate", "topic", "Topic message rate exceeded."],
  ] as const)("a quota (%s) with whose it is", async (quota, subject, description) => {
    const device = service.createDevice();
    service.respond("*", {
      reason: "QUOTA_EXCEEDED",
      headers: { "Retry-After": "7" },
      ...(quota ? { quota } : {}),
    });
    const name = { project: service.config.project_id, device: device.device_token, topic: "/topics/news" }[
      subject
    ];
    const one = goodPush(service, device);
    if (subject === "topic") one.message = { topic: "news" };
    const { details, headers } = await send(service, one);
    expect(headers["retry-after"]).toBe("7");
    expect(details.QuotaFailure?.violations).toEqual([{ subject: `${subject}:${name}`, description }]);
  });

  it.each([
    ["Unregistered", undefined, 410, 400, "INVALID_ARGUMENT", "APNs device token is disabled."],
    ["Unregistered", 404, 410, 404, "UNREGISTERED", "Requested entity was not found."],
    ["ExpiredToken", undefined, 410, 400, "INVALID_ARGUMENT", "APNs device token is disabled."],
    [
      "DeviceTokenNotForTopic",
      undefined,
      400,
      400,
      "INVALID_ARGUMENT",
      "Request contains an invalid argument.",
    ],
    [
      "BadEnvironmentKeyInToken",
      undefined,
      403,
      401,
      "THIRD_PARTY_AUTH_ERROR",
      "Auth error from APNS or Web Push Service",
    ],
    ["PayloadTooLarge", undefined, 413, 400, "INVALID_ARGUMENT", "Request contains an invalid argument."],
    ["Shutdown", undefined, 503, 503, "UNAVAILABLE", "The service is currently unavailable."],
  ])(
    "a reason of APNs (%s, %s) with what APNs said",
    async (reason, asked, statusCode, status, code, words) => {
      const device = service.createDevice();
      service.respond(device.device_token, { reason, ...(asked ? { status: asked } : {}) });
      const { details, ...answer } = await push(device);
      expect(answer).toMatchObject({ status, message: words });
      expect(details.FcmError?.errorCode).toBe(code);
      expect(details.ApnsError).toMatchObject({ statusCode, reason });
    },
  );

  it("what APNs said, beside any code", async () => {
    const device = service.createDevice();
    const apns_error = { status_code: 410, reason: "Unregistered" };
    service.respond(device.device_token, { reason: "UNREGISTERED", apns_error });
    const { details } = await push(device);
    expect([details.FcmError?.errorCode, details.ApnsError?.statusCode]).toEqual(["UNREGISTERED", 410]);
  });

  it.each<[object, number, string, string]>([
    [
      { apns_error: { status_code: 410, reason: "Unregistered" } },
      400,
      "INVALID_ARGUMENT",
      "APNs device token is disabled.",
    ],
    [{ quota: "device_rate" }, 429, "QUOTA_EXCEEDED", "Resource has been exhausted (e.g. check quota)."],
    [{ message: "no such thing" }, 400, "INVALID_ARGUMENT", "no such thing"],
  ])("what %j alone implies", async (answer, status, code, message) => {
    const device = service.createDevice();
    service.respond(device.device_token, answer);
    const { details, ...given } = await push(device);
    expect(given).toMatchObject({ status, message });
    expect(details.FcmError?.errorCode).toBe(code);
  });

  it.each([502, 504])("a gateway's page for %i", async (status) => {
    service.respond("*", { status });
    const answer = await push(service.createDevice());
    expect([answer.status, answer.headers["content-type"]]).toEqual([status, "text/html; charset=UTF-8"]);
    expect(answer.text).toContain(`<b>${status}.</b>`);
  });

  it("headers and body as they are given", async () => {
    const device = service.createDevice();
    service.respond(device.fid, {
      status: 503,
      headers: { "Content-Type": "text/html" },
      body: "<h1>down</h1>",
    });
    const { text, headers } = await push(device);
    expect([text, headers["content-type"]]).toEqual(["<h1>down</h1>", "text/html"]);
    expect(service.received[0]?.error).toBeUndefined();
  });

  it("several answers in order, then the service's own", async () => {
    const device = service.createDevice();
    service.respond(device.device_token, { status: 429 }, { reason: "INTERNAL" });
    expect([await push(device), await push(device), await push(device)].map(({ status }) => status)).toEqual([
      429, 500, 200,
    ]);
    service.respond(device.device_token, { status: 503 });
    expect([(await push(device)).status, (await push(device)).status]).toEqual([503, 503]);
    service.respond(device.device_token);
    expect((await push(device)).status).toBe(200);
  });

  it("a success for what it would refuse, and the message arrives", async () => {
    const device = service.createDevice();
    device.unregister();
    service.respond(device.device_token, { status: 200, headers: { "X-A": "b" } });
    const { status, json, headers } = await push(device);
    expect([status, json.name, headers["x-a"]]).toEqual([200, device.received[0]?.name, "b"]);
  });

  it("only a delay when neither status nor reason is given", async () => {
    const device = service.createDevice();
    service.respond(device.device_token, { delay_ms: 30 });
    const started = performance.now();
    expect((await push(device)).status).toBe(200);
    // Timers may fire a millisecond early.
    expect(performance.now() - started).toBeGreaterThan(28);
  });

  it("for a topic, a condition, and everyone else", async () => {
    const device = service.createDevice();
    const condition = "'a' in topics && 'b' in topics";
    service.respond("*", { status: 500 });
    service.respond("/topics/news", [{ status: 429 }]);
    service.respond(condition, [{ status: 503 }]);
    service.respond(device.device_token, [{ status: 404 }]);
    const statusOf = async (message: object) =>
      (await send(service, { ...goodPush(service, device), message: { ...message } })).status;
    expect(await statusOf({ topic: "news" })).toBe(429);
    expect(await statusOf({ condition })).toBe(503);
    expect(await statusOf({ fid: device.fid })).toBe(404);
    expect(await statusOf({ topic: "sport" })).toBe(500);
  });

  it("for topic subscriptions and the Instance ID API, in the form of each", async () => {
    const device = service.createDevice();
    const path = `/v1/projects/${service.config.project_id}/registrations/${device.fid}/topicSubscriptions?topicName=a`;
    service.respond(device.device_token, { reason: "INTERNAL" }, { status: 200 });
    expect(await call(service, "POST", path)).toMatchObject({ status: 500, google_status: "INTERNAL" });
    expect(await call(service, "POST", path)).toMatchObject({ status: 200, json: {} });
    service.respond(
      "*",
      { status: 503, reason: "DEADLINE_EXCEEDED" },
      { status: 500 },
      { reason: "INTERNAL" },
    );
    const ask = () => call(service, "POST", "/iid/v1:batchAdd", {}, { access_token_auth: "true" });
    expect(await ask()).toMatchObject({ status: 503, json: { error: "DEADLINE_EXCEEDED" } });
    expect(await ask()).toMatchObject({ status: 500, json: { error: "INTERNAL" } });
    expect(await ask()).toMatchObject({ status: 500, json: { error: "INTERNAL" } });
  });

  it("not for a token that is none of its devices", () => {
    expect(() => service.respond("nobody", { status: 500 })).toThrow("not a token of this service");
  });
});
