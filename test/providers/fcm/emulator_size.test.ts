/** What counts of a message: keys and values of data and notification, as they reach the device. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FcmPlatform, type FcmService, startFcmService } from "../../../src/testing/index.js";
import { goodPush, send } from "./emulator_push.js";

const ANDROID = "Android message is too big";
const OTHER = "Message is too large. The maximum is 4K (4096 bytes).";

let service: FcmService;
beforeAll(async () => {
  service = await startFcmService();
});
afterAll(() => service.close());

type Target = FcmPlatform | "topic" | "condition";

async function post(target: Target, message: object) {
  const device = service.createDevice(target === "ios" || target === "web" ? { platform: target } : {});
  const push = goodPush(service, device);
  const topic = { topic: { topic: "news" }, condition: { condition: "'news' in topics" } }[target as "topic"];
  push.message = { ...(topic ?? { token: device.device_token }), ...message };
  const dry_run = await send(service, { ...push, validate_only: true });
  const answer = await send(service, push);
  expect(dry_run.status).toBe(answer.status);
  return answer;
}

const LIGHTS = { color: { red: 1 }, light_on_duration: "1s", light_off_duration: "2s" };

/** `k` and a value of so many bytes, two of them in one character. */
const data = (bytes: number) => ({ k: `µ${"x".repeat(bytes - 3)}` });

describe.each<[Target, number, string]>([
  ["android", 4096, ANDROID],
  ["web", 4096, OTHER],
  ["topic", 2048, ANDROID],
  ["condition", 2048, ANDROID],
])("to %s a message may have", (target, limit, words) => {
  it(`${limit} bytes, and not one more`, async () => {
    for (const bytes of [limit - 1, limit])
      expect((await post(target, { data: data(bytes) })).status).toBe(200);
    const { status, google_status, message, details } = await post(target, { data: data(limit + 1) });
    expect([status, google_status, message]).toEqual([400, "INVALID_ARGUMENT", words]);
    expect(details.FcmError?.errorCode).toBe("INVALID_ARGUMENT");
    expect(details.BadRequest).toEqual({ "@type": "type.googleapis.com/google.rpc.BadRequest" });
  });

  it("them in data and notification together", async () => {
    const notification = { title: "12345", body: "1234567" };
    const size = "title12345body1234567".length;
    expect((await post(target, { notification, data: data(limit - size) })).status).toBe(200);
    expect((await post(target, { notification, data: data(limit - size + 1) })).status).toBe(400);
  });
});

describe("what is laid over the message", () => {
  it.each<[Target, string]>([
    ["android", "android"],
    ["android", "android_v2"],
    ["topic", "android"],
    ["web", "webpush"],
  ])("counts for %s: %s", async (target, block) => {
    const limit = target === "topic" ? 2048 : 4096;
    expect((await post(target, { data: data(5000), [block]: { data: data(limit) } })).status).toBe(200);
    expect((await post(target, { [block]: { data: data(limit + 1) } })).status).toBe(400);
  });

  it("does not count where it is another platform's", async () => {
    const others = { webpush: { data: data(5000) }, apns: { payload: { custom: "x".repeat(5000) } } };
    expect((await post("android", others)).status).toBe(200);
    expect((await post("web", { android: { data: data(5000) } })).status).toBe(200);
  });

  it.each([
    ["lists", { body_loc_args: ["a", "bc"] }, "body_loc_argsabc"],
    ["flags and numbers", { sticky: true, notification_count: 12 }, "stickytruenotification_count12"],
    [
      "what is inside",
      { light_settings: LIGHTS },
      "light_settingscolorred1light_on_duration1slight_off_duration2s",
    ],
  ])("counts with Android's notification: %s", async (_what, notification, counted) => {
    for (const block of [
      { android: { notification } },
      { android_v2: { remote_notification: { notification } } },
    ]) {
      expect((await post("android", { ...block, data: data(4096 - counted.length) })).status).toBe(200);
      expect((await post("android", { ...block, data: data(4097 - counted.length) })).status).toBe(400);
    }
  });
});

describe("to iOS", () => {
  it("it is the JSON that APNs gets", async () => {
    const message = (bytes: number) => ({
      notification: { title: "t", body: "b" },
      data: { k: "x".repeat(bytes) },
      apns: { payload: { aps: { badge: 1 }, own: true } },
    });
    const size = '{"k":"","aps":{"alert":{"title":"t","body":"b"},"badge":1},"own":true}'.length;
    expect((await post("ios", message(4096 - size))).status).toBe(200);
    const { status, message: words } = await post("ios", message(4097 - size));
    expect([status, words]).toEqual([400, OTHER]);
  });

  it("the payload's own alert counts in place of the notification", async () => {
    const apns = { payload: { aps: { alert: "x" } } };
    expect((await post("ios", { notification: { body: "x".repeat(5000) }, apns })).status).toBe(200);
  });
});
