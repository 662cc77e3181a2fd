import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { isRejection } from "../src/codec.js";
import { deepMerge } from "../src/merge.js";
import { checkPayload } from "../src/payload.js";
import { resolveOptions, type Vocabulary } from "../src/platform_data.js";

const messageOf = (value: unknown) => {
  const checked = checkPayload(value);
  return isRejection(checked) ? checked.message : "";
};

describe("the payload check", () => {
  it("1.3 fills in what the model promises and turns times into numbers", () => {
    expect(
      checkPayload({
        title: "t",
        body: null,
        created_at: "2026-01-01T00:00:00Z",
        expires_at: "2026-01-01T02:00:00+02:00",
      }),
    ).toEqual({
      title: "t",
      data: {},
      priority: "normal",
      platform_data: {},
      created_at_ms: 1767225600000,
      expires_at_ms: 1767225600000,
    });
  });

  it("W5 keeps a ttl of 0 apart from none", () => {
    expect(checkPayload({ ttl_seconds: 0 })).toMatchObject({ ttl_seconds: 0 });
    expect(checkPayload({})).not.toHaveProperty("ttl_seconds");
  });

  it.each([
    [{ ttl_seconds: -1 }, "payload.ttl_seconds"],
    [{ ttl_seconds: 1.5 }, "payload.ttl_seconds"],
    [{ title: 5 }, "payload.title"],
    [{ priority: "urgent" }, "payload.priority"],
    [{ priority: "urgent" }, "critical"],
    [{ expires_at: "2026-01-01T00:00:00" }, "with Z or an offset"],
    [{ expires_at: 1767225600 }, "payload.expires_at"],
    [{ actions: [{ action: "a" }] }, "payload.actions.0.title"],
    [{ actions: [{ action: "a", title: "t", href: "/" }] }, "payload.actions.0.href"],
    [{ topic: "news" }, "sendTopicNotification"],
    [{ device_tokens: ["a"] }, "sendMulticastNotification"],
    [{ ttlSeconds: 5 }, "did you mean ttl_seconds?"],
    ["text", "expected an object"],
    [null, "got null"],
    [[], "got an array"],
  ])("names what is wrong in %j: %s", (payload, words) => {
    expect(messageOf(payload)).toContain(words);
  });

  it("names every problem at once, and no value", () => {
    const message = messageOf({ title: 5, priority: "secret-priority", nonsense: "secret-nonsense" });
    expect(message).toContain("payload.title");
    expect(message).toContain("payload.priority");
    expect(message).toContain("payload.nonsense");
    expect(message).not.toContain("secret");
  });

  it("F7 reads a time with an offset as that moment, whatever the machine's own zone", () => {
    const zone = process.env.TZ;
    try {
      process.env.TZ = "America/New_York";
      expect(checkPayload({ created_at: "2026-06-01T12:00:00Z" })).toMatchObject({
        created_at_ms: Date.UTC(2026, 5, 1, 12),
      });
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });

  it("never throws and never changes what it was given, for any JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const before = JSON.stringify(value);
        checkPayload(value);
        expect(JSON.stringify(value)).toBe(before);
      }),
    );
  });
});

describe("platform_data", () => {
  const vocabulary: Vocabulary = {
    platform: "here",
    options: z.strictObject({
      icon: z.string().optional(),
      badge: z.string().optional(),
      deep: z.strictObject({ a: z.number().optional(), b: z.number().optional() }).optional(),
    }),
    namespace: (name) => ({ here: "here", here_linux: "here", there: "there" })[name],
    isForeign: (key) => key === "badge" || key === "category",
    namespaces: () => ["here", "there"],
  };
  const resolve = (data: Record<string, unknown>) => resolveOptions(data, vocabulary);

  it("merges deep: flat keys, and the namespace over them", () => {
    expect(
      resolve({
        icon: "flat",
        deep: { a: 1, b: 1 },
        here: { icon: "named", deep: { b: 2 } },
        there: { x: 1 },
      }),
    ).toEqual({
      options: { icon: "named", deep: { a: 1, b: 2 } },
      warnings: [],
    });
  });

  it("takes an alias for a namespace", () => {
    expect(resolve({ here_linux: { icon: "i" } })).toMatchObject({ options: { icon: "i" } });
  });

  it("a flat key that is only another platform's is a warning", () => {
    expect(resolve({ category: "c" })).toMatchObject({
      options: {},
      warnings: [{ type: "unsupported_field", field: "platform_data.category" }],
    });
  });

  it("a flat key of a type that does not fit, and that another platform knows, is a warning", () => {
    expect(resolve({ badge: 3 })).toMatchObject({
      options: {},
      warnings: [{ field: "platform_data.badge" }],
    });
  });

  it.each([
    [{ icno: "x" }, "platform_data.icno: unknown key; did you mean icon?"],
    [{ icon: 5 }, "platform_data.icon: "],
    [{ here: { icno: "x" } }, "platform_data.here.icno: unknown key; did you mean icon?"],
    [{ here: { deep: { c: 1 } } }, "platform_data.here.deep.c"],
    [{ here: "x" }, "platform_data.here: expected an object"],
  ])("refuses %j: %s", (data, words) => {
    const resolved = resolve(data);
    expect(isRejection(resolved) && resolved.code).toBe("PAYLOAD_INVALID");
    expect(isRejection(resolved) && resolved.message).toContain(words);
  });

  it("takes null for absent", () => {
    expect(resolve({ icon: null, here: { icon: null } })).toEqual({ options: {}, warnings: [] });
  });
});

describe("deepMerge", () => {
  it("replaces arrays whole, keeps what a later layer leaves out, changes neither", () => {
    const base = Object.freeze({ a: Object.freeze({ x: 1, y: 2 }), list: [1, 2] });
    expect(deepMerge(base, { a: { y: 3 }, list: [9], b: undefined })).toEqual({
      a: { x: 1, y: 3 },
      list: [9],
    });
  });

  it("cannot be made to change prototypes", () => {
    deepMerge({}, JSON.parse('{"__proto__": {"polluted": true}}'));
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
