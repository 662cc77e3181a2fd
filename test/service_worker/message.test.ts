import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readMessage } from "../../src/service_worker/message.js";

const read = (message: unknown, defaults = {}) =>
  readMessage(typeof message === "string" ? message : JSON.stringify(message), defaults);

/** Each option that either of the older workers knows, and those that none did. */
const EVERY_OPTION = {
  title: "Order 42",
  body: "Shipped",
  icon: "/i.png",
  badge: "/b.png",
  image: "/p.jpg",
  tag: "order-42",
  requireInteraction: true,
  silent: false,
  vibrate: [200, 100, 200],
  timestamp: 1_700_000_000_000,
  renotify: true,
  dir: "rtl",
  lang: "ar",
  actions: [{ action: "track", title: "Track", icon: "/t.png" }],
};

describe("every format is read", () => {
  const { title, ...options } = EVERY_OPTION;
  const data = { order: 42, url: "/orders/42", message_id: "m-1" };

  it.each([
    ["3.3.guide 3.3.options nested", { notification: { ...EVERY_OPTION, data } }],
    [
      "nested, url and id outside of data",
      { notification: { ...EVERY_OPTION, url: "/orders/42", data: { order: 42 } }, message_id: "m-1" },
    ],
    ["nested, data beside it", { notification: EVERY_OPTION, data }],
    ["3.3.push 5.1.w1 flat", { ...EVERY_OPTION, data }],
    [
      "flat, url and id beside data",
      { ...EVERY_OPTION, url: "/orders/42", message_id: "m-1", data: { order: 42 } },
    ],
    [
      "declarative",
      {
        web_push: 8030,
        notification: { ...EVERY_OPTION, navigate: "/orders/42", data: { order: 42, message_id: "m-1" } },
      },
    ],
  ])("%s, with every option", (_title, message) => {
    expect(read(message)).toEqual({ title, options: { ...options, data }, app_badge: undefined });
  });

  it("declarative: navigate is what a click opens, also against data.url; app_badge may stand in either place", () => {
    const notification = { title: "T", navigate: "https://a.example/", data: { url: "/other" } };
    expect(read({ web_push: 8030, notification }).options.data.url).toBe("https://a.example/");
    expect(read({ web_push: 8030, notification, app_badge: 3 }).app_badge).toBe(3);
    expect(read({ web_push: 8030, notification: { ...notification, app_badge: "0" } }).app_badge).toBe(0);
    expect(read({ web_push: 8030, notification, app_badge: -1 }).app_badge).toBeUndefined();
  });

  it("3.3.push a flat message without data is data as a whole, and its text may be called message", () => {
    const message = { title: "T", message: "M", kind: "order" };
    expect(read(message).options).toMatchObject({ body: "M", data: message });
  });

  it("data that is no object is kept, in one", () => {
    expect(read({ title: "T", data: [1, 2] }).options.data).toEqual({ data: [1, 2] });
  });

  it.each([
    ["5.2.b9 plain text", "Hello, Zoë"],
    ["JSON that was cut off", '{"title":"Hel'],
    ["a JSON array", "[1]"],
    ["a number", "42"],
  ])("%s becomes the body", (_title, text) => {
    expect(read(text)).toMatchObject({ title: "New notification", options: { body: text, data: {} } });
  });

  it("a JSON text becomes the body without its quotes", () => {
    expect(read('"Hello"').options.body).toBe("Hello");
  });

  it.each([
    ["5.1.w2 nothing", ""],
    ["white space", " \n"],
    ["an empty object", "{}"],
    ["a background message", '{"notification":{"data":{"sync":1}}}'],
    ["values of the wrong type", '{"title":7,"body":{}}'],
  ])("%s gives the default notification", (_title, text) => {
    expect(read(text)).toMatchObject({
      title: "New notification",
      options: { body: "You have a new notification" },
    });
  });
});

describe("defaults", () => {
  const defaults = {
    title: "News",
    body: "Look",
    icon: "/i.png",
    badge: "/b.png",
    tag: "news",
    vibrate: [200, 100, 200],
    url: "/news",
  };

  it("5.1.w1 stand in for what a message leaves out", () => {
    const { title, options } = read("", defaults);
    const { url: _url, title: _title, ...shown } = defaults;
    expect(title).toBe("News");
    expect(options).toMatchObject(shown);
  });

  it("and for nothing that it says", () => {
    const { title, options } = read({ notification: EVERY_OPTION }, defaults);
    const { title: own, ...others } = EVERY_OPTION;
    expect(title).toBe(own);
    expect(options).toEqual({ ...others, data: {} });
  });

  it("without them a title alone has no body, and the time is now", () => {
    const { options } = read({ title: "T" });
    expect(options).toMatchObject({ body: "", timestamp: expect.closeTo(Date.now(), -4) });
    expect(Object.keys(options).sort()).toEqual(["body", "data", "timestamp"]);
  });
});

describe("what would be an error in the browser is left out", () => {
  it.each([
    ["vibration of a silent one", { silent: true, vibrate: [1] }, "vibrate"],
    ["renotify without a tag", { renotify: true }, "renotify"],
    ["an unknown direction", { dir: "up" }, "dir"],
    ["a pattern with words", { vibrate: ["long"] }, "vibrate"],
    ["actions that are none", { actions: "open" }, "actions"],
    ["actions without a name", { actions: [{ title: "T" }, { action: "a" }, null] }, "actions"],
    ["null", { icon: null }, "icon"],
  ])("%s", (_title, options, left_out) => {
    const shown = read({ notification: { title: "T", ...options } }).options;
    expect(shown).not.toHaveProperty(left_out);
  });

  it("a date as text", () => {
    expect(read({ title: "T", timestamp: "2026-01-01" }).options.timestamp).toBeTypeOf("number");
  });

  it("a default vibration of a silent message", () => {
    expect(read({ title: "T", silent: true }, { vibrate: [1] }).options).not.toHaveProperty("vibrate");
  });

  it("members of every object", () => {
    const { options } = read(
      '{"notification":{"title":"T","toString":"x","constructor":"y","__proto__":{"tag":"z"}}}',
    );
    expect(Object.keys(options).sort()).toEqual(["body", "data", "timestamp"]);
  });
});

describe("actions", () => {
  it("keep their URLs where a click finds them; the browser would lose them", () => {
    const actions = [
      { action: "track", title: "Track", url: "/t" },
      { action: "call", title: "Call", navigate: "https://a.example/c" },
      { action: "dismiss", title: "Later" },
    ];
    const { options } = read({ notification: { title: "T", actions } });
    expect(options.actions).toEqual(actions.map(({ action, title }) => ({ action, title })));
    expect(options.data).toEqual({ action_urls: { track: "/t", call: "https://a.example/c" } });
  });
});

it("nothing that a server may send makes it throw, and there is always something to show", () => {
  const anything = fc.oneof(
    fc.string(),
    fc.json(),
    fc.json().map((json) => `{"notification":${json}}`),
  );
  fc.assert(
    fc.property(anything, (text) => {
      const { title, options } = read(text);
      expect(title).not.toBe("");
      expect(structuredClone(options)).toEqual(options);
    }),
    { numRuns: 500 },
  );
});
