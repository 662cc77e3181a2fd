/** Topics: who gets a message, and the API by which devices are subscribed. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type FcmDevice, type FcmService, startFcmService } from "../../../src/testing/index.js";
import { type Answer, call, goodPush, send } from "./emulator_push.js";

let service: FcmService;
beforeAll(async () => {
  service = await startFcmService();
});
afterEach(() => service.clearReceived());
afterAll(() => service.close());

describe("a message to a topic", () => {
  const subscribed = (...topics: string[]) => {
    const device = service.createDevice();
    for (const topic of topics) device.subscribeToTopic(topic);
    return device;
  };
  const post = async (message: object, validate_only?: boolean) => {
    const push = goodPush(service, service.createDevice());
    const { status } = await send(service, { ...push, message: { ...message }, validate_only });
    expect(status).toBe(200);
  };

  it("reaches the devices that are subscribed to it, and only them", async () => {
    const [one, two, other] = [subscribed("news"), subscribed("sport", "news"), subscribed("sport")];
    const gone = subscribed("news");
    gone.unregister();
    const left = subscribed("news");
    left.unsubscribeFromTopic("news");
    const stranger = service.createDevice({ project_id: "another" });
    stranger.subscribeToTopic("news");
    await post({ topic: "news", data: { a: "b" } });
    const counts = [one, two, other, gone, left, stranger].map(({ received }) => received.length);
    expect(counts).toEqual([1, 1, 0, 0, 0, 0]);
    expect(one.received[0]).toBe(service.received[0]);
    expect(service.received[0]).toMatchObject({ kind: "send", message: { topic: "news", data: { a: "b" } } });
    expect(service.received[0]?.device_token).toBeUndefined();
  });

  it("reaches nobody in a dry run", async () => {
    const device = subscribed("dry");
    await post({ topic: "dry" }, true);
    expect(device.received).toEqual([]);
  });

  it.each<[condition: string, ...reached: string[]]>([
    ["'a' in topics", "a", "ab", "ac", "abc"],
    ["'a' in topics && 'b' in topics", "ab", "abc"],
    ["'a' in topics || 'b' in topics", "a", "b", "ab", "ac", "bc", "abc"],
    ["!('a' in topics)", "b", "c", "bc"],
    ["!'a' in topics && 'c' in topics", "c", "bc"],
    ["'a' in topics && ('b' in topics || !('c' in topics))", "a", "ab", "abc"],
    // From left to right: && does not bind more tightly than ||.
    ["'a' in topics || 'b' in topics && 'c' in topics", "ac", "bc", "abc"],
    ["'c' in topics && 'b' in topics || 'a' in topics", "a", "ab", "ac", "bc", "abc"],
    [" ( ('a'  in  topics) )&&!( 'b' in topics||'c' in topics ) ", "a"],
    [
      "'a' in topics || 'a' in topics || 'a' in topics || 'a' in topics || 'a' in topics",
      "a",
      "ab",
      "ac",
      "abc",
    ],
  ])("%s", async (condition, ...reached) => {
    const prefixed = condition.replaceAll(/'([abc])'/g, "'t-$1'");
    const devices = ["a", "b", "c", "ab", "ac", "bc", "abc"].map((topics) => ({
      topics,
      device: subscribed(...Array.from(topics, (topic) => `t-${topic}`)),
    }));
    await post({ condition: prefixed });
    expect(devices.filter(({ device }) => device.received.length > 0).map(({ topics }) => topics)).toEqual(
      reached,
    );
    for (const { device } of devices) device.unregister();
  });
});

const path = (registration: string, topic = "", project = service.config.project_id) =>
  `/v1/projects/${project}/registrations/${encodeURIComponent(registration)}/topicSubscriptions${topic}`;

describe("topicSubscriptions", () => {
  it.each(["topicName", "topic_name"])("are created (%s), once", async (parameter) => {
    const device = service.createDevice();
    const url = `${path(device.device_token)}?${parameter}=weather`;
    const made = await call(service, "POST", url, {});
    expect(made).toMatchObject({
      status: 200,
      json: {
        name: `projects/${service.config.project_id}/registrations/${device.device_token}/topicSubscriptions/weather`,
        topicName: "weather",
        createTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      },
    });
    expect(device.topics).toEqual(["weather"]);
    expect(service.received[0]).toMatchObject({
      kind: "topic_subscription",
      device_token: device.device_token,
    });
    const again = await call(service, "POST", url);
    expect(again).toMatchObject({ status: 409, google_status: "ALREADY_EXISTS", details: {} });
  });

  it.each(["allowMissing", "allow_missing"])("are deleted, and may be missing with %s", async (parameter) => {
    const device = service.createDevice();
    device.subscribeToTopic("weather");
    const url = path(device.fid, "/weather");
    expect(await call(service, "DELETE", url)).toMatchObject({ status: 200, json: {} });
    expect(device.topics).toEqual([]);
    const missing = await call(service, "DELETE", url);
    expect([missing.status, missing.google_status, missing.details]).toEqual([404, "NOT_FOUND", {}]);
    expect((await call(service, "DELETE", `${url}?${parameter}=false`)).status).toBe(404);
    expect(await call(service, "DELETE", `${url}?${parameter}=true`)).toMatchObject({
      status: 200,
      json: {},
    });
  });

  it("are read one by one", async () => {
    const device = service.createDevice();
    device.subscribeToTopic("50%");
    expect(() => device.subscribeToTopic("50% off")).toThrow("not the name of a topic");
    const { status, json } = await call(service, "GET", path(device.device_token, "/50%25"));
    expect([status, json.topicName]).toEqual([200, "50%"]);
    expect((await call(service, "GET", path(device.device_token, "/60%25"))).status).toBe(404);
  });

  it("are listed, page by page", async () => {
    const device = service.createDevice();
    for (let at = 0; at < 1001; at++) device.subscribeToTopic(`t${at}`);
    const first = await call(service, "GET", path(device.device_token));
    expect(names(first)).toHaveLength(1000);
    const second = await call(
      service,
      "GET",
      `${path(device.device_token)}?pageToken=${first.json.nextPageToken}`,
    );
    expect([names(second), second.json.nextPageToken]).toEqual([["t1000"], undefined]);
    const small = await call(
      service,
      "GET",
      `${path(device.device_token)}?page_size=2&page_token=${first.json.nextPageToken}`,
    );
    expect(names(small)).toEqual(["t1000"]);
    expect(names(await call(service, "GET", `${path(device.device_token)}?pageSize=2`))).toEqual([
      "t0",
      "t1",
    ]);
    const whole = await call(service, "GET", `${path(device.device_token)}?pageSize=1001`);
    expect([names(whole).length, whole.json.nextPageToken]).toEqual([1001, undefined]);
    expect(names(await call(service, "GET", `${path(device.device_token)}?pageSize=5000`))).toHaveLength(
      1001,
    );
    expect(names(await call(service, "GET", path(service.createDevice().device_token)))).toEqual([]);
  });

  it("are patched into being where they may be missing", async () => {
    const device = service.createDevice();
    const url = path(device.device_token, "/weather");
    expect((await call(service, "PATCH", url, {})).status).toBe(404);
    expect((await call(service, "PATCH", `${url}?allowMissing=true`, { topicName: "weather" })).status).toBe(
      200,
    );
    expect(device.topics).toEqual(["weather"]);
    expect((await call(service, "PATCH", url, {})).json.topicName).toBe("weather");
  });

  it("are at most 2000", async () => {
    const device = service.createDevice();
    for (let at = 0; at < 1999; at++) device.subscribeToTopic(`t${at}`);
    expect((await call(service, "POST", `${path(device.device_token)}?topicName=last`)).status).toBe(200);
    const { status, google_status } = await call(
      service,
      "POST",
      `${path(device.device_token)}?topicName=more`,
    );
    expect([status, google_status, device.topics.length]).toEqual([429, "RESOURCE_EXHAUSTED", 2000]);
  });

  it.each<[title: string, refuse: (device: FcmDevice) => Promise<Answer>, status: number, words: string]>([
    [
      "no topic",
      (device) => call(service, "POST", path(device.fid)),
      400,
      "Topic name contains invalid characters.",
    ],
    [
      "a topic with a space",
      (device) => call(service, "POST", `${path(device.fid)}?topicName=a+b`),
      400,
      "Topic name contains",
    ],
    [
      "a topic with a slash",
      (device) => call(service, "DELETE", path(device.fid, "/a%2Fb")),
      400,
      "Topic name contains",
    ],
    [
      "a parameter that does not exist",
      (device) => call(service, "POST", `${path(device.fid)}?topic=a`),
      400,
      'Invalid JSON payload received. Unknown name "topic": Cannot bind query parameter.',
    ],
    [
      "a flag that is none",
      (device) => call(service, "DELETE", `${path(device.fid, "/a")}?allowMissing=yes`),
      400,
      "Invalid value at 'allow_missing' (TYPE_BOOL), \"yes\"",
    ],
    [
      "a page of -1",
      (device) => call(service, "GET", `${path(device.fid)}?pageSize=-1`),
      400,
      "Page size must",
    ],
    [
      "a page token that is none",
      (device) => call(service, "GET", `${path(device.fid)}?pageToken=x`),
      400,
      "Invalid page token.",
    ],
    [
      "a field that does not exist",
      (device) => call(service, "POST", `${path(device.fid)}?topicName=a`, { topic: "a" }),
      400,
      'Invalid JSON payload received. Unknown name "topic": Cannot find field.',
    ],
    [
      "a bad token",
      () => call(service, "POST", `${path("bad-token")}?topicName=a`),
      400,
      "The registration token is not a valid",
    ],
    [
      "a token that is nobody's",
      (device) => call(service, "POST", `${path(`${device.device_token}x`)}?topicName=a`),
      404,
      "Requested entity",
    ],
    [
      "another project",
      (device) => call(service, "GET", path(device.fid, "", "x")),
      403,
      "Permission 'cloudmessaging.messages.create'",
    ],
    [
      "no access token",
      (device) => call(service, "GET", path(device.fid), undefined, { authorization: "" }),
      401,
      "Request is missing",
    ],
  ])("are refused with %s", async (_title, refuse, status, words) => {
    const device = service.createDevice();
    const answer = await refuse(device);
    expect(answer.status).toBe(status);
    expect(answer.message?.slice(0, words.length)).toBe(words);
    expect(device.topics).toEqual([]);
  });

  it("of a device that is gone are refused as its messages are", async () => {
    const device = service.createDevice();
    device.unregister();
    const { status, details } = await call(service, "POST", `${path(device.device_token)}?topicName=a`);
    expect([status, details.FcmError?.errorCode]).toEqual([404, "UNREGISTERED"]);
    const stranger = service.createDevice({ project_id: "x" });
    const mismatch = await call(service, "GET", path(stranger.device_token));
    expect([mismatch.status, mismatch.details.FcmError?.errorCode]).toEqual([403, "SENDER_ID_MISMATCH"]);
  });

  it("have their methods", async () => {
    const device = service.createDevice();
    const put = await call(service, "PUT", path(device.fid), {});
    expect([put.status, put.headers.allow]).toEqual([405, "POST, GET"]);
    const post = await call(service, "POST", path(device.fid, "/a"), {});
    expect([post.status, post.headers.allow]).toEqual([405, "GET, PATCH, DELETE"]);
  });
});

function names({ json }: Answer): unknown[] {
  return (json.topicSubscriptions as { topicName: string }[]).map(({ topicName }) => topicName);
}
