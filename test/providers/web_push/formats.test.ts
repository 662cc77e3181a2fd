import { describe, expect, it } from "vitest";
import { EVERYTHING, ID, layOutOf, read, refusal, SHOWN, textOf, warned } from "./layouts.js";
import { NOW_MS } from "./support.js";

describe("nested, the default", () => {
  it("1.8 W14 carries every field inside of notification", () => {
    expect(read(EVERYTHING)).toEqual({ notification: SHOWN });
  });

  it("leaves out what was not given", () => {
    expect(read({})).toEqual({
      notification: { title: "Hello", timestamp: NOW_MS, data: { message_id: ID } },
    });
  });

  it("F7 timestamp is created_at in milliseconds since the epoch, else now", () => {
    expect(read({ created_at_ms: 5 }).notification.timestamp).toBe(5);
    expect(read({}).notification.timestamp).toBe(NOW_MS);
    expect(read({ created_at_ms: 5 }, { timestamp: 7 }).notification.timestamp).toBe(7);
  });

  it("tag is the collapse key when there is no other", () => {
    expect(read({ collapse_key: "k" }).notification.tag).toBe("k");
    expect(read({ collapse_key: "k", tag: "t" }).notification.tag).toBe("t");
    expect(read({ collapse_key: "k", tag: "t" }, { tag: "o" }).notification.tag).toBe("o");
  });

  it.each([
    ["low", undefined],
    ["normal", undefined],
    ["high", true],
    ["critical", true],
  ] as const)("1.8 W7 requireInteraction of priority %s is %s", (priority, expected) => {
    expect(read({ priority }).notification.requireInteraction).toBe(expected);
  });

  it("W7 requireInteraction that is given wins over the priority", () => {
    expect(read({ priority: "high" }, { requireInteraction: false }).notification.requireInteraction).toBe(
      false,
    );
    expect(read({ priority: "low" }, { requireInteraction: true }).notification.requireInteraction).toBe(
      true,
    );
  });

  it("W7 renotify, dir, lang, vibrate and timestamp are carried", () => {
    const options = {
      tag: "t",
      renotify: true,
      dir: "rtl",
      lang: "ar",
      vibrate: [200, 100],
      timestamp: 1,
    } as const;
    expect(read({}, { ...options, vibrate: [200, 100] }).notification).toMatchObject(options);
  });

  it("W7 options win over the payload's fields", () => {
    const options = {
      title: "T",
      body: "B",
      icon: "I",
      badge: "A",
      image: "M",
      tag: "G",
      silent: false,
      actions: [],
    };
    expect(read(EVERYTHING, options).notification).toMatchObject(options);
  });

  it("options' data is merged over data, deep", () => {
    const notification = read(
      { data: { a: { b: 1, c: 2 }, d: [1, 2] } },
      { data: { a: { c: 3 }, d: [9] } },
    ).notification;
    expect(notification.data).toEqual({ a: { b: 1, c: 3 }, d: [9], message_id: ID });
  });

  it("url becomes data.url unless data has one", () => {
    expect(read({ url: "/u" }).notification.data.url).toBe("/u");
    expect(read({ url: "/u", data: { url: "/d" } }).notification.data.url).toBe("/d");
    expect(read({ url: "/u", data: { url: "/d" } }, { data: { url: "/o" } }).notification.data.url).toBe(
      "/o",
    );
  });

  it("data keeps every JSON value as it is", () => {
    const data = {
      text: "ünïcode 🎉 \u2028",
      number: -1.5,
      yes: true,
      none: null,
      list: [1, "a"],
      deep: { a: { b: {} } },
      "": "empty key",
    };
    expect(read({ data }).notification.data).toEqual({ ...data, message_id: ID });
  });

  it("text that looks like a gap in the message stays text", () => {
    const message = layOutOf({ title: '"message_id"', body: "timestamp", data: { a: "message_id" } });
    expect(JSON.parse(textOf(message)).notification).toMatchObject({
      title: '"message_id"',
      body: "timestamp",
    });
  });
});

describe("message_id", () => {
  it("W8 is each recipient's own, in data, and one layout serves them all", () => {
    const message = layOutOf({});
    const ids = ["a", 'b"\\\n', "ü"];
    expect(ids.map((id) => JSON.parse(textOf(message, id)).notification.data.message_id)).toEqual(ids);
  });

  it("W8 wins over one in data, and says so when they differ", () => {
    expect(read({ data: { message_id: "theirs" } }).notification.data.message_id).toBe(ID);
    expect(warned({ data: { message_id: "theirs" } })).toEqual(["field_replaced data.message_id"]);
    expect(warned({}, { data: { message_id: "theirs" } })).toEqual(["field_replaced data.message_id"]);
    expect(warned({ message_id: "same", data: { message_id: "same" } })).toEqual([]);
  });
});

describe("flat", () => {
  it("W14 carries the same fields at the top, with url and message_id beside data", () => {
    expect(read(EVERYTHING, { format: "flat" })).toEqual({
      ...SHOWN,
      url: "https://shop.example/config",
      message_id: ID,
    });
  });

  it("url follows data.url", () => {
    expect(read({ data: { url: "/d" } }, { format: "flat" })).toMatchObject({
      url: "/d",
      data: { url: "/d" },
    });
    expect(read({}, { format: "flat" })).not.toHaveProperty("url");
  });
});

describe("what is needed", () => {
  it("a title or a body", () => {
    expect(read({ title: undefined, body: "only a body" }).notification.body).toBe("only a body");
    expect(read({ title: undefined }, { title: "from options" }).notification.title).toBe("from options");
    for (const fields of [
      { title: undefined },
      { title: "" },
      { title: undefined, data: { a: 1 }, background: false },
    ]) {
      expect(refusal(fields)).toMatchObject({
        code: "PAYLOAD_INVALID",
        message: expect.stringMatching(/title or a body/),
      });
    }
    expect(refusal({ title: undefined, data: { a: 1 } }, { icon: "/i.png" }).message).toMatch(
      /title or a body/,
    );
  });

  it("a payload that is nothing at all is refused", () => {
    expect(refusal({ title: undefined }).code).toBe("PAYLOAD_INVALID");
  });
});
