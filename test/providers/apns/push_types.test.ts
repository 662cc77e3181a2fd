import { describe, expect, it } from "vitest";
import { PUSH_TYPE_NAMES, type PUSH_TYPES } from "../../../providers/apns/push_types.js";
import { PushPriority } from "../../../src/index.js";
import { bodyOf, headersOf, openCodec, payload, warnedOf } from "./support.js";

const LIVE = { event: "update", content_state: { score: 1 } } as const;
const of = (push_type: keyof typeof PUSH_TYPES, more: object = {}) =>
  payload(
    { title: "Hello", ...more },
    { push_type, ...(push_type === "liveactivity" ? { live_activity: LIVE } : {}) },
  );

describe("each push type has its topic, and the priorities that it takes", () => {
  it.each<[keyof typeof PUSH_TYPES, string, string, string]>([
    ["alert", "com.example.MyApp", "10", "5"],
    ["background", "com.example.MyApp", "5", "5"],
    ["location", "com.example.MyApp.location-query", "10", "5"],
    ["voip", "com.example.MyApp.voip", "10", "10"],
    ["complication", "com.example.MyApp.complication", "10", "5"],
    ["fileprovider", "com.example.MyApp.pushkit.fileprovider", "10", "5"],
    ["mdm", "com.example.MyApp", "10", "5"],
    ["liveactivity", "com.example.MyApp.push-type.liveactivity", "10", "5"],
    ["pushtotalk", "com.example.MyApp.voip-ptt", "10", "10"],
    ["widgets", "com.example.MyApp.push-type.widgets", "10", "5"],
    ["controls", "com.example.MyApp.push-type.controls", "10", "5"],
  ])("A1 %s: %s, %s, and %s when low", (push_type, topic, normal, low) => {
    expect(headersOf(of(push_type))).toMatchObject({
      "apns-push-type": push_type,
      "apns-topic": topic,
      "apns-priority": normal,
    });
    expect(headersOf(of(push_type, { priority: "low" }))["apns-priority"]).toBe(low);
  });

  it("all of Apple's are there", () => {
    expect(PUSH_TYPE_NAMES).toHaveLength(11);
  });
});

describe("priority", () => {
  it.each([
    [PushPriority.LOW, "5"],
    [PushPriority.NORMAL, "10"],
    [PushPriority.HIGH, "10"],
    [PushPriority.CRITICAL, "10"],
  ])("1.11 2.apns %s is %s", (priority, expected) => {
    expect(headersOf(payload({ title: "t", priority }))["apns-priority"]).toBe(expected);
    expect(headersOf(payload({ priority, data: { a: 1 } }))["apns-priority"]).toBe("5");
  });

  it("critical also breaks through a Focus, as time-sensitive, unless another level is given", () => {
    expect(bodyOf(payload({ title: "t", priority: "critical" })).aps).toMatchObject({
      "interruption-level": "time-sensitive",
    });
    const own = payload({ title: "t", priority: "critical" }, { interruption_level: "critical" });
    expect(bodyOf(own).aps).toMatchObject({ "interruption-level": "critical" });
    expect(bodyOf(payload({ title: "t", priority: "high" })).aps).not.toHaveProperty("interruption-level");
    const background = payload({ background: true, priority: "critical" });
    expect(bodyOf(background).aps).toEqual({ "content-available": 1 });
  });

  it("a given one is used where its push type takes it", () => {
    expect(headersOf(payload({ title: "t" }, { priority: 1 }))["apns-priority"]).toBe("1");
    expect(warnedOf(payload({ title: "t" }, { priority: 1 }))).toEqual([]);
  });

  it("A1 a background notification is sent with 5 whatever was given, and says so", () => {
    const asked = payload({ background: true }, { priority: 10 });
    expect(headersOf(asked)["apns-priority"]).toBe("5");
    expect(warnedOf(asked)).toEqual(["platform_data.apns.priority"]);
  });
});

describe("topic", () => {
  it("of the config is used as it is, for every push type", async () => {
    const codec = await openCodec({ topic: "com.example.Other" });
    for (const push_type of PUSH_TYPE_NAMES) {
      expect(headersOf(of(push_type), { codec })["apns-topic"]).toBe("com.example.Other");
    }
    expect(codec.info?.sender).toMatchObject({ topic: "com.example.Other" });
  });

  it("1.11 of the config that is the bundle id leaves the suffixes as they are", async () => {
    const codec = await openCodec({ topic: "com.example.MyApp" });
    expect(headersOf(of("voip"), { codec })["apns-topic"]).toBe("com.example.MyApp.voip");
    expect(headersOf(of("alert"), { codec })["apns-topic"]).toBe("com.example.MyApp");
  });

  it("of one notification wins over both", async () => {
    const codec = await openCodec({ topic: "com.example.Other" });
    const own = payload({ title: "t" }, { push_type: "voip", topic: "com.example.Third" });
    expect(headersOf(own, { codec })["apns-topic"]).toBe("com.example.Third");
  });
});

describe("the content says which push type it is", () => {
  it.each<[string, Parameters<typeof payload>[0], Parameters<typeof payload>[1], string]>([
    ["a title", { title: "t" }, {}, "alert"],
    ["a title with data", { title: "t", data: { a: 1 } }, {}, "alert"],
    ["a badge alone", { badge: 3 }, {}, "alert"],
    ["a badge with data", { badge: 3, data: { a: 1 } }, {}, "alert"],
    ["a sound alone", { sound: "ping.caf" }, {}, "alert"],
    ["an alert of aps", { data: { a: 1 } }, { aps: { alert: "hi" } }, "alert"],
    ["a badge of the options", { data: { a: 1 } }, { badge: 0 }, "alert"],
    ["a title with content-available", { title: "t" }, { content_available: true }, "alert"],
    ["data alone", { data: { a: 1 } }, {}, "background"],
    ["custom keys alone", {}, { payload: { a: 1 } }, "background"],
    ["content-available alone", {}, { content_available: true }, "background"],
    ["content-available of aps", {}, { aps: { "content-available": 1 } }, "background"],
    ["what is asked for", { background: true, title: "t" }, {}, "background"],
    ["data with an empty sound", { data: { a: 1 } }, { sound: false }, "background"],
    ["a Live Activity", { title: "t" }, { live_activity: LIVE }, "liveactivity"],
    ["a Live Activity of aps", {}, { aps: { event: "end" } }, "liveactivity"],
    ["content-changed", {}, { content_changed: true }, "widgets"],
    ["content-changed of aps", {}, { aps: { "content-changed": true } }, "widgets"],
    ["an MDM command", {}, { payload: { mdm: "magic" } }, "mdm"],
    ["the push type itself", { data: { a: 1 } }, { push_type: "voip" }, "voip"],
  ])("A1 %s", (_what, fields, options, push_type) => {
    expect(headersOf(payload(fields, options))["apns-push-type"]).toBe(push_type);
  });
});

it("an image asks the service extension of an alert and of nothing else", () => {
  const image = "https://a.example/i.png";
  expect(bodyOf(payload({ title: "t", image })).aps).toMatchObject({ "mutable-content": 1 });
  for (const push_type of ["voip", "background"] as const) {
    expect(bodyOf(payload({ image }, { push_type }))).toEqual({
      aps: push_type === "voip" ? {} : { "content-available": 1 },
      image,
    });
  }
});

describe("what is not seen", () => {
  it("A1 2.apns a background notification carries no alert, sound or badge, and says what was left out", () => {
    const asked = payload(
      { title: "t", body: "b", badge: 3, sound: "ping", background: true, data: { a: 1 } },
      {
        subtitle: "s",
        badge: 4,
        sound: "pong",
        category: "c",
        aps: { alert: "hi", badge: 5, sound: "pang", "thread-id": "x" },
      },
    );
    expect(bodyOf(asked)).toEqual({
      aps: { "content-available": 1, category: "c", "thread-id": "x" },
      a: 1,
    });
    expect(warnedOf(asked)).toEqual([
      "title",
      "body",
      "badge",
      "sound",
      "platform_data.apns.subtitle",
      "platform_data.apns.badge",
      "platform_data.apns.sound",
      "platform_data.apns.aps.alert",
      "platform_data.apns.aps.badge",
      "platform_data.apns.aps.sound",
    ]);
  });

  it.each(["widgets", "controls"] as const)("%s are told that there is news, and no more", (push_type) => {
    expect(bodyOf(payload({ title: "t" }, { push_type }))).toEqual({ aps: { "content-changed": true } });
    expect(warnedOf(payload({ title: "t" }, { push_type }))).toEqual(["title"]);
  });

  it("fileprovider and mdm have no aps", () => {
    const place = { "container-identifier": "root", domain: "d" };
    const asked = payload({ title: "t", url: "https://a", data: place }, { push_type: "fileprovider" });
    expect(bodyOf(asked)).toEqual(place);
    expect(warnedOf(asked)).toEqual(["title", "url"]);
    const own = payload({ data: place }, { push_type: "fileprovider", category: "c" });
    expect(bodyOf(own)).toEqual({ aps: { category: "c" }, ...place });
    expect(bodyOf(payload({}, { payload: { mdm: "magic" } }))).toEqual({ mdm: "magic" });
  });

  it.each(["voip", "pushtotalk", "complication", "location"] as const)(
    "%s carries what is given",
    (push_type) => {
      expect(bodyOf(payload({ data: { call: 7 } }, { push_type }))).toEqual({ aps: {}, call: 7 });
      expect(
        bodyOf(payload({ title: "Ann", data: { call: 7 }, priority: "critical" }, { push_type })),
      ).toEqual({
        aps: { alert: { title: "Ann" } },
        call: 7,
      });
    },
  );
});
