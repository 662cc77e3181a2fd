import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WnsPayload } from "../../../providers/wns/fields.js";
import type { NotificationType, WnsOptions } from "../../../providers/wns/options.js";
import { type HttpRequest, isRejection } from "../../../src/codec.js";
import {
  accepted,
  all,
  type Case,
  CHANNEL_URI,
  channel,
  context,
  encode,
  NOW_MS,
  openCodec,
  payload,
  readXml,
  refused,
  tryEncode,
} from "./support.js";

const headers = async (what: Case) => (await encode(what)).headers;
const TYPES: readonly NotificationType[] = ["toast", "tile", "badge", "raw"];
/** Something that each type can be made of. */
const fields = { title: "t", badge: 1 };

describe("the request", () => {
  it("2.wns is a POST to the channel URI as it was given, to the last escape", async () => {
    expect(await encode()).toMatchObject({ method: "POST", url: CHANNEL_URI });
    expect(CHANNEL_URI).toContain("%2b");
  });

  it("R14 one payload for many is prepared once, and is not changed", async () => {
    const codec = await openCodec();
    const given = deepFreeze(
      payload(
        { data: { deep: { list: [1] } }, actions: [{ action: "a", title: "A" }], url: "/u" },
        { content: [{ name: "group", children: [] }], progress: { status: "s", value: 0 } },
      ),
    );
    const prepared = deepFreeze(accepted(codec.prepare(given, { kind: "token", dry_run: false })));
    const urls = ["a", "b"].map((token) => {
      const target = {
        kind: "token",
        token: channel(`https://db3.notify.windows.com/?token=${token}`),
      } as const;
      return accepted(codec.encode(prepared, target, context()) as HttpRequest).url;
    });
    expect(urls).toEqual([
      "https://db3.notify.windows.com/?token=a",
      "https://db3.notify.windows.com/?token=b",
    ]);
  });

  it("there are no topics", async () => {
    const codec = await openCodec();
    const prepared = accepted(codec.prepare(payload(), { kind: "topic", dry_run: false }));
    const answer = codec.encode(prepared, { kind: "topic", value: "news" }, context());
    expect(refused(answer).code).toBe("TOPICS_NOT_SUPPORTED");
    expect(codec.topic_kinds ?? []).toEqual([]);
  });
});

describe("X-WNS-PRIORITY", () => {
  it.each([
    ["low", {}, "3"],
    ["normal", {}, "2"],
    ["high", {}, "1"],
    ["critical", {}, "1"],
    ["high", { priority: 4 }, "4"],
  ] as const)("of priority %s with %j is %s, whatever the type", async (priority, options, expected) => {
    for (const type of TYPES) {
      expect(
        (await headers({ fields: { ...fields, priority }, options: { ...options, type } }))["x-wns-priority"],
      ).toBe(expected);
    }
  });
});

describe("X-WNS-Cache-Policy", () => {
  it.each<[NotificationType, WnsOptions["cache_policy"], string | undefined, string | undefined]>([
    ["toast", undefined, "cache", undefined],
    ["toast", "cache", undefined, undefined],
    ["tile", undefined, undefined, undefined],
    ["tile", undefined, "no-cache", "no-cache"],
    ["badge", "no-cache", "cache", "no-cache"],
    ["raw", "cache", undefined, "cache"],
  ])("N4 of a %s that says %s, config %s, is %s", async (type, cache_policy, by_config, expected) => {
    const what = { fields, options: { type, cache_policy }, config: { cache_policy: by_config } };
    expect((await headers(what))["x-wns-cache-policy"]).toBe(expected);
  });
});

describe("X-WNS-TTL", () => {
  it.each([
    [0.001, "1"],
    [1, "1"],
    [299.2, "300"],
    [300, "300"],
    [604_800, "604800"],
  ])("N8 R13 of %d seconds is %s, for every type", async (ttl_seconds, ttl) => {
    for (const type of TYPES) {
      expect((await headers({ fields, options: { type }, ttl_seconds }))["x-wns-ttl"]).toBe(ttl);
    }
  });

  it("N8 a week is the most, for the engine to keep to", async () => {
    expect((await openCodec()).limits.max_ttl_seconds).toBe(604_800);
  });

  it("N4 now or never: a toast's TTL is 0, which is told; what can be kept is not kept", async () => {
    const toast = await encode({ fields: { ttl_seconds: 0 }, ttl_seconds: 0 });
    expect(toast.headers["x-wns-ttl"]).toBe("0");
    expect(toast.headers).not.toHaveProperty("x-wns-cache-policy");
    expect(toast.warnings).toMatchObject([{ type: "ttl_too_short", field: "ttl_seconds" }]);
    for (const type of ["tile", "badge", "raw"] as const) {
      const options = { type, cache_policy: "cache" } as const;
      const what = { fields: { badge: 1, title: undefined, body: "b", ttl_seconds: 0 }, ttl_seconds: 0 };
      const { headers, warnings } = await encode({ ...what, options });
      expect(headers["x-wns-cache-policy"]).toBe("no-cache");
      expect(headers).not.toHaveProperty("x-wns-ttl");
      expect(warnings).toContainEqual(expect.objectContaining({ field: "platform_data.wns.cache_policy" }));
    }
  });

  it("a config's ttl of 0 is now or never too, unless the payload has an end", async () => {
    const config = { ttl_seconds: 0 };
    expect((await encode({ config })).warnings).toMatchObject([{ type: "ttl_too_short" }]);
    expect((await encode({ config, fields: { ttl_seconds: 5 } })).warnings).toEqual([]);
    expect((await encode({ config, fields: { expires_at_ms: NOW_MS + 5000 } })).warnings).toEqual([]);
  });

  it("before a retry only what is left of it is sent, and nothing else changes", async () => {
    const codec = await openCodec();
    const { method, url, headers, body } = await encode({ ttl_seconds: 10 });
    const request = Object.freeze({ method, url, headers: Object.freeze(headers), body });
    const later = (ms: number) =>
      codec.withLifetime?.(request, { now_ms: NOW_MS + ms, expires_at_ms: NOW_MS + 10_000 });
    expect(later(3200)).toEqual({ ...request, headers: { ...headers, "x-wns-ttl": "7" } });
    expect(later(9999)?.headers["x-wns-ttl"]).toBe("1");
    expect(later(10_000)?.headers["x-wns-ttl"]).toBe("1");
    for (const ms of [0, -60_000]) expect(later(ms)).toBe(request);
  });

  it("before a retry a request without a TTL stays without, and 0 stays 0", async () => {
    const codec = await openCodec();
    for (const type of ["toast", "raw"] as const) {
      const request = await encode({ ttl_seconds: 0, options: { type } });
      expect(codec.withLifetime?.(request, { now_ms: NOW_MS, expires_at_ms: NOW_MS })).toBe(request);
    }
  });
});

describe("X-WNS-Tag and X-WNS-Group", () => {
  it.each([
    ["order42", "order42"],
    ["a".repeat(16), "a".repeat(16)],
    // The first 16 hexadecimal digits of the SHA-256.
    ["order 42", "59096d5ad4f7817d"],
    ["a".repeat(17), undefined],
    ["größe", undefined],
    ["order-42", undefined],
  ])("N4 collapse key %j fits the header", async (collapse_key, expected) => {
    const { "x-wns-tag": tag } = await headers({ fields: { collapse_key } });
    expect(tag).toMatch(/^[A-Za-z0-9]{1,16}$/);
    if (expected) expect(tag).toBe(expected);
    expect((await headers({ fields: { collapse_key }, options: { type: "tile" } }))["x-wns-tag"]).toBe(tag);
  });

  it("N4 different keys stay different, also beyond 16 characters", async () => {
    const tags = await Promise.all(
      ["order 42", "order 43", `${"a".repeat(16)}1`, `${"a".repeat(16)}2`].map(
        async (collapse_key) => (await headers({ fields: { collapse_key } }))["x-wns-tag"],
      ),
    );
    expect(new Set(tags).size).toBe(4);
  });

  it("a tag wins over the collapse key, which is told; the options' own wins over both", async () => {
    const both = await encode({ fields: { tag: "t", collapse_key: "k" } });
    expect(both.headers["x-wns-tag"]).toBe("t");
    expect(both.warnings).toMatchObject([{ field: "collapse_key" }]);
    expect((await headers({ fields: { tag: "t" }, options: { tag: "mine" } }))["x-wns-tag"]).toBe("mine");
  });

  it("N4 they are sent where they mean something: tags of toasts and tiles, groups of toasts", async () => {
    for (const type of TYPES) {
      const sent = await headers({ fields: { ...fields, tag: "t" }, options: { type, group: "my group" } });
      expect("x-wns-tag" in sent).toBe(type === "toast" || type === "tile");
      expect("x-wns-group" in sent).toBe(type === "toast");
    }
    expect((await headers({ options: { group: "my group" } }))["x-wns-group"]).toMatch(/^[\da-f]{16}$/);
  });

  it("a second copy replaces the first of toasts and tiles with a tag, and of badges", async () => {
    for (const type of TYPES) {
      expect((await encode({ fields, options: { type } })).replaces).toBe(type === "badge");
      expect((await encode({ fields: { ...fields, collapse_key: "k" }, options: { type } })).replaces).toBe(
        type !== "raw",
      );
    }
    const codec = await openCodec();
    const prepared = accepted(codec.prepare(payload({ tag: "t" }), { kind: "token", dry_run: false }));
    expect(codec.replacesDelivered?.(prepared)).toBe(true);
  });
});

describe("other headers", () => {
  it("N4 X-WNS-RequestForStatus is sent when it is asked for", async () => {
    expect((await headers({ options: { request_for_status: true } }))["x-wns-requestforstatus"]).toBe("true");
    expect(await headers({ options: { request_for_status: false } })).not.toHaveProperty(
      "x-wns-requestforstatus",
    );
  });

  it("X-WNS-SuppressPopup is for Windows Phone, and that is told", async () => {
    const { headers, warnings } = await encode({ options: { suppress_popup: true } });
    expect(headers["x-wns-suppresspopup"]).toBe("true");
    expect(warnings).toMatchObject([{ type: "phone_only", field: "platform_data.wns.suppress_popup" }]);
    const plain = await encode({ options: { suppress_popup: false } });
    expect(plain.headers).not.toHaveProperty("x-wns-suppresspopup");
    expect(plain.warnings).toEqual([]);
  });

  it.each<[NonNullable<WnsOptions["remove"]>, string]>([
    ["all", "type:wns/toast;all"],
    [{ tag: "t" }, "type:wns/toast;tag=t"],
    [{ group: "g" }, "type:wns/toast;group=g"],
    [{ tag: "t", group: "my group" }, "type:wns/toast;group=d8d5f4b01cff46e0;tag=t"],
  ])("X-WNS-Match: removing %j is a DELETE", async (remove, match) => {
    const request = await encode({ fields: { title: undefined }, options: { remove }, ttl_seconds: 0 });
    expect(request).toMatchObject({ method: "DELETE", url: CHANNEL_URI, headers: { "x-wns-match": match } });
    expect(Object.keys(request.headers)).toEqual(["x-wns-match"]);
    expect(request).not.toHaveProperty("body");
    expect(request.replaces).toBe(true);
    expect(request.warnings).toMatchObject([{ type: "phone_only" }]);
  });

  it("a removal shows nothing, which is told", async () => {
    const { warnings } = await encode({
      fields: { body: "b" },
      options: { remove: "all", scenario: "alarm" },
    });
    expect(warnings.slice(1).map(({ field }) => field)).toEqual([
      "title",
      "body",
      "platform_data.wns.scenario",
    ]);
  });
});

describe("size", () => {
  const LIMIT = 5000;
  const content: Record<NotificationType, (text: string) => Case> = {
    toast: (body) => ({ fields: { title: "t", body } }),
    tile: (body) => ({ fields: { title: "t", body }, options: { type: "tile", tile_sizes: ["wide"] } }),
    badge: (text) => ({
      fields: { title: undefined },
      options: { type: "badge", xml: `<badge value="1"><!--${text}--></badge>` },
    }),
    raw: (text) => ({ fields: { title: undefined, data: { text } }, options: { type: "raw" } }),
  };

  it.each(TYPES)("2.wns a %s carries 5000 bytes and not one more, counted in bytes", async (type) => {
    const empty = (await encode(content[type]("x"))).text.length - 1;
    for (const [character, width] of [
      ["x", 1],
      ["ü", 2],
      ["…", 3],
      ["🎉", 4],
    ] as const) {
      // As many wide characters as fit, then single bytes up to the wanted size.
      const filled = (size: number) => {
        const room = size - empty;
        return content[type](character.repeat(Math.floor(room / width)) + "x".repeat(room % width));
      };
      for (const size of [LIMIT - 1, LIMIT]) {
        expect(Buffer.byteLength((await encode(filled(size))).body ?? "")).toBe(size);
      }
      const { code, message } = refused(await tryEncode(filled(LIMIT + 1)));
      expect(code).toBe("PAYLOAD_TOO_LARGE");
      expect(message).toBe(`The ${type} notification is 5001 bytes; WNS carries at most 5000 bytes.`);
    }
  });

  it("bytes of the caller's own are measured too, and XML of any length is not searched", async () => {
    const raw = (bytes: number) => ({ options: { type: "raw", raw_body: Buffer.alloc(bytes, 1) } as const });
    expect((await encode(raw(LIMIT))).body).toHaveLength(LIMIT);
    expect(refused(await tryEncode(raw(LIMIT + 1))).code).toBe("PAYLOAD_TOO_LARGE");
    const xml = `<toast>${"&".repeat(2_000_000)}`;
    expect(refused(await tryEncode({ options: { xml } })).message).toContain("2000007 bytes");
  });

  it("escaping counts", async () => {
    const { message } = refused(await tryEncode({ fields: { body: "&".repeat(1000) } }));
    expect(message).toContain("5106 bytes");
  });
});

describe("whatever the payload", () => {
  it("what goes out is well formed, within the limit, and reads as it was given", async () => {
    const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 });
    const codec = await openCodec();
    const anyPayload = fc.record({
      title: text,
      body: text,
      url: text,
      collapse_key: text,
      data: fc.dictionary(
        fc.string().filter((key) => key !== "__proto__" && key !== "url"),
        fc.jsonValue({ maxDepth: 2 }),
        { minKeys: 1, maxKeys: 4 },
      ),
      type: fc.constantFrom("toast", "tile") satisfies fc.Arbitrary<NotificationType>,
    });
    fc.assert(
      fc.property(anyPayload, ({ type, ...fields }) => {
        const given: WnsPayload = payload(fields, { type });
        const prepared = codec.prepare(given, { kind: "token", dry_run: false });
        if (isRejection(prepared)) return expect(prepared.code).toBe("PAYLOAD_TOO_LARGE");
        const request = codec.encode(prepared, { kind: "token", token: channel() }, context()) as HttpRequest;
        expect(Buffer.byteLength(request.body ?? "")).toBeLessThanOrEqual(5000);
        expect(request.headers["x-wns-tag"]).toMatch(/^[A-Za-z0-9]{1,16}$/);
        const root = readXml(String(request.body));
        expect(
          all(root, "text")
            .slice(0, 2)
            .map((node) => node.text),
        ).toEqual([fields.title, fields.body]);
        const launch = root.attributes.launch ?? all(root, "visual")[0]?.attributes.arguments ?? "";
        expect(JSON.parse(launch)).toEqual(JSON.parse(JSON.stringify({ url: fields.url, ...fields.data })));
      }),
    );
  });
});

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const entry of Object.values(value)) deepFreeze(entry);
    Object.freeze(value);
  }
  return value;
}
