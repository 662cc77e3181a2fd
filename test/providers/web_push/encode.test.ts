import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { WebPushOptions } from "../../../providers/web_push/config.js";
import type { WebPushPayload } from "../../../providers/web_push/formats.js";
import type { WebPushCodec } from "../../../providers/web_push/provider.js";
import { type HttpRequest, isRejection, type Rejection } from "../../../src/codec.js";
import {
  accepted,
  context,
  createDevice,
  type Device,
  KEYS,
  NOW_MS,
  openCodec,
  payload,
  refused,
} from "./support.js";

let codec: WebPushCodec;
let legacy: WebPushCodec;
const mozilla = createDevice();
const edge = createDevice("https://wns2-db5p.notify.windows.com/w/?token=BQY%2bA%3d");

beforeAll(async () => {
  codec = await openCodec();
  legacy = await openCodec({ content_encoding: "aesgcm" });
});

interface Case {
  readonly fields?: Partial<WebPushPayload>;
  readonly options?: WebPushOptions;
  readonly device?: Device;
  readonly ttl_seconds?: number;
  readonly by?: WebPushCodec;
}

function tryEncode({
  fields,
  options,
  device = mozilla,
  ttl_seconds,
  by = codec,
}: Case): HttpRequest | Rejection {
  const prepared = accepted(by.prepare(payload(fields, options), { kind: "token", dry_run: false }));
  const encoded = by.encode(prepared, { kind: "token", token: device.recipient }, context(ttl_seconds));
  if (encoded instanceof Promise) throw new Error("encoding is synchronous");
  return encoded;
}

const encode = (what: Case = {}) => accepted(tryEncode(what));
const headers = (what: Case) => encode(what).headers;

describe("the request", () => {
  it("1.8 is a POST to the endpoint as it was given, encrypted for its device", () => {
    const request = encode();
    expect(request).toMatchObject({ method: "POST", url: mozilla.subscription.endpoint });
    expect(request.headers).toEqual({
      ttl: "300",
      urgency: "normal",
      "content-type": "application/octet-stream",
      "content-encoding": "aes128gcm",
    });
    const text = mozilla.read(request).toString();
    expect(JSON.parse(text).notification.title).toBe("Hello");
    expect(request.plaintext).toBe(text);
  });

  it("W10 an endpoint with percent escapes is posted to verbatim", () => {
    expect(encode({ device: edge }).url).toBe("https://wns2-db5p.notify.windows.com/w/?token=BQY%2bA%3d");
  });

  it("aesgcm carries salt and keys in headers", () => {
    const request = encode({ by: legacy });
    expect(request.headers).toEqual({
      ttl: "300",
      urgency: "normal",
      "content-type": "application/octet-stream",
      "content-encoding": "aesgcm",
      encryption: expect.stringMatching(/^salt=[\w-]{22}$/),
      "crypto-key": expect.stringMatching(/^dh=[\w-]{87};p256ecdsa=[\w-]{87}$/),
    });
    expect(request.headers["crypto-key"]).toContain(KEYS.vapid_public_key);
    expect(JSON.parse(mozilla.read(request).toString()).notification.title).toBe("Hello");
  });

  it("a declarative message says so", () => {
    const fields = { url: "https://a.example/" };
    expect(headers({ fields, options: { format: "declarative" } })["content-type"]).toBe(
      "application/notification+json",
    );
  });

  it("a raw body arrives as it is, as text or as bytes", () => {
    const text = encode({ options: { format: "raw", raw_body: "Grüße" } });
    expect(mozilla.read(text).toString()).toBe("Grüße");
    expect(text.plaintext).toBe("Grüße");
    const raw_body = new Uint8Array([0, 255, 7]);
    const bytes = encode({ options: { format: "raw", raw_body } });
    expect(mozilla.read(bytes)).toEqual(Buffer.from(raw_body));
    expect(bytes.plaintext).toBeUndefined();
    expect(mozilla.read(encode({ options: { format: "raw", raw_body: "" } }))).toHaveLength(0);
  });

  it("an empty message has no body and no content coding", () => {
    const request = encode({ options: { format: "empty" } });
    expect(request.body).toBeUndefined();
    expect(request.headers).toEqual({ ttl: "300", urgency: "normal" });
    const old = encode({ by: legacy, options: { format: "empty" } });
    expect(old.body).toBeUndefined();
    expect(old.headers).toEqual({ ttl: "300", urgency: "normal" });
  });
});

describe("Urgency", () => {
  it.each([
    ["low", "low"],
    ["normal", "normal"],
    ["high", "high"],
    ["critical", "high"],
  ] as const)("W4 of priority %s is %s", (priority, urgency) => {
    expect(headers({ fields: { priority } }).urgency).toBe(urgency);
  });

  it("W4 that is given wins", () => {
    expect(headers({ fields: { priority: "high" }, options: { urgency: "very-low" } }).urgency).toBe(
      "very-low",
    );
  });
});

describe("Topic", () => {
  it.each([
    ["order-42", "order-42"],
    ["a".repeat(32), "a".repeat(32)],
    // The first 32 characters of the base64url SHA-256.
    ["a".repeat(33), "hSeFyAXHfnGiI0ClTp2Vkz7UkSHn0r88"],
    ["order 42", undefined],
    ["größe", undefined],
    ["x".repeat(200), undefined],
  ])("W4 of collapse key %j fits the header", (collapse_key, expected) => {
    const { topic } = headers({ fields: { collapse_key } });
    expect(topic).toMatch(/^[A-Za-z0-9_-]{1,32}$/);
    if (expected) expect(topic).toBe(expected);
    expect(headers({ fields: { collapse_key } }).topic).toBe(topic);
  });

  it("W4 is the same for the same key only", () => {
    const topic = (collapse_key: string) => headers({ fields: { collapse_key } }).topic;
    expect(topic("order 42")).not.toBe(topic("order 43"));
  });

  it("W4 that is given wins, and there is none without a key", () => {
    expect(headers({ fields: { collapse_key: "k" }, options: { topic: "mine" } }).topic).toBe("mine");
    expect(headers({})).not.toHaveProperty("topic");
  });
});

describe("TTL", () => {
  it.each([
    [0, "0"],
    [0.001, "1"],
    [1, "1"],
    [299.2, "300"],
    [300, "300"],
    [2_419_200, "2419200"],
    [-5, "0"],
  ])(
    "W5 %d seconds from now is %s: 0 stays 0, and nothing else is rounded down to it",
    (ttl_seconds, ttl) => {
      expect(headers({ ttl_seconds }).ttl).toBe(ttl);
    },
  );

  it("W5 28 days are the most, for the engine to keep to", () => {
    expect(codec.limits.max_ttl_seconds).toBe(2_419_200);
  });

  it.each([
    [300, "cache"],
    [1, "cache"],
    [0, "no-cache"],
  ])("of %d seconds goes to WNS with cache policy %s", (ttl_seconds, policy) => {
    expect(headers({ device: edge, ttl_seconds })["x-wns-cache-policy"]).toBe(policy);
    expect(headers({ ttl_seconds })).not.toHaveProperty("x-wns-cache-policy");
  });

  it("before a retry only what is left of it is sent, and nothing else changes", () => {
    const request = Object.freeze(encode({ device: edge, ttl_seconds: 10 }));
    const later = codec.withLifetime?.(request, { now_ms: NOW_MS + 3200, expires_at_ms: NOW_MS + 10_000 });
    expect(later).toEqual({ ...request, headers: { ...request.headers, ttl: "7" } });
    const at_end = codec.withLifetime?.(request, { now_ms: NOW_MS + 10_000, expires_at_ms: NOW_MS + 10_000 });
    expect(at_end?.headers).toMatchObject({ ttl: "0", "x-wns-cache-policy": "no-cache" });
  });

  it("a retry never raises it", () => {
    const request = encode({ ttl_seconds: 10 });
    expect(codec.withLifetime?.(request, { now_ms: NOW_MS, expires_at_ms: NOW_MS + 60_000 })).toBe(request);
  });
});

describe("size", () => {
  it.each([
    ["aes128gcm", 3993],
    ["aesgcm", 4078],
  ] as const)("W6 %s carries %d bytes and not one more, counted in bytes", (encoding, limit) => {
    const by = encoding === "aesgcm" ? legacy : codec;
    expect(by.limits.max_payload_bytes).toBe(limit);
    const empty = Buffer.byteLength(encode({ by, fields: { title: "t", body: "" } }).plaintext ?? "");
    for (const [character, width] of [
      ["x", 1],
      ["ü", 2],
      ["…", 3],
      ["🎉", 4],
    ] as const) {
      // As many wide characters as fit, then single bytes up to the wanted size.
      const body = (size: number) => {
        const room = size - empty;
        return character.repeat(Math.floor(room / width)) + "x".repeat(room % width);
      };
      for (const size of [limit - 1, limit]) {
        const request = encode({ by, fields: { title: "t", body: body(size) } });
        expect(Buffer.byteLength(request.plaintext ?? "")).toBe(size);
        expect(request.body).toHaveLength(size + 4096 - limit);
        expect(mozilla.read(request)).toHaveLength(size);
      }
      const { code, message } = refused(tryEncode({ by, fields: { title: "t", body: body(limit + 1) } }));
      expect(code).toBe("PAYLOAD_TOO_LARGE");
      expect(message).toContain(String(limit));
      expect(message).toContain(String(limit + 1));
      expect(message).not.toContain(character.repeat(3));
    }
  });

  it("W6 raw bodies are measured too", () => {
    expect(encode({ options: { format: "raw", raw_body: Buffer.alloc(3993) } }).body).toHaveLength(4096);
    const too_much = tryEncode({ options: { format: "raw", raw_body: Buffer.alloc(3994) } });
    expect(refused(too_much)).toMatchObject({
      code: "PAYLOAD_TOO_LARGE",
      message: expect.stringMatching(/3994.*3993/),
    });
  });
});

describe("one payload for many", () => {
  it("W8 is not changed, and each recipient has a message_id of its own", () => {
    const data = deepFreeze({ url: "/orders/1", deep: { list: [1, { a: 2 }] } });
    const given = deepFreeze(
      payload({ data, actions: [{ action: "a", title: "A" }] }, { data: { deep: { more: true } }, tag: "t" }),
    );
    const before = structuredClone(given);
    const prepared = accepted(codec.prepare(given, { kind: "token", dry_run: false }));
    const devices = [createDevice(), createDevice(), createDevice()];
    const ids = devices.map((device, i) => {
      const target = { kind: "token", token: device.recipient } as const;
      const request = accepted(
        codec.encode(prepared, target, { ...context(), message_id: `id-${i}` }) as HttpRequest,
      );
      return JSON.parse(device.read(request).toString()).notification.data.message_id;
    });
    expect(ids).toEqual(["id-0", "id-1", "id-2"]);
    expect(given).toEqual(before);
  });

  it("any JSON arrives as it was given", () => {
    const data = fc.dictionary(
      fc.string().filter((key) => key !== "__proto__" && key !== "message_id"),
      fc.jsonValue({ maxDepth: 3 }),
      { maxKeys: 5 },
    );
    fc.assert(
      fc.property(data, fc.string({ unit: "binary", minLength: 1 }), (data, title) => {
        const result = tryEncode({ fields: { title, data } });
        if (isRejection(result)) return expect(result.code).toBe("PAYLOAD_TOO_LARGE");
        const { notification } = JSON.parse(mozilla.read(result).toString());
        // -0 and lone surrogates are what JSON makes of them.
        const expected = JSON.parse(
          JSON.stringify({ title, data: { ...data, message_id: context().message_id } }),
        );
        expect(notification.title).toBe(expected.title);
        expect(notification.data).toEqual(expected.data);
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
