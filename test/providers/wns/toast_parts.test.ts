import { describe, expect, it } from "vitest";
import type { WnsPayload } from "../../../providers/wns/fields.js";
import type { WnsOptions } from "../../../providers/wns/options.js";
import { all, refused, readToast as toast, tryEncode } from "./support.js";

describe("launch", () => {
  it.each<[string, Partial<WnsPayload>, WnsOptions, string | undefined, string | undefined]>([
    ["nothing", {}, {}, undefined, undefined],
    [
      "a url alone is opened by its protocol",
      { url: "https://a.example/?q=1" },
      {},
      "https://a.example/?q=1",
      "protocol",
    ],
    ["a url without a protocol goes to the app", { url: "/orders/1" }, {}, "/orders/1", undefined],
    [
      "a url that the app is to open itself",
      { url: "https://a.example/" },
      { activation_type: "foreground" },
      "https://a.example/",
      "foreground",
    ],
    ["data is JSON", { data: { a: [1] } }, {}, '{"a":[1]}', undefined],
    ["data and url are one object", { data: { a: 1 }, url: "/u" }, {}, '{"url":"/u","a":1}', undefined],
    ["a url in data wins", { data: { url: "/mine" }, url: "/u" }, {}, '{"url":"/mine"}', undefined],
    [
      "a message_id that the payload gave",
      { message_id: "m", url: "/u" },
      {},
      '{"url":"/u","message_id":"m"}',
      undefined,
    ],
    ["what the options say, as it is", {}, { launch: "a=1&b=2" }, "a=1&b=2", undefined],
  ])("N8 %s", async (_what, fields, options, launch, activation) => {
    const { root, warnings } = await toast(fields, options);
    expect(root.attributes.launch).toBe(launch);
    expect(root.attributes.activationType).toBe(activation);
    expect(warnings).toEqual([]);
  });

  it("data that the options' launch keeps out is told", async () => {
    const { root, fields } = await toast({ data: { a: 1 }, url: "/u" }, { launch: "mine" });
    expect(root.attributes.launch).toBe("mine");
    expect(fields).toEqual(["data", "url"]);
  });

  it("a message_id in data gives way to the notification's own, and stays otherwise", async () => {
    const replaced = await toast({ data: { message_id: "theirs" }, message_id: "ours" });
    expect(replaced.root.attributes.launch).toBe('{"message_id":"ours"}');
    expect(replaced.warnings).toMatchObject([{ type: "field_replaced", field: "data.message_id" }]);
    expect((await toast({ data: { message_id: "ours" }, message_id: "ours" })).warnings).toEqual([]);
    expect((await toast({ data: { message_id: "theirs" } })).root.attributes.launch).toBe(
      '{"message_id":"theirs"}',
    );
  });

  it("data that is no JSON is refused by name", async () => {
    const loop: Record<string, unknown> = {};
    loop.loop = loop;
    for (const data of [loop, { n: 1n }]) {
      expect(refused(await tryEncode({ fields: { data } })).message).toMatch(/^data: expected a JSON value/);
    }
  });
});

describe("sound", () => {
  it.each<[string | undefined, WnsOptions, Record<string, string> | undefined, string | undefined]>([
    [undefined, {}, undefined, undefined],
    ["default", {}, { src: "ms-winsoundevent:Notification.Default" }, undefined],
    ["IM", {}, { src: "ms-winsoundevent:Notification.IM" }, undefined],
    ["Notification.Reminder", {}, { src: "ms-winsoundevent:Notification.Reminder" }, undefined],
    ["ms-winsoundevent:Notification.SMS", {}, { src: "ms-winsoundevent:Notification.SMS" }, undefined],
    ["looping.call10", {}, { src: "ms-winsoundevent:Notification.Looping.Call10", loop: "true" }, "long"],
    [
      "Looping.Alarm",
      { duration: "short" },
      { src: "ms-winsoundevent:Notification.Looping.Alarm", loop: "true" },
      "short",
    ],
    ["ms-appx:///Assets/chime.mp3", {}, { src: "ms-appx:///Assets/chime.mp3" }, undefined],
    ["Mail", { silent: true, sound: undefined }, { silent: "true" }, undefined],
    ["Mail", { audio: { silent: true } }, { silent: "true" }, undefined],
    [
      undefined,
      { audio: { src: "Mail", loop: true } },
      { src: "ms-winsoundevent:Notification.Mail", loop: "true" },
      "long",
    ],
  ])("%s with %j", async (sound, options, audio, duration) => {
    const { root } = await toast({ sound }, options);
    expect(all(root, "audio")[0]?.attributes).toEqual(audio);
    expect(root.attributes.duration).toBe(duration);
  });

  it.each(["chime.caf", "looping.call11", "https://a.example/chime.mp3"])(
    "%s is none of Windows, and a warning names those that are",
    async (sound) => {
      const { root, warnings } = await toast({ sound });
      expect(all(root, "audio")).toEqual([]);
      expect(warnings).toMatchObject([
        { field: "sound", details: expect.stringContaining("Looping.Alarm10") },
      ]);
    },
  );

  it("silent wins over a sound, which is told", async () => {
    const { root, fields } = await toast({ sound: "Mail", silent: true });
    expect(all(root, "audio")[0]?.attributes).toEqual({ silent: "true" });
    expect(fields).toEqual(["sound"]);
    expect((await toast({ silent: false })).xml).not.toContain("audio");
  });
});

describe("images and actions", () => {
  it.each(["/icon.png", "icon.png", "data:image/png;base64,AA==", "javascript:x"])(
    "%s is an image that Windows would drop the toast for: it is left out, with a warning",
    async (src) => {
      const { root, fields } = await toast({
        image: src,
        icon: src,
        actions: [{ action: "a", title: "A", icon: src }],
      });
      expect(all(root, "image")).toEqual([]);
      expect(all(root, "action")[0]?.attributes).toEqual({ content: "A", arguments: "a" });
      expect(fields).toEqual(["image", "icon", "actions.0.icon"]);
    },
  );

  it("a tile's place for the image is told", async () => {
    const { root, fields } = await toast({ image: "https://a.example/i.png" }, { image_placement: "peek" });
    expect(all(root, "image")[0]?.attributes).toEqual({ src: "https://a.example/i.png" });
    expect(fields).toEqual(["platform_data.wns.image_placement"]);
  });

  it("N8 more than five actions: the first five are shown, with a warning", async () => {
    const actions = Array.from({ length: 6 }, (_, i) => ({ action: `a${i}`, title: `A${i}` }));
    const { root, fields } = await toast({ actions });
    expect(all(root, "action").map(({ attributes }) => attributes.arguments)).toEqual([
      "a0",
      "a1",
      "a2",
      "a3",
      "a4",
    ]);
    expect(fields).toEqual(["actions"]);
    expect((await toast({ actions: actions.slice(0, 5) })).fields).toEqual([]);
  });

  it("N8 there are no actions that nobody asked for", async () => {
    expect((await toast({ title: "T" })).xml).not.toContain("action");
  });

  it("an action's url that has no protocol goes to the app", async () => {
    const { root } = await toast({ actions: [{ action: "a", title: "A", url: "/orders" }] });
    expect(all(root, "action")[0]?.attributes).toEqual({ content: "A", arguments: "/orders" });
  });

  it.each([
    ["low", {}, undefined],
    ["normal", {}, undefined],
    ["high", {}, undefined],
    ["critical", {}, "urgent"],
    ["critical", { scenario: "alarm" }, "alarm"],
    ["low", { scenario: "incomingCall" }, "incomingCall"],
  ] as const)("priority %s with %j has scenario %s", async (priority, options, scenario) => {
    expect((await toast({ priority }, options)).root.attributes.scenario).toBe(scenario);
  });
});
