import { describe, expect, it } from "vitest";
import type { WnsPayload } from "../../../providers/wns/fields.js";
import { GLYPHS, type NotificationType, type WnsOptions } from "../../../providers/wns/options.js";
import { all, encode, readXml, refused, tryEncode } from "./support.js";

const fieldsOf = (warnings: readonly { field: string | null }[]) => warnings.map(({ field }) => field);

describe("N1 one type decides content and headers", () => {
  it.each<[NotificationType | undefined, Partial<WnsPayload>, WnsOptions, NotificationType]>([
    [undefined, {}, {}, "toast"],
    ["tile", {}, {}, "tile"],
    ["toast", {}, { type: "raw" }, "raw"],
    ["raw", {}, { type: "toast" }, "toast"],
    ["badge", { badge: 1 }, {}, "badge"],
    ["badge", { badge: 1, title: undefined, data: { a: 1 } }, {}, "badge"],
    ["tile", { image: "https://a.example/i.png", title: undefined, data: { a: 1 } }, {}, "tile"],
    ["toast", { background: true }, {}, "raw"],
    ["tile", { background: true, data: { a: 1 } }, {}, "raw"],
    ["toast", { title: undefined, data: { a: 1 } }, {}, "raw"],
    ["tile", { title: undefined, data: { a: 1 } }, {}, "raw"],
    ["badge", { title: undefined, data: { a: 1 } }, {}, "raw"],
    ["toast", { title: undefined, body: "b", data: { a: 1 } }, {}, "toast"],
    ["toast", { title: undefined, data: { a: 1 } }, { title: "t" }, "toast"],
    ["toast", { title: undefined, data: { a: 1 } }, { xml: "<toast/>" }, "toast"],
    [
      "toast",
      { title: undefined, data: { a: 1 } },
      { content: [{ name: "text", children: ["t"] }] },
      "toast",
    ],
    ["toast", { background: false, data: { a: 1 } }, {}, "toast"],
  ])("N1 config %s, %j, options %j: %s", async (notification_type, fields, options, type) => {
    const { headers, text } = await encode({ fields, options, config: { notification_type } });
    expect(headers["x-wns-type"]).toBe(`wns/${type}`);
    expect(headers["content-type"]).toBe(type === "raw" ? "application/octet-stream" : "text/xml");
    expect(type === "raw" ? JSON.parse(text) : readXml(text).name).toEqual(
      type === "raw" ? expect.any(Object) : type,
    );
  });

  it("a type that shows something wins over background, and that is told", async () => {
    const { headers, warnings } = await encode({ fields: { background: true }, options: { type: "toast" } });
    expect(headers["x-wns-type"]).toBe("wns/toast");
    expect(fieldsOf(warnings)).toEqual(["background"]);
  });
});

describe("tile", () => {
  it("1.10 a golden one: its texts in three sizes", async () => {
    const { text, headers } = await encode({
      fields: { title: "Sales & more", body: "Up 5%" },
      options: { type: "tile" },
    });
    const inside =
      '<text hint-style="caption">Sales &amp; more</text><text hint-style="captionSubtle" hint-wrap="true">Up 5%</text>';
    const bindings = ["TileMedium", "TileWide", "TileLarge"].map(
      (name) => `<binding template="${name}">${inside}</binding>`,
    );
    expect(text).toBe(`<tile><visual>${bindings.join("")}</visual></tile>`);
    expect(headers).toEqual({
      "content-type": "text/xml",
      "x-wns-type": "wns/tile",
      "x-wns-priority": "2",
      "x-wns-ttl": "300",
    });
  });

  it("has images, other sizes, groups, and gives the app its data", async () => {
    const { text, warnings } = await encode({
      fields: { image: "https://a.example/i.png", data: { a: 1 } },
      options: {
        type: "tile",
        tile_sizes: ["small"],
        image_placement: "background",
        branding: "nameAndLogo",
        display_name: "Shop",
        lang: "en-GB",
        content: [{ name: "group", children: [{ name: "subgroup" }] }],
      },
    });
    expect(text).toBe(
      '<tile><visual branding="nameAndLogo" displayName="Shop" lang="en-GB" arguments="{&quot;a&quot;:1}"><binding template="TileSmall">' +
        '<text hint-style="caption">Hello</text><image placement="background" src="https://a.example/i.png"/><group><subgroup/></group></binding></visual></tile>',
    );
    expect(warnings).toEqual([]);
  });

  it.each([
    [undefined, "peek"],
    ["inline", undefined],
    ["hero", undefined],
  ] as const)("its image is %s: %s", async (image_placement, placement) => {
    const { text, warnings } = await encode({
      fields: { title: undefined, image: "https://a.example/i.png" },
      options: { type: "tile", image_placement },
    });
    const [image] = all(readXml(text), "image");
    expect(image?.attributes.placement).toBe(placement);
    expect(fieldsOf(warnings)).toEqual(
      image_placement === "hero" ? ["platform_data.wns.image_placement"] : [],
    );
  });

  it("without anything to show there is none", async () => {
    const { code, message } = refused(await tryEncode({ fields: { title: "" }, options: { type: "tile" } }));
    expect(code).toBe("PAYLOAD_INVALID");
    expect(message).toMatch(/^title: a tile needs/);
  });
});

describe("badge", () => {
  it.each<[number | string, string]>([
    [0, "0"],
    [7, "7"],
    [1000, "1000"],
    ...GLYPHS.map((glyph) => [glyph, glyph] as [string, string]),
  ])("1.10 N6 %s is <badge value=%s>", async (badge, value) => {
    const { text, headers, warnings } = await encode({
      fields: { title: undefined, badge },
      options: { type: "badge" },
    });
    expect(text).toBe(`<badge value="${value}"/>`);
    expect(headers["x-wns-type"]).toBe("wns/badge");
    expect(warnings).toEqual([]);
  });

  it.each(['1"/><toast/>', "/badge.png", "NEWMESSAGE", undefined])(
    "N6 %s is no value of a badge, and nothing is sent",
    async (badge) => {
      const { code, message } = refused(await tryEncode({ fields: { badge }, options: { type: "badge" } }));
      expect(code).toBe("PAYLOAD_INVALID");
      expect(message).toContain("newMessage");
      expect(message).not.toContain("toast");
    },
  );

  it("the options' own wins", async () => {
    expect(
      (await encode({ fields: { title: undefined, badge: 1 }, options: { type: "badge", badge: "alert" } }))
        .text,
    ).toBe('<badge value="alert"/>');
  });
});

describe("raw", () => {
  it("2.wns 1.10 is a JSON object of what was given, as octets", async () => {
    const { text, headers } = await encode({
      fields: {
        body: "B",
        data: { site: "store-1", n: [1] },
        url: "/u",
        badge: 3,
        message_id: "m",
        created_at_ms: Date.UTC(2026, 10, 20),
        priority: "high",
      },
      options: { type: "raw" },
    });
    expect(JSON.parse(text)).toEqual({
      title: "Hello",
      body: "B",
      data: { site: "store-1", n: [1] },
      url: "/u",
      badge: 3,
      priority: "high",
      message_id: "m",
      timestamp: "2026-11-20T00:00:00.000Z",
    });
    expect(headers).toEqual({
      "content-type": "application/octet-stream",
      "x-wns-type": "wns/raw",
      "x-wns-priority": "1",
      "x-wns-ttl": "300",
    });
  });

  it("a background notification is only its data", async () => {
    const { text, warnings } = await encode({ fields: { title: undefined, data: { sync: true } } });
    expect(JSON.parse(text)).toEqual({ data: { sync: true }, priority: "normal" });
    expect(warnings).toEqual([]);
  });

  it("one of the caller's own goes out byte for byte", async () => {
    const bytes = new Uint8Array([0, 255, 13, 10]);
    const options = { type: "raw", raw_body: bytes } as const;
    expect((await encode({ fields: { title: undefined }, options })).body).toBe(bytes);
    const { body, warnings } = await encode({
      fields: { data: { a: 1 } },
      options: { type: "raw", raw_body: "Grüße\0" },
    });
    expect(body).toBe("Grüße\0");
    expect(fieldsOf(warnings)).toEqual(["title", "data"]);
  });

  it("an empty one is refused, for WNS would", async () => {
    for (const raw_body of ["", new Uint8Array()]) {
      expect(refused(await tryEncode({ options: { type: "raw", raw_body } })).message).toContain(
        "no empty raw",
      );
    }
  });

  it("with nothing in it for the app there is a warning", async () => {
    const { warnings } = await encode({ fields: { title: undefined, background: true } });
    expect(warnings).toMatchObject([{ type: "empty_notification" }]);
  });
});

describe("XML of the caller's own", () => {
  const XML = '<?xml version="1.0" encoding="utf-8"?>\n<toast launch="a"><visual/></toast>\n';

  it("goes out as it is, byte for byte", async () => {
    expect((await encode({ fields: { title: undefined }, options: { xml: XML } })).body).toBe(XML);
  });

  it("as elements it is escaped", async () => {
    const xml = { name: "badge", attributes: { value: '"<&' } };
    expect((await encode({ fields: { title: undefined }, options: { type: "badge", xml } })).text).toBe(
      '<badge value="&quot;&lt;&amp;"/>',
    );
  });

  it("takes the place of all fields, which is told, and headers stay", async () => {
    const { headers, warnings } = await encode({
      fields: { body: "b", url: "/u", collapse_key: "k" },
      options: { xml: XML, scenario: "alarm", group: "g" },
    });
    expect(headers).toMatchObject({ "x-wns-tag": "k", "x-wns-group": "g" });
    expect(fieldsOf(warnings)).toEqual(["title", "body", "url", "platform_data.wns.scenario"]);
    expect(warnings[0]?.details).toBe("platform_data.wns.xml is the whole notification");
  });

  it.each<[string, WnsOptions, string]>([
    ["not well formed", { xml: "<toast>" }, "xml: <toast> is not ended"],
    [
      "of another type",
      { xml: "<tile/>" },
      'xml: its root is <tile>, and the notification\'s type is "toast"',
    ],
    ["elements of another type", { xml: { name: "badge" } }, "xml: its root is <badge>"],
    ["for a raw notification", { type: "raw", xml: "<toast/>" }, "xml: goes with a toast, a tile or a badge"],
    [
      "beside it, a raw body",
      { xml: "<toast/>", raw_body: "x" },
      'raw_body: goes with type "raw", and only with it',
    ],
  ])("%s: refused", async (_what, options, words) => {
    const { code, message } = refused(await tryEncode({ options }));
    expect(code).toBe("PAYLOAD_INVALID");
    expect(message).toContain(`platform_data.wns.${words}`);
  });
});

describe("what a notification does not carry becomes a warning", () => {
  const everything: Partial<WnsPayload> = {
    ...{ title: "t", body: "b", data: { a: 1 }, url: "/u", image: "https://a.example/i.png" },
    ...{ icon: "https://a.example/i.png", sound: "Mail", silent: false, badge: 3, message_id: "m" },
    ...{ actions: [{ action: "a", title: "A" }], tag: "k", collapse_key: "k" },
  };

  it.each<[NotificationType, string[]]>([
    ["toast", ["badge"]],
    ["tile", ["icon", "sound", "badge", "actions"]],
    ["badge", ["title", "body", "data", "url", "image", "icon", "sound", "actions", "message_id"]],
    ["raw", ["tag", "collapse_key"]],
  ])("%s", async (type, left_out) => {
    const { warnings } = await encode({ fields: everything, options: { type } });
    expect(fieldsOf(warnings)).toEqual(left_out);
    for (const { type, details } of warnings) {
      expect(type).toBe("unsupported_field");
      expect(details).toMatch(/notification carries none$/);
    }
  });

  it.each<[NotificationType, WnsOptions, string[]]>([
    [
      "toast",
      { cache_policy: "cache", tile_sizes: ["wide"], branding: "logo" },
      ["cache_policy", "tile_sizes", "branding"],
    ],
    [
      "tile",
      { scenario: "alarm", group: "g", inputs: [], suppress_popup: true },
      ["scenario", "group", "inputs", "suppress_popup"],
    ],
    ["badge", { launch: "l", title: "t", lang: "de", badge: 3 }, ["launch", "title", "lang"]],
    ["raw", { header: { id: "1", title: "t" }, attribution: "a", title: "t" }, ["header", "attribution"]],
  ])("options of another type than %s: %j", async (type, options, left_out) => {
    const fields = { title: type === "badge" ? undefined : "t" };
    const { warnings } = await encode({ fields, options: { ...options, type } });
    expect(fieldsOf(warnings)).toEqual(left_out.map((name) => `platform_data.wns.${name}`));
  });
});
