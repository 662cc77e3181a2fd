/** What the service refuses by itself: each rule broken alone, with Google's status, envelope and words. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FcmService, startFcmService } from "../../../src/testing/index.js";
import { type Answer, goodPush, send, sendHttp2 } from "./emulator_push.js";
import type { Rule } from "./emulator_rule.js";
import { RULES_OF_MESSAGES } from "./emulator_rules_of_messages.js";
import { RULES_OF_REQUESTS } from "./emulator_rules_of_requests.js";

const STATUSES: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
};

let service: FcmService;
beforeAll(async () => {
  service = await startFcmService();
});
afterAll(() => service.close());

it.each([
  ["HTTP/1.1", send],
  ["HTTP/2", sendHttp2],
])("takes the request that the rules below spoil, over %s", async (_protocol, sender) => {
  const device = service.createDevice();
  const { status, json } = await sender(service, goodPush(service, device));
  expect(status).toBe(200);
  expect(device.received).toHaveLength(1);
  expect(json).toEqual({ name: device.received[0]?.name });
});

describe("refuses", () => {
  it.each([...RULES_OF_REQUESTS, ...RULES_OF_MESSAGES])("$title", async (rule) => {
    const device = service.createDevice();
    const push = goodPush(service, device);
    rule.spoil(push, device, service);
    expectRefusal(await send(service, push), rule);
    expect(device.received).toEqual([]);
    const { status, reason, error, name } = service.received.at(-1) ?? {};
    expect([status, reason, name]).toEqual([rule.status, rule.code ?? STATUSES[rule.status], undefined]);
    expect(error?.slice(0, rule.words.length)).toBe(rule.words);
  });

  it("the same over HTTP/2", async () => {
    const device = service.createDevice();
    const push = goodPush(service, device, { x: 1 });
    const rule = RULES_OF_REQUESTS.find(
      ({ title }) => title === "a field of the message that does not exist",
    );
    if (!rule) throw new Error("no such rule");
    expectRefusal(await sendHttp2(service, push), rule);
  });

  it("everything that it cannot read at once", async () => {
    const device = service.createDevice();
    const { message, details } = await send(
      service,
      goodPush(service, device, { x: 1, data: { y: 2 }, android: { ttl: 3, notification: { title: {} } } }),
    );
    expect(message?.split("\n")).toHaveLength(4);
    expect(details.BadRequest?.fieldViolations).toHaveLength(4);
  });

  it.each([
    "/",
    "/v1/projects",
    "/v1/messages:send",
    "/fcm/send",
    "/v1/projects/p/messages:batchSend",
    "/v2/projects/p/messages:send",
  ])("the path %s, with a page for people", async (path) => {
    const push = { ...goodPush(service, service.createDevice()), path: `${path}?x=<b>` };
    const { status, headers, text } = await send(service, push);
    expect([status, headers["content-type"]]).toEqual([404, "text/html; charset=UTF-8"]);
    expect(text).toContain(`The requested URL <code>${path}</code> was not found on this server.`);
    expect(service.received.at(-1)).toMatchObject({ kind: "unknown", reason: "Not Found" });
  });

  it.each(["GET", "PUT", "DELETE"])("the method %s", async (method) => {
    const push = { ...goodPush(service, service.createDevice()), method };
    const { status, headers, text } = await send(service, push);
    expect([status, headers.allow, headers["content-type"]]).toEqual([
      405,
      "POST",
      "text/html; charset=UTF-8",
    ]);
    expect(text).toContain(`<code>${method}</code> is inappropriate`);
  });

  it("an unknown token of an unknown sender with 401, a wrong body of a good one with 400: in Google's order", async () => {
    const push = goodPush(service, service.createDevice(), { token: "x", y: 1 });
    expect((await send(service, { ...push, headers: {} })).status).toBe(401);
    expect((await send(service, push)).message).toContain('Unknown name "y"');
  });
});

function expectRefusal({ status, headers, google_status, message, details }: Answer, rule: Rule): void {
  expect([status, google_status]).toEqual([rule.status, STATUSES[rule.status]]);
  expect(headers["content-type"]).toBe("application/json; charset=UTF-8");
  expect(message?.slice(0, rule.words.length)).toBe(rule.words);
  expect(details.FcmError?.errorCode).toBe(rule.code);
  expect(details.ErrorInfo?.reason).toBe(rule.info);
  const [violation] = (details.BadRequest?.fieldViolations ?? []) as {
    field?: string;
    description: string;
  }[];
  expect(violation?.field).toBe(rule.field);
  if (violation) expect(violation.description).toBe(message?.split("\nInvalid")[0]);
  const challenge = 'Bearer realm="https://accounts.google.com/"';
  const expired = rule.info === "ACCESS_TOKEN_EXPIRED" ? ', error="invalid_token"' : "";
  expect(headers["www-authenticate"]).toBe(status === 401 ? challenge + expired : undefined);
}
