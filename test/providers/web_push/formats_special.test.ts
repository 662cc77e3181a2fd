import { describe, expect, it } from "vitest";
import type { WebPushOptions } from "../../../providers/web_push/config.js";
import type { WebPushPayload } from "../../../providers/web_push/formats.js";
import { EVERYTHING, ID, layOutOf, read, refusal, SHOWN, textOf, warned } from "./layouts.js";

describe("declarative", () => {
  const options = { format: "declarative", app_badge: 1, mutable: true } as const;

  it("is the standard's message, with app_badge and mutable in both places", () => {
    const { actions: _, ...shown } = SHOWN;
    expect(read(EVERYTHING, options)).toEqual({
      web_push: 8030,
      notification: {
        ...shown,
        actions: [
          { action: "view", title: "View", navigate: "https://shop.example/config" },
          { action: "go", title: "Go", navigate: "https://shop.example/go" },
        ],
        navigate: "https://shop.example/config",
        app_badge: 1,
        mutable: true,
      },
      app_badge: 1,
      mutable: true,
    });
  });

  it("app_badge 0, which clears it, is carried", () => {
    expect(read(EVERYTHING, { ...options, app_badge: 0 })).toMatchObject({
      app_badge: 0,
      notification: { app_badge: 0 },
    });
  });

  it("navigate wins over url", () => {
    const navigate = "https://shop.example/other";
    expect(read(EVERYTHING, { ...options, navigate }).notification.navigate).toBe(navigate);
  });

  it.each<[string, Partial<WebPushPayload>, WebPushOptions, RegExp]>([
    ["a title", { title: undefined, body: "b", url: "https://a.example/" }, {}, /^title/],
    ["a title that is not empty", { title: "", body: "b", url: "https://a.example/" }, {}, /^title/],
    ["a URL", { body: "b" }, {}, /^url: .*absolute/],
    ["an absolute URL", { url: "/orders/1" }, {}, /^url: .*absolute/],
    ["an http URL", { url: "javascript:alert(1)" }, {}, /^url: .*absolute/],
    ["a URL that is one", { url: "https://" }, {}, /^url: .*absolute/],
    ["an absolute navigate", { url: "https://a.example/" }, { navigate: "b" }, /navigate/],
    [
      "actions with absolute URLs",
      {
        url: "https://a.example/",
        actions: [
          { action: "a", title: "A" },
          { action: "b", title: "B", url: "/b" },
        ],
      },
      {},
      /^actions\.1\.url/,
    ],
    ["something to show", { title: undefined, data: { a: 1 } }, {}, /background/],
  ])("needs %s", (_what, fields, more, message) => {
    const { code, message: text } = refusal(fields, { format: "declarative", ...more });
    expect(code).toBe("PAYLOAD_INVALID");
    expect(text).toMatch(message);
  });

  it("what only it carries is a warning in other formats", () => {
    const given = { navigate: "https://a.example/", app_badge: 1, mutable: true };
    const expected = ["navigate", "app_badge", "mutable"].map(
      (name) => `unsupported_field platform_data.web_push.${name}`,
    );
    expect(warned({}, given)).toEqual(expected);
    expect(warned({}, { ...given, format: "flat" })).toEqual(expected);
    expect(warned({}, { ...given, format: "declarative" })).toEqual([]);
  });
});

describe("raw and empty", () => {
  it("raw carries text or bytes as they are", () => {
    expect(layOutOf({ title: undefined }, { format: "raw", raw_body: "plain ü" })).toMatchObject({
      raw: "plain ü",
      warnings: [],
    });
    const bytes = new Uint8Array([0, 255, 1]);
    expect(layOutOf({ title: undefined }, { format: "raw", raw_body: bytes }).raw).toBe(bytes);
  });

  it("empty carries nothing", () => {
    const message = layOutOf({ title: undefined }, { format: "empty" });
    expect(message).toEqual({ raw: undefined, shows_tag: false, warnings: [] });
  });

  it.each(["raw", "empty"] as const)("%s says which fields it leaves out", (format) => {
    const raw = format === "raw" ? { raw_body: "x" } : {};
    const fields = { body: "b", data: { a: 1 }, url: "/u", message_id: "m", sound: "s" };
    expect(warned(fields, { format, ...raw, lang: "en" })).toEqual(
      ["title", "body", "platform_data.web_push.lang", "sound", "data", "url", "message_id"].map(
        (name) => `unsupported_field ${name}`,
      ),
    );
  });

  it("raw_body and format raw need each other", () => {
    for (const options of [{ format: "raw" }, { raw_body: "x" }, { format: "flat", raw_body: "" }] as const) {
      expect(refusal({}, options)).toMatchObject({
        code: "PAYLOAD_INVALID",
        message: expect.stringContaining("raw_body"),
      });
    }
  });
});

describe("background", () => {
  const data = { job: 7 };

  it("is asked for, or follows from data with nothing to show", () => {
    const expected = { notification: { data: { job: 7, message_id: ID } } };
    expect(read({ title: undefined, data })).toEqual(expected);
    expect(read({ title: undefined }, { data })).toEqual(expected);
    expect(read({ background: true, data })).toEqual(expected);
    expect(read({ data }).notification.title).toBe("Hello");
  });

  it("flat: data, url and message_id", () => {
    expect(read({ title: undefined, data, url: "/u" }, { format: "flat" })).toEqual({
      data: { url: "/u", job: 7, message_id: ID },
      url: "/u",
      message_id: ID,
    });
  });

  it("warns that browsers expect a notification, and names what is not shown", () => {
    expect(warned({ title: undefined, data })).toEqual(["notification_expected null"]);
    expect(warned({ background: true, body: "b", priority: "high" }, { vibrate: 200 })).toEqual([
      "notification_expected null",
      "unsupported_field title",
      "unsupported_field body",
      "unsupported_field platform_data.web_push.vibrate",
    ]);
  });
});

describe("what cannot be carried", () => {
  it.each<[string, Partial<WebPushPayload>, WebPushOptions, string, string]>([
    ["sound", { sound: "ping" }, {}, "sound", "sound"],
    ["a number as badge", { badge: 3 }, {}, "badge", "badge"],
    [
      "vibrate of a silent one, which browsers throw on",
      { silent: true },
      { vibrate: [1] },
      "platform_data.web_push.vibrate",
      "vibrate",
    ],
    [
      "renotify without a tag, which browsers throw on",
      {},
      { renotify: true },
      "platform_data.web_push.renotify",
      "renotify",
    ],
  ])("%s is a warning", (_what, fields, options, field, left_out) => {
    const message = layOutOf(fields, options);
    expect(message.warnings).toEqual([{ type: "unsupported_field", field, details: expect.any(String) }]);
    expect(JSON.parse(textOf(message)).notification).not.toHaveProperty(left_out);
  });

  it.each<[string, Record<string, unknown>]>([
    ["BigInt", { good: 1, bad: { deep: 1n } }],
    ["a cycle", { good: 1, bad: cycle() }],
    [
      "a value that throws",
      {
        good: undefined,
        bad: {
          toJSON() {
            throw new Error("boo");
          },
        },
      },
    ],
  ])("%s in data is refused by its name", (_what, data) => {
    expect(refusal({ data })).toMatchObject({
      code: "PAYLOAD_INVALID",
      message: expect.stringMatching(/^data\.bad:/),
    });
    expect(refusal({ background: true, data }).message).toMatch(/^data\.bad:/);
    expect(refusal({}, { data }).message).toMatch(/^platform_data\.web_push\.data\.bad:/);
  });

  function cycle(): object {
    const self: Record<string, unknown> = {};
    self.self = self;
    return self;
  }
});

describe("would a second copy replace a first one that is shown?", () => {
  it.each<[boolean, string, Partial<WebPushPayload>, WebPushOptions]>([
    [true, "a tag", { tag: "t" }, {}],
    [true, "a collapse key, which becomes the tag", { collapse_key: "k" }, {}],
    [
      true,
      "a tag in a declarative message",
      { tag: "t", url: "https://a.example/" },
      { format: "declarative" },
    ],
    [false, "no tag", {}, {}],
    [false, "a topic, which replaces only what is still undelivered", {}, { topic: "t" }],
    [false, "a tag that nothing shows", { tag: "t", background: true }, {}],
    [false, "a raw body", { tag: "t" }, { format: "raw", raw_body: "x" }],
    [false, "an empty body", { tag: "t" }, { format: "empty" }],
  ])("%s: %s", (expected, _what, fields, options) => {
    expect(layOutOf(fields, options).shows_tag).toBe(expected);
  });
});
