import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ApnsPayload } from "../../../providers/apns/layout.js";
import type { ApnsOptions } from "../../../providers/apns/options.js";
import type { Target } from "../../../src/codec.js";
import { checkPayload } from "../../../src/payload.js";
import {
  accepted,
  bodyOf,
  CHANNEL,
  context,
  headersOf,
  MESSAGE_ID,
  NOW_MS,
  openCodec,
  payload,
  refused,
  requestOf,
  TOKEN,
  warnedOf,
} from "./support.js";

const NOW = NOW_MS / 1000;
const channel: Target<string> = { kind: "channel", value: CHANNEL };
const UPDATE = { event: "update", content_state: { score: 1 } } as const;

describe("the request to a device", () => {
  it("1.11 2.apns is a POST of JSON to /3/device/<token>, complete but for the authorization", () => {
    expect(accepted(requestOf(payload({ title: "Hello" })))).toEqual({
      method: "POST",
      url: `https://api.push.apple.com/3/device/${TOKEN}`,
      headers: {
        "content-type": "application/json",
        "apns-push-type": "alert",
        "apns-topic": "com.example.MyApp",
        "apns-priority": "10",
        "apns-expiration": String(NOW + 300),
        "apns-id": MESSAGE_ID,
      },
      body: '{"aps":{"alert":{"title":"Hello"},"sound":"default"}}',
    });
  });

  it("goes to the configured endpoint, with the token as it was given", async () => {
    const codec = await openCodec({ endpoint: "https://localhost:8443" });
    const target: Target<string> = { kind: "token", token: "AB".repeat(40) };
    const { url } = accepted(requestOf(payload({ title: "t" }), { codec, target }));
    expect(url).toBe(`https://localhost:8443/3/device/${"AB".repeat(40)}`);
  });

  it("is the same each time it is made for one message, so that a retry is the same notification", () => {
    const notification = payload({ title: "t", collapse_key: "k" });
    expect(requestOf(notification)).toEqual(requestOf(notification));
  });
});

describe("apns-id", () => {
  it.each<[string, string, ApnsOptions, string | undefined]>([
    ["is the message_id when that is a UUID", MESSAGE_ID, {}, MESSAGE_ID],
    ["is in lower case", MESSAGE_ID.toUpperCase(), {}, MESSAGE_ID],
    ["is left to Apple when it is not", "order-7", {}, undefined],
    [
      "is what the options say",
      MESSAGE_ID,
      { apns_id: "EABEAE54-14A8-11E5-B60B-1697F925EC7B" },
      "eabeae54-14a8-11e5-b60b-1697f925ec7b",
    ],
  ])("%s", (_what, message_id, options, id) => {
    const at = context(300, NOW_MS, message_id);
    expect(headersOf(payload({ title: "t" }, options), { at })["apns-id"]).toBe(id);
  });
});

describe("apns-expiration", () => {
  const expirationAt = (at: ReturnType<typeof context>, options: ApnsOptions = {}) =>
    headersOf(payload({ title: "t" }, options), { at })["apns-expiration"];

  it("is the end in UNIX seconds, rounded up; 0 is now or never and nothing else", () => {
    expect(expirationAt(context(300))).toBe(String(NOW + 300));
    expect(expirationAt(context(0))).toBe("0");
    expect(expirationAt(context(0.001))).toBe(String(NOW + 1));
    expect(expirationAt(context(1, NOW_MS + 500))).toBe(String(NOW + 2));
  });

  it.each(["2026-11-20T13:00:00Z", "2026-11-20T08:00:00-05:00", "2026-11-20T22:30:00+09:30"])(
    "F7 %s is one moment in every zone",
    (expires_at) => {
      const checked = accepted(checkPayload({ title: "t", expires_at }));
      const at = { ...context(), expires_at_ms: checked.expires_at_ms ?? 0 };
      expect(expirationAt(at)).toBe(String(NOW + 3600));
    },
  );

  it("of the options is used as it is; one that is over is EXPIRED", () => {
    expect(expirationAt(context(), { expiration: NOW + 7 })).toBe(String(NOW + 7));
    expect(expirationAt(context(), { expiration: 0 })).toBe("0");
    const over = requestOf(payload({ title: "t" }, { expiration: NOW }));
    expect(refused(over)).toMatchObject({ code: "EXPIRED" });
  });

  it.each(["voip", "pushtotalk"] as const)("a %s that names no lifetime is not stored", (push_type) => {
    const of = (fields: Partial<ApnsPayload>, options: ApnsOptions = {}) =>
      headersOf(payload({ title: "t", ...fields }, { push_type, ...options }))["apns-expiration"];
    expect(of({})).toBe("0");
    expect(of({ ttl_seconds: 300 })).toBe(String(NOW + 300));
    expect(of({ expires_at_ms: NOW_MS + 300_000 })).toBe(String(NOW + 300));
    expect(of({}, { expiration: NOW + 9 })).toBe(String(NOW + 9));
  });
});

describe("apns-collapse-id", () => {
  const idOf = (fields: Partial<ApnsPayload>, options: ApnsOptions = {}) =>
    headersOf(payload({ title: "t", ...fields }, options))["apns-collapse-id"];

  it("1.11 is the collapse_key, else the tag; the options win", () => {
    expect(idOf({})).toBeUndefined();
    expect(idOf({ tag: "score" })).toBe("score");
    expect(idOf({ tag: "score", collapse_key: "match 7" })).toBe("match 7");
    expect(idOf({ collapse_key: "match 7" }, { collapse_id: "own" })).toBe("own");
    expect(idOf({ tag: "" })).toBeUndefined();
  });

  it("A6 has at most 64 bytes; a longer one, or one that a header cannot carry, is hashed, always alike", () => {
    expect(idOf({ collapse_key: "k".repeat(64) })).toBe("k".repeat(64));
    for (const key of ["k".repeat(65), "ü".repeat(33), "ü", " padded", "padded ", "line\nbreak", "😀"]) {
      expect(idOf({ collapse_key: key })).toMatch(/^[\w-]{43}$/);
      expect(idOf({ collapse_key: key })).toBe(idOf({}, { collapse_id: key }));
    }
    expect(idOf({ collapse_key: "k".repeat(65) })).not.toBe(idOf({ collapse_key: "k".repeat(66) }));
  });

  it("a second copy replaces a shown alert, and nothing else", async () => {
    const codec = await openCodec();
    const replaces = (notification: ApnsPayload) =>
      codec.replacesDelivered?.(accepted(codec.prepare(notification, { kind: "token", dry_run: false })));
    expect(replaces(payload({ title: "t", collapse_key: "k" }))).toBe(true);
    expect(replaces(payload({ title: "t", tag: "k" }))).toBe(true);
    expect(replaces(payload({ title: "t" }))).toBe(false);
    expect(replaces(payload({ badge: 3, collapse_key: "k" }))).toBe(false);
    expect(replaces(payload({ background: true, collapse_key: "k" }))).toBe(false);
    expect(replaces(payload({ title: "t", collapse_key: "k" }, { push_type: "voip" }))).toBe(false);
  });
});

describe("the request to a channel", () => {
  const update = payload({}, { live_activity: UPDATE });

  it("is a broadcast of a Live Activity, without topic, collapse id and apns-id", () => {
    expect(accepted(requestOf(update, { target: channel }))).toEqual({
      method: "POST",
      url: "https://api.push.apple.com/4/broadcasts/apps/com.example.MyApp",
      headers: {
        "content-type": "application/json",
        "apns-push-type": "liveactivity",
        "apns-priority": "10",
        "apns-expiration": String(NOW + 300),
        "apns-channel-id": CHANNEL,
        "apns-request-id": MESSAGE_ID,
      },
      body: `{"aps":{"timestamp":${NOW},"event":"update","content-state":{"score":1}}}`,
    });
    const now = context(0);
    expect(headersOf(update, { target: channel, at: now })["apns-expiration"]).toBe("0");
  });

  it("goes to the configured endpoint, under the request's own id", async () => {
    const codec = await openCodec({ broadcast_endpoint: "https://api-broadcast.push.apple.com" });
    const own = payload({}, { live_activity: UPDATE, request_id: "EABEAE54-14A8-11E5-B60B-1697F925EC7B" });
    const { url, headers } = accepted(requestOf(own, { codec, target: channel }));
    expect(url).toBe("https://api-broadcast.push.apple.com/4/broadcasts/apps/com.example.MyApp");
    expect(headers["apns-request-id"]).toBe("eabeae54-14a8-11e5-b60b-1697f925ec7b");
  });

  it("may end an activity, and cannot start one", () => {
    const end = payload({}, { live_activity: { event: "end" } });
    expect(bodyOf(end, { target: channel })).toEqual({ aps: { event: "end", timestamp: NOW } });
    const start = payload(
      { title: "t" },
      { live_activity: { event: "start", content_state: {}, attributes: {}, attributes_type: "A" } },
    );
    expect(refused(requestOf(start, { target: channel })).message).toMatch(/not start one/);
  });

  it.each<[string, Parameters<typeof payload>, RegExp]>([
    ["an alert", [{ title: "t" }], /event: expected/],
    [
      "another push type",
      [{ title: "t" }, { push_type: "alert" }],
      /push_type: a channel carries only "liveactivity"/,
    ],
  ])("carries nothing else: %s", (_what, args, words) => {
    const { code, message } = refused(requestOf(payload(...args), { target: channel }));
    expect(code).toBe("PAYLOAD_INVALID");
    expect(message).toMatch(words);
  });

  it("says what a broadcast does not have, and a device's notification not", () => {
    const asked = payload(
      { collapse_key: "k", tag: "t" },
      { live_activity: UPDATE, collapse_id: "c", topic: "a.b", apns_id: MESSAGE_ID },
    );
    expect(warnedOf(asked, "channel")).toEqual([
      "collapse_key",
      "tag",
      "platform_data.apns.collapse_id",
      "platform_data.apns.topic",
      "platform_data.apns.apns_id",
    ]);
    expect(warnedOf(payload({ title: "t" }, { request_id: MESSAGE_ID }))).toEqual([
      "platform_data.apns.request_id",
    ]);
  });
});

describe("the size of the body", () => {
  const LIVE: ApnsOptions = { live_activity: UPDATE };
  const WAYS: [string, ApnsOptions, number, Target<string>][] = [
    ["an alert", {}, 4096, { kind: "token", token: TOKEN }],
    ["a VoIP push", { push_type: "voip" }, 5120, { kind: "token", token: TOKEN }],
    ["a Live Activity", LIVE, 4096, { kind: "token", token: TOKEN }],
    ["a broadcast", LIVE, 5120, { kind: "channel", value: CHANNEL }],
  ];
  const sized = (text: string, options: ApnsOptions) => payload({ title: text }, options);

  it.each(WAYS)("2.apns of %s is counted to the byte, in any script", (_what, options, limit, target) => {
    const room = limit - Buffer.byteLength(JSON.stringify(bodyOf(sized("", options), { target })));
    const unit = fc.constantFrom("a", "é", "€", "😀", "字");
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 500 }), (text) => {
        const filler = "x".repeat(room - Buffer.byteLength(text));
        const exact = accepted(requestOf(sized(text + filler, options), { target }));
        expect(Buffer.byteLength(String(exact.body))).toBe(limit);
        const below = accepted(requestOf(sized(text + filler.slice(1), options), { target }));
        expect(Buffer.byteLength(String(below.body))).toBe(limit - 1);
        const { code, message } = refused(requestOf(sized(`${text}${filler}x`, options), { target }));
        expect(code).toBe("PAYLOAD_TOO_LARGE");
        expect(message).toBe(`The payload is ${limit + 1} bytes; APNs takes at most ${limit} bytes.`);
      }),
      { numRuns: 50 },
    );
  });

  it("counts characters that JSON escapes", () => {
    const room = 4096 - Buffer.byteLength(JSON.stringify(bodyOf(sized("", {}))));
    const text = "\u0001".repeat(Math.floor(room / 6));
    expect(requestOf(sized(text, {}))).toHaveProperty("body");
    expect(refused(requestOf(sized(`${text}\u0001`, {}))).code).toBe("PAYLOAD_TOO_LARGE");
  });
});
