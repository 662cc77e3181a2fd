import { Notification } from "@parse/node-apn";
import { describe, expect, it } from "vitest";
import type { ApnsPayload } from "../../../providers/apns/layout.js";
import type { ApnsOptions, ApnsPlatformData } from "../../../providers/apns/options.js";
import { optionsSchema } from "../../../providers/apns/options.js";
import type { Target } from "../../../src/codec.js";
import { ADDRESS, ROWS } from "./golden.js";
import {
  accepted,
  bodyOf,
  CHANNEL,
  headersOf,
  MESSAGE_ID,
  NOW_MS,
  openApns,
  payload,
  requestOf,
  TOKEN,
  warnedOf,
} from "./support.js";

/** What node-apn's types leave out. */
type Wire = Notification & { headers(): Record<string, unknown>; compile(): string; toJSON(): unknown };

const NOW = NOW_MS / 1000;
/** The instance as options, as `platform_data.apns` reads it. */
function read(notification: Notification): ApnsOptions {
  const parsed = optionsSchema.safeParse(notification);
  if (!parsed.success) throw new Error(JSON.stringify(parsed.error.issues));
  return parsed.data;
}

/** What node-apn itself sends of a notification. */
function theirs(init: object) {
  const notification = new Notification(init) as Wire;
  const headers = Object.entries(notification.headers()).map(([name, value]) => [name, String(value)]);
  return { headers: Object.fromEntries(headers), body: JSON.parse(notification.compile()) };
}

/** What we send of the same, by our own names, and of an instance. */
function ours(notification: ApnsPayload) {
  const { headers, body } = accepted(requestOf(notification));
  // APNs does not ask for a content type and takes one; nodes between us and Apple may want it.
  const { "content-type": type, ...rest } = headers;
  expect(type).toBe("application/json");
  return { headers: rest, body: JSON.parse(String(body)) };
}

describe("headers and body are what node-apn puts on the wire", () => {
  it.each(ROWS)("%s", (_name, init, fields, options, differs = {}) => {
    const { headers, body } = theirs(init);
    const expected = { headers: { ...headers, ...differs.headers }, body: differs.body ?? body };
    expect(ours(payload(fields, options))).toEqual(expected);
  });

  it.each(ROWS)("of an instance, too: %s", (_name, init, _fields, _options, differs = {}) => {
    const { headers, body } = theirs(init);
    const expected = { headers: { ...headers, ...differs.headers }, body: differs.body ?? body };
    expect(ours(payload({}, read(new Notification(init))))).toEqual(expected);
  });
});

describe("an instance in platform_data.apns", () => {
  it("is sent as it is, through the whole provider, and is not changed", async () => {
    const { provider, transport } = await openApns();
    const notification = new Notification({
      ...ADDRESS,
      topic: "a.b",
      title: "t",
      badge: 1,
      payload: { x: 1 },
    });
    const before = JSON.stringify([notification, Object.keys(notification)]);
    for (const name of ["apns", "apns_apple"]) {
      const sent = await provider.sendNotification(TOKEN, { platform_data: { [name]: notification } });
      expect(sent).toMatchObject({ success: true, warnings: [] });
      const { headers, body } = transport.sent.at(-1)?.request ?? {};
      expect(headers).toMatchObject({ "apns-id": MESSAGE_ID, "apns-topic": "a.b" });
      expect(JSON.parse(String(body))).toEqual({ x: 1, aps: { alert: { title: "t" }, badge: 1 } });
    }
    expect(JSON.stringify([notification, Object.keys(notification)])).toBe(before);
    await provider.close();
  });

  it("loses none of its headers", () => {
    const notification = new Notification({
      id: MESSAGE_ID,
      requestId: MESSAGE_ID,
      expiry: 0,
      priority: 1,
      collapseId: "k".repeat(70),
      pushType: "alert",
      topic: "com.example.Other",
      alert: "text",
    });
    expect(headersOf(payload({}, read(notification)))).toMatchObject({
      "apns-id": MESSAGE_ID,
      "apns-expiration": "0",
      "apns-priority": "1",
      "apns-collapse-id": expect.stringMatching(/^[\w-]{43}$/),
      "apns-push-type": "alert",
      "apns-topic": "com.example.Other",
    });
  });

  it("to a channel carries its request's id", () => {
    const notification = new Notification({
      requestId: MESSAGE_ID,
      channelId: CHANNEL,
      event: "end",
      timestamp: 7,
    });
    const target: Target<string> = { kind: "channel", value: CHANNEL };
    const asked = payload({}, read(notification));
    const at = { message_id: "other", now_ms: NOW_MS, expires_at_ms: NOW_MS, sequence: 0 };
    expect(headersOf(asked, { target, at })).toMatchObject({
      "apns-request-id": MESSAGE_ID,
      "apns-channel-id": CHANNEL,
    });
    expect(bodyOf(asked, { target })).toEqual({ aps: { event: "end", timestamp: 7 } });
  });

  it("keeps members of aps that neither library knows", () => {
    const notification = new Notification({ title: "t", action: "Open", actionLocKey: "OPEN" });
    Object.assign(notification.aps, { "new-in-2027": { a: 1 } });
    expect(bodyOf(payload({}, read(notification)))).toEqual({
      aps: { alert: { title: "t", action: "Open", "action-loc-key": "OPEN" }, "new-in-2027": { a: 1 } },
    });
  });

  it("keeps an aps inside of payload, which node-apn drops in silence", () => {
    const init = { payload: { order: 42, aps: { alert: "hi", badge: 2 } } };
    expect(theirs(init).body).toEqual({ order: 42 });
    expect(bodyOf(payload({}, read(new Notification(init))))).toEqual({
      aps: { alert: "hi", badge: 2 },
      order: 42,
    });
    const both = new Notification({ ...init, badge: 3 });
    expect(bodyOf(payload({}, read(both)))).toEqual({ aps: { alert: "hi", badge: 3 }, order: 42 });
  });

  it("keeps what is set after a compilation, which node-apn drops in silence", () => {
    const notification = new Notification({ title: "old" }) as Wire;
    notification.compile();
    Object.assign(notification, { title: "new" });
    expect(JSON.parse(notification.compile())).toEqual({ aps: { alert: { title: "old" } } });
    expect(bodyOf(payload({}, read(notification))).aps).toMatchObject({ alert: { title: "new" } });
  });

  it("says nothing of its priority while that is node-apn's own default", () => {
    const background = payload(
      {},
      read(new Notification({ pushType: "background", contentAvailable: true })),
    );
    expect(warnedOf(background)).toEqual([]);
    const low = payload({ priority: "low" }, read(new Notification({ title: "t" })));
    expect(headersOf(low)["apns-priority"]).toBe("5");
  });

  it("fits the type of platform_data.apns", () => {
    const fitting: ApnsPlatformData = new Notification({ title: "t" });
    expect(optionsSchema.safeParse(fitting).success).toBe(true);
  });

  it("with a raw payload is that payload", () => {
    const rawPayload = { aps: { alert: { title: "raw" }, "thread-id": "x" }, order: 42 };
    const payload_too = { aps: { badge: 3 }, more: 1 };
    const notification = new Notification({ rawPayload, payload: payload_too, title: "not sent" });
    expect(bodyOf(payload({}, read(notification)))).toEqual(rawPayload);
  });

  it("without a push type gets the one that its content makes it", () => {
    const typeOf = (init: object) => headersOf(payload({}, read(new Notification(init))))["apns-push-type"];
    expect(typeOf({ title: "t" })).toBe("alert");
    expect(typeOf({ contentAvailable: true })).toBe("background");
    expect(typeOf({ contentChanged: true })).toBe("widgets");
    expect(typeOf({ event: "end" })).toBe("liveactivity");
    expect(typeOf({ mdm: "magic" })).toBe("mdm");
  });

  it("of somebody's own making is known by its two methods", () => {
    const notification = {
      headers: () => ({ "apns-priority": "5", "apns-expiration": String(NOW + 60), "apns-topic": "a.b" }),
      compile: () => '{"aps":{"alert":"hi"},"order":42}',
    };
    const asked = payload({}, read(notification as never));
    expect(headersOf(asked)).toMatchObject({
      "apns-priority": "5",
      "apns-expiration": String(NOW + 60),
      "apns-topic": "a.b",
    });
    expect(bodyOf(asked)).toEqual({ aps: { alert: "hi" }, order: 42 });
  });

  it.each<[string, object, RegExp]>([
    ["a wrong type in aps", Object.assign(new Notification(), { aps: { badge: "7" } }), /badge/],
    ["an id that is no UUID", new Notification({ id: "7", title: "t" }), /apns_id/],
    ["a push type that is none", new Notification({ pushType: "alerts", title: "t" }), /push_type/],
    ["a raw payload that is no object", new Notification({ rawPayload: "text" }), /could not be read/],
    [
      "one that throws",
      {
        headers: () => {
          throw new Error("boom");
        },
        compile: () => "{}",
      },
      /could not be read/,
    ],
    ["one that is no JSON", { headers: () => ({}), compile: () => "{" }, /could not be read/],
  ])("is refused by the field, not dropped: %s", async (_what, notification, words) => {
    const { provider } = await openApns();
    const result = await provider.sendNotification(TOKEN, {
      platform_data: { apns: notification as ApnsOptions },
    });
    expect(result).toMatchObject({ success: false, error_code: "PAYLOAD_INVALID", attempts: 0 });
    expect(result.message).toMatch(/^platform_data\.apns/);
    expect(result.message).toMatch(words);
    await provider.close();
  });
});
