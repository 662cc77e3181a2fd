import { describe, expect, it } from "vitest";
import { createEncoder, prepare } from "../../../providers/fcm/encode.js";
import type { FcmOptions } from "../../../providers/fcm/index.js";
import type { FcmPayload } from "../../../providers/fcm/layout.js";
import {
  accepted,
  bodyOf,
  context,
  NOW_MS,
  payload,
  refused,
  SEND_URL,
  sending,
  TOKEN,
  toToken,
} from "./support.js";

const encode = createEncoder(SEND_URL);
const prepared = (fields?: Partial<FcmPayload>, options?: FcmOptions) =>
  accepted(prepare(payload(fields, options), sending()));
const request = (fields?: Partial<FcmPayload>, options?: FcmOptions, ttl_seconds?: number) =>
  encode(prepared(fields, options), toToken, context(ttl_seconds));

describe("the request", () => {
  it("1.9 2.fcm posts the message for a token to the project", () => {
    const made = request(
      { body: "World", data: { order: 42 }, collapse_key: "k", priority: "high" },
      {},
      600,
    );
    expect(made).toMatchObject({
      method: "POST",
      url: "https://fcm.googleapis.com/v1/projects/demo-project/messages:send",
      headers: { "content-type": "application/json; charset=utf-8" },
    });
    expect(bodyOf(made)).toEqual({
      message: {
        token: TOKEN,
        notification: { title: "Hello", body: "World" },
        data: { order: "42" },
        android: { ttl: "600s", priority: "HIGH", collapse_key: "k" },
        apns: {
          headers: {
            "apns-priority": "10",
            "apns-expiration": String(NOW_MS / 1000 + 600),
            "apns-collapse-id": "k",
          },
        },
        webpush: {
          headers: { TTL: "600", Urgency: "high", Topic: "k" },
          notification: { requireInteraction: true },
        },
      },
    });
  });

  it.each([
    ["fid", { kind: "token", token: { field: "fid", value: "cAbC" } }, { fid: "cAbC" }],
    ["topic", { kind: "topic", value: "weather" }, { topic: "weather" }],
    ["condition", { kind: "condition", value: "'a' in topics" }, { condition: "'a' in topics" }],
  ] as const)("names its target as %s", (_what, target, member) => {
    const { message } = bodyOf(encode(prepared(), target, context()));
    expect(message).toMatchObject(member);
    expect(message.token).toBeUndefined();
  });

  it("any text of a token, a title or data arrives as it was", () => {
    const odd = 'a"b\\c\n\u2028é😀</script>{"x":1}';
    const target = { kind: "token", token: { field: "token", value: odd } } as const;
    const { message } = bodyOf(encode(prepared({ title: odd, data: { [odd]: odd } }), target, context()));
    expect(message).toMatchObject({ token: odd, notification: { title: odd }, data: { [odd]: odd } });
  });

  it("is prepared once for many, each with its own token and lifetime", () => {
    const once = prepared();
    const bodies = ["a", "b"].map((value, i) =>
      bodyOf(encode(once, { kind: "token", token: { field: "token", value } }, context(60 * (i + 1)))),
    );
    expect(bodies.map(({ message }) => [message.token, message.android.ttl])).toEqual([
      ["a", "60s"],
      ["b", "120s"],
    ]);
  });

  it("C7 is refused before it is sent when it is too large, to a topic from 2048 bytes on", () => {
    const data = { k: "x".repeat(3000) };
    expect(bodyOf(request({ data })).message.data).toEqual(data);
    expect(refused(prepare(payload({ data }), sending("topic")))).toMatchObject({
      code: "PAYLOAD_TOO_LARGE",
      message: expect.stringContaining("at most 2048 bytes to a topic"),
    });
  });

  it("a dry run asks the service itself", () => {
    const dry = accepted(prepare(payload(), sending("token", true)));
    expect(bodyOf(encode(dry, toToken, context()))).toMatchObject({
      validate_only: true,
      message: { token: TOKEN },
    });
    expect(bodyOf(request()).validate_only).toBeUndefined();
  });

  it("the payload is left as it was", () => {
    const frozen = Object.freeze({
      ...payload({ data: Object.freeze({ a: Object.freeze({ b: 1 }) }), title: "t" }),
    });
    expect(bodyOf(encode(accepted(prepare(frozen, sending())), toToken, context())).message.data).toEqual({
      a: '{"b":1}',
    });
  });

  it.each<[string, FcmOptions]>([
    ["a BigInt for browsers", { webpush: { notification: { n: 1n } } }],
    ["a BigInt for Apple", { apns: { payload: { n: 1n } } }],
  ])("%s is refused", (_what, options) => {
    expect(refused(prepare(payload({}, options), sending()))).toMatchObject({
      code: "PAYLOAD_INVALID",
      message: expect.stringMatching(/^platform_data\.fcm: expected JSON values/),
    });
  });
});

describe("lifetime", () => {
  const lifetime = (ttl_seconds: number, now_ms = NOW_MS) => {
    const { message } = bodyOf(encode(prepared(), toToken, context(ttl_seconds, now_ms)));
    return [message.android.ttl, message.apns.headers["apns-expiration"], message.webpush.headers.TTL];
  };

  it("F7 is a length for Android and the web, a moment in UTC for Apple", () => {
    expect(lifetime(3600)).toEqual(["3600s", String(NOW_MS / 1000 + 3600), "3600"]);
  });

  it("1.9 0 is now or never, on every platform", () => {
    expect(lifetime(0)).toEqual(["0s", "0", "0"]);
  });

  it("what is left of a second is a second: now or never must not come of rounding", () => {
    expect(lifetime(0.2)).toEqual(["1s", String(NOW_MS / 1000 + 1), "1"]);
    expect(lifetime(59.5, NOW_MS + 250)).toEqual(["60s", String(NOW_MS / 1000 + 60), "60"]);
  });

  it("holds 28 days", () => {
    expect(lifetime(2_419_200)[0]).toBe("2419200s");
  });
});

describe("would a second copy replace a first one that is shown?", () => {
  const replaces = (fields: Partial<FcmPayload>, options?: FcmOptions) =>
    prepared(fields, options).replaces_shown;

  it("yes with a tag: Android, browsers and Apple's devices each have it in their words", () => {
    expect(replaces({ tag: "t" })).toBe(true);
    expect(replaces({ tag: "t", collapse_key: "k" })).toBe(true);
    expect(replaces({ tag: "t" }, { android_v2: {} })).toBe(true);
  });

  it.each<[string, Partial<FcmPayload>, FcmOptions]>([
    ["without one", {}, {}],
    ["with a collapse key: that replaces only what is not delivered yet", { collapse_key: "k" }, {}],
    ["with a tag for Android alone", {}, { android: { notification: { tag: "t" } } }],
    ["with a tag that Android does not get", { tag: "t" }, { android: { notification: { tag: "" } } }],
    ["with a tag that browsers do not get", { tag: "t" }, { webpush: { notification: { tag: "" } } }],
    ["with an id that Apple does not get", { tag: "t" }, { apns: { headers: { "apns-collapse-id": "" } } }],
    ["when nothing is shown", { tag: "t", background: true, data: { a: 1 } }, {}],
  ])("no %s", (_what, fields, options) => {
    expect(replaces(fields, options)).toBe(false);
  });
});
