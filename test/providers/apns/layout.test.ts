import { describe, expect, it } from "vitest";
import { apns } from "../../../providers/apns/index.js";
import type { ApnsOptions } from "../../../providers/apns/options.js";
import { bodyOf, payload, refused, requestOf, warnedOf } from "./support.js";

const apsOf = (...args: Parameters<typeof payload>) => bodyOf(payload(...args)).aps;

describe("the payload's own fields", () => {
  it("1.11 2.apns title and body are the alert, heard with the default sound", () => {
    expect(bodyOf(payload({ title: "Hello", body: "World" }))).toEqual({
      aps: { alert: { title: "Hello", body: "World" }, sound: "default" },
    });
    expect(apsOf({ body: "World" })).toEqual({ alert: { body: "World" }, sound: "default" });
    expect(apsOf({ title: "" })).toEqual({ alert: { title: "" }, sound: "default" });
  });

  it("1.11 2.apns data stands beside aps, any JSON", () => {
    const data = { order: 42, list: [1, null], deep: { a: { b: true } }, text: "ü" };
    expect(bodyOf(payload({ title: "t", data }))).toMatchObject(data);
  });

  it("2.apns A badge alone is enough, and 0 removes it", () => {
    expect(apsOf({ badge: 7 })).toEqual({ badge: 7 });
    expect(apsOf({ badge: 0 })).toEqual({ badge: 0 });
  });

  it.each<[string, Parameters<typeof payload>, unknown]>([
    ["is used", [{ title: "t", sound: "ping.caf" }], "ping.caf"],
    ["of the options wins", [{ title: "t", sound: "ping.caf" }, { sound: "pong.caf" }], "pong.caf"],
    ["false is none", [{ title: "t" }, { sound: false }], undefined],
    ["empty is none", [{ title: "t" }, { sound: "" }], undefined],
    ["empty in the payload is none", [{ title: "t", sound: "" }], undefined],
    ["silent is none", [{ title: "t", silent: true }], undefined],
    ["silent wins over the payload's", [{ title: "t", silent: true, sound: "ping.caf" }], undefined],
    ["of the options wins over silent", [{ title: "t", silent: true }, { sound: "ping.caf" }], "ping.caf"],
    ["with a localised title is the default", [{}, { title_loc_key: "HI" }], "default"],
    ["with an alert given whole is not added", [{}, { aps: { alert: { title: "t" } } }], undefined],
    ["with a badge alone is not added", [{ badge: 1 }], undefined],
    [
      "critical",
      [{ title: "t" }, { sound: { critical: 1, name: "alarm", volume: 0.5 } }],
      { critical: 1, name: "alarm", volume: 0.5 },
    ],
  ])("1.11 2.apns the sound %s", (_what, args, sound) => {
    expect((apsOf(...args) as { sound?: unknown }).sound).toEqual(sound);
  });

  it("url and image are the app's to read; an image asks its service extension", () => {
    const notification = payload({
      title: "t",
      url: "https://a.example/1",
      image: "https://a.example/i.png",
    });
    expect(bodyOf(notification)).toEqual({
      aps: { alert: { title: "t" }, sound: "default", "mutable-content": 1 },
      url: "https://a.example/1",
      image: "https://a.example/i.png",
    });
    expect(warnedOf(notification)).toEqual([]);
    const own = payload({ title: "t", url: "https://a.example/1", data: { url: "app://x" } });
    expect(bodyOf(own).url).toBe("app://x");
  });

  it("message_id travels when the payload gave it", () => {
    expect(bodyOf(payload({ title: "t", message_id: "order-7" })).message_id).toBe("order-7");
    expect(bodyOf(payload({ title: "t" }))).not.toHaveProperty("message_id");
    const other = payload({ title: "t", message_id: "order-7", data: { message_id: "theirs" } });
    expect(bodyOf(other).message_id).toBe("order-7");
    expect(warnedOf(other)).toEqual(["data.message_id"]);
    expect(bodyOf(payload({ title: "t", data: { message_id: "theirs" } })).message_id).toBe("theirs");
  });

  it.each<[string, Parameters<typeof payload>[0]]>([
    ["icon", { icon: "https://a.example/i.png" }],
    ["actions", { actions: [{ action: "open", title: "Open" }] }],
    ["badge", { badge: "https://a.example/b.png" }],
    ["created_at", { created_at_ms: 1 }],
    ["sound", { sound: "ping.caf", silent: true }],
    ["tag", { tag: "a", collapse_key: "b" }],
  ])("what APNs does not carry is told: %s", (field, fields) => {
    expect(warnedOf(payload({ title: "t", ...fields }))).toEqual([field]);
  });

  it("A2 the name aps is reserved in data and in the options' payload", () => {
    const { code, message } = refused(requestOf(payload({ title: "t", data: { aps: { badge: 1 } } })));
    expect(code).toBe("PAYLOAD_INVALID");
    expect(message).toMatch(/^data\.aps: .*platform_data\.apns\.aps/);
    const own = refused(requestOf(payload({ title: "t" }, { payload: { aps: {} } })));
    expect(own.message).toMatch(/^platform_data\.apns\.payload\.aps: /);
  });

  it("an alert with nothing to see or hear is refused", () => {
    for (const empty of [
      payload(),
      payload({ background: false, data: { a: 1 } }),
      payload({ silent: true }),
    ]) {
      expect(refused(requestOf(empty))).toMatchObject({ code: "PAYLOAD_INVALID" });
    }
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["a cycle", cyclic(), "data"],
    ["a BigInt", { n: 1n }, "data"],
    [
      "a getter that throws",
      {
        deep: {
          get boom() {
            throw new Error("boom");
          },
        },
      },
      "data",
    ],
  ])("data that is not JSON is refused by its field: %s", (_what, data, field) => {
    const { code, message } = refused(requestOf(payload({ title: "t", data })));
    expect(code).toBe("PAYLOAD_INVALID");
    expect(message).toMatch(new RegExp(`^${field}: `));
    const own = refused(requestOf(payload({ title: "t" }, { payload: data })));
    expect(own.message).toMatch(/^platform_data\.apns\.payload: /);
    const state = payload({}, { live_activity: { event: "update", content_state: data } });
    expect(refused(requestOf(state)).message).toMatch(/^platform_data\.apns: /);
  });
});

function cyclic(): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  data.self = data;
  return data;
}

describe("the options", () => {
  it.each<[string, ApnsOptions, object]>([
    ["title", { title: "own" }, { alert: { title: "own", body: "b" }, sound: "default" }],
    ["subtitle", { subtitle: "s" }, { alert: { title: "t", body: "b", subtitle: "s" }, sound: "default" }],
    ["launch_image", { launch_image: "l" }, { alert: { title: "t", body: "b", "launch-image": "l" } }],
    [
      "title_loc_key",
      { title_loc_key: "K", title_loc_args: ["1"] },
      { alert: { "title-loc-key": "K", "title-loc-args": ["1"] } },
    ],
    [
      "subtitle_loc_key",
      { subtitle_loc_key: "K", subtitle_loc_args: ["1"] },
      { alert: { "subtitle-loc-key": "K", "subtitle-loc-args": ["1"] } },
    ],
    [
      "loc_key",
      { loc_key: "K", loc_args: ["1", "2"] },
      { alert: { "loc-key": "K", "loc-args": ["1", "2"] } },
    ],
    ["badge", { badge: 3 }, { badge: 3 }],
    ["content_available", { content_available: true }, { "content-available": 1 }],
    ["content_available as 1", { content_available: 1 }, { "content-available": 1 }],
    ["mutable_content", { mutable_content: true }, { "mutable-content": 1 }],
    ["category", { category: "ORDER" }, { category: "ORDER" }],
    ["thread_id", { thread_id: "order-42" }, { "thread-id": "order-42" }],
    ["interruption_level", { interruption_level: "passive" }, { "interruption-level": "passive" }],
    ["relevance_score", { relevance_score: 0.25 }, { "relevance-score": 0.25 }],
    ["target_content_id", { target_content_id: "w1" }, { "target-content-id": "w1" }],
    ["filter_criteria", { filter_criteria: "work" }, { "filter-criteria": "work" }],
    ["url_args", { url_args: ["a", "b"] }, { "url-args": ["a", "b"] }],
  ])("A7 1.11 2.apns %s has its place in aps", (_name, options, expected) => {
    expect(apsOf({ title: "t", body: "b" }, options)).toMatchObject(expected);
  });

  it("1.11 false leaves a flag out", () => {
    const aps = apsOf(
      { title: "t" },
      { content_available: false, mutable_content: 0, content_changed: false },
    );
    expect(aps).toEqual({ alert: { title: "t" }, sound: "default" });
  });

  it("A7 aps is taken as it is, in Apple's names, and wins, deep", () => {
    const aps = apsOf(
      { title: "t", body: "b", badge: 1, sound: "a" },
      {
        badge: 2,
        thread_id: "one",
        aps: {
          alert: { title: "own", "loc-key": "K" },
          badge: 3,
          "thread-id": "two",
          "content-available": 1,
        },
      },
    );
    expect(aps).toEqual({
      alert: { title: "own", body: "b", "loc-key": "K" },
      badge: 3,
      sound: "a",
      "thread-id": "two",
      "content-available": 1,
    });
    expect(apsOf({ title: "t" }, { aps: { alert: "text" } })).toMatchObject({ alert: "text" });
  });

  it("payload is merged over data, deep", () => {
    const body = bodyOf(
      payload({ title: "t", data: { a: { b: 1, c: 2 }, d: 3 } }, { payload: { a: { b: 9 }, e: 4 } }),
    );
    expect(body).toMatchObject({ a: { b: 9, c: 2 }, d: 3, e: 4 });
  });

  it("the relevance of an alert is between 0 and 1", () => {
    for (const relevance_score of [-0.1, 1.5]) {
      const { message } = refused(requestOf(payload({ title: "t" }, { relevance_score })));
      expect(message).toMatch(/relevance_score: expected a number from 0 to 1/);
    }
  });

  it.each<[string, object, RegExp]>([
    ["an unknown option", { bagde: 1 }, /bagde/],
    ["an unknown member of aps", { aps: { bagde: 1 } }, /bagde/],
    ["an unknown member of an alert", { aps: { alert: { titel: "t" } } }, /titel/],
    ["an unknown member of a sound", { sound: { name: "a", loud: 1 } }, /loud/],
    ["an unknown member of a Live Activity", { live_activity: { event: "end", state: {} } }, /state/],
    ["a badge as text", { aps: { badge: "7" } }, /number/],
    ["a volume above 1", { sound: { name: "a", volume: 2 } }, /<=1/],
    ["a level that is none", { interruption_level: "urgent" }, /time-sensitive/],
    ["a push type that is none", { push_type: "alerts" }, /liveactivity/],
    ["a priority that is none", { priority: 7 }, /10, 5 or 1/],
    ["an id that is no UUID", { apns_id: "7" }, /UUID/],
    ["milliseconds for seconds", { expiration: 1_790_000_000_000 }, /UNIX seconds/],
    [
      "milliseconds in a Live Activity",
      { live_activity: { event: "end", stale_date: 1_790_000_000_000 } },
      /UNIX seconds/,
    ],
    ["content-available 2", { aps: { "content-available": 2 } }, /1 or 0/],
    ["a topic with a line break", { topic: "a\r\nb" }, /topic/],
  ])("%s is refused", (_what, options, words) => {
    const parsed = apns.platform_data?.safeParse(options);
    if (!parsed || parsed.success) throw new Error("was not refused");
    expect(JSON.stringify(parsed.error.issues)).toMatch(words);
  });

  it("a mistake deep inside is told with its path", () => {
    const parsed = apns.platform_data?.safeParse({ aps: { alert: { title: { "loc-key": 7 } } } });
    expect(parsed).toMatchObject({
      success: false,
      error: { issues: [{ path: ["aps", "alert", "title", "loc-key"] }] },
    });
  });
});
