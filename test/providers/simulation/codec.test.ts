import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RETURNED_CODES } from "../../../src/error_codes.js";
import { ANY, open, order, request, START_MS } from "./support.js";

const subscription = {
  endpoint: "https://push.example.org/abc",
  expirationTime: null,
  keys: { auth: "a", p256dh: "b" },
};
const nowhere = { target: ANY, url: "https://simulation.invalid/send", attempt: 1, now_ms: START_MS };

function response(status: number, body: string | Uint8Array = "", headers = {}, truncated = false) {
  return {
    status,
    headers,
    body: typeof body === "string" ? new TextEncoder().encode(body) : body,
    truncated,
  };
}

describe("tokens and topics", () => {
  it.each<[string, unknown]>([
    ["any text", "pos-terminal-17"],
    ["text with blanks", " a b "],
    ["a subscription", subscription],
    ["a subscription with unknown members", { ...subscription, extra: [1] }],
    ["the JSON text of one", JSON.stringify(subscription)],
  ])("S1 1.13 takes %s", (_, token) => {
    expect(open().parseToken(token)).not.toHaveProperty("rejection");
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["an empty text", ""],
    ["a blank text", " \t\n"],
    ["a number", 7],
    ["a list", ["a"]],
    ["an object without endpoint", { keys: {} }],
    ["a blank endpoint", { endpoint: " " }],
    ["a cycle", Object.assign({ endpoint: "https://a.example" }, { self: {} as unknown }, cycle())],
    [
      "a hostile object",
      new Proxy(
        {},
        {
          get: () => {
            throw new Error("no");
          },
        },
      ),
    ],
  ])("S1 1.13 refuses %s", (_, token) => {
    expect(open().parseToken(token)).toMatchObject({ rejection: true, code: "INVALID_TOKEN" });
  });

  it("never throws, for any value, whoever is imitated", () => {
    for (const imitate of [undefined, "web_push", "fcm", "apns", "wns"] as const) {
      const codec = open({ imitate });
      fc.assert(
        fc.property(fc.oneof(fc.anything(), fc.json(), fc.webUrl(), fc.string()), (value) => {
          expect(codec.parseToken(value)).toBeTypeOf("object");
        }),
      );
    }
  });

  it("does not repeat a refused token", () => {
    expect(JSON.stringify(open({ imitate: "apns" }).parseToken("canary"))).not.toContain("canary");
  });

  it("S1 1.13 takes any topic, condition or channel that is not blank", () => {
    const codec = open();
    expect(codec.topic_kinds).toEqual(["topic", "condition", "channel"]);
    expect(codec.parseTopic?.("'a' in topics && 'b' in topics")).toMatchObject({
      value: "'a' in topics && 'b' in topics",
    });
    expect(codec.parseTopic?.(" ")).toMatchObject({ rejection: true, code: "PAYLOAD_INVALID" });
  });
});

describe("payloads", () => {
  const codec = open();

  it("says limit and size of one that is too large", () => {
    expect(() => request(codec, "a", { payload: { title: "t", body: "ü".repeat(2100) } })).toThrow(
      /4\d{3} bytes.*4096 bytes/,
    );
  });

  it.each<[string, object]>([
    ["an empty one", {}],
    ["one with only an icon", { icon: "https://example.org/a.png" }],
    ["data that is not JSON", { data: { big: 1n } }],
  ])("refuses %s", (_, payload) => {
    expect(() => request(codec, "a", { payload })).toThrow(/payload|data/);
  });

  it.each<[string, object]>([
    ["a title alone", { title: "t" }],
    ["a body alone", { body: "b" }],
    ["data alone", { data: { a: 1 } }],
    ["a wake-up", { background: true }],
  ])("takes %s", (_, payload) => {
    expect(() => request(codec, "a", { payload })).not.toThrow();
  });

  it("travels whole, times in UTC, options of the simulation left out", () => {
    const payload = {
      title: "Hello",
      data: { nested: { a: [1, null] } },
      expires_at: "2026-01-02T04:00:00+01:00",
      created_at: "2026-01-02T03:00:00Z",
      actions: [{ action: "open", title: "Open" }],
      badge: 3,
      silent: true,
    };
    const sent = JSON.parse(String(request(codec, "a", { payload, options: { outcome: "success" } }).body));
    expect(sent.payload).toEqual({
      ...payload,
      priority: "normal",
      expires_at: "2026-01-02T03:00:00.000Z",
      created_at: "2026-01-02T03:00:00.000Z",
    });
  });

  it("a token travels exactly as it was given, whatever is in it", () => {
    for (const token of [`"quoted"\n\u2028\ud800`, "__proto__", subscription, '{"endpoint":1}']) {
      expect(order(codec, token).device_token).toEqual(token);
    }
    expect(JSON.parse(String(request(codec, "news", { topic: true }).body))).toMatchObject({ topic: "news" });
  });
});

describe("scripts", () => {
  const steps = (config: object, token: unknown, options = {}) =>
    (
      JSON.parse(
        String(request(open({ success_rate: 1, ...config }), token, { options }).body),
      ) as ReturnType<typeof order>
    ).plan.steps;

  it("a token that is an object goes by its JSON text", () => {
    const outcomes = { [JSON.stringify(subscription)]: "UNREGISTERED" } as const;
    expect(steps({ outcomes }, subscription)).toMatchObject([{ error_code: "UNREGISTERED" }]);
    expect(steps({ outcomes }, JSON.stringify(subscription))).toMatchObject([{ error_code: "UNREGISTERED" }]);
    expect(steps({ outcomes }, "another")).toEqual(["success"]);
  });

  it("what an object inherits is no script", () => {
    for (const token of ["constructor", "toString", "__proto__"])
      expect(steps({}, token)).toEqual(["success"]);
  });

  it("platform_data wins over the token's script", () => {
    const config = { outcomes: { a: "UNREGISTERED" } } as const;
    expect(steps(config, "a", { outcome: "success" })).toEqual(["success"]);
    expect(steps(config, "b", { outcome: ["TIMEOUT", "success"] })).toMatchObject([
      { error_code: "TIMEOUT" },
      "success",
    ]);
  });

  it("success_rate 0 spares a token whose script says success", () => {
    expect(steps({ success_rate: 0, outcomes: { a: "success" } }, "a")).toEqual(["success"]);
  });
});

describe("decode", () => {
  const { decode } = open();

  it.each(Object.keys(RETURNED_CODES))("reads %s, and has only what can pass tried again", (error_code) => {
    const verdict = decode(response(400, JSON.stringify({ error_code, reason: "why" })), nowhere);
    const retried = error_code === "RATE_LIMITED" || error_code === "SERVICE_UNAVAILABLE";
    expect(verdict).toMatchObject({
      verdict: retried ? "retry" : "rejected",
      code: error_code,
      reason: "why",
    });
  });

  it("a code in a good answer is still a failure", () => {
    expect(decode(response(200, '{"error_code":"DROPPED"}'), nowhere)).toMatchObject({
      verdict: "rejected",
      code: "DROPPED",
    });
  });

  it("a failure is about its token, and keeps the time that was named", () => {
    const verdict = decode(
      response(429, '{"error_code":"RATE_LIMITED","reason":"r","retry_after":0.25}'),
      nowhere,
    );
    expect(verdict).toMatchObject({ scope: "token", retry_after_ms: 250 });
    expect(decode(response(503, "", { "retry-after": "3" }), nowhere)).toMatchObject({
      retry_after_ms: 3000,
    });
    expect(decode(response(503, "", { "retry-after": "soon" }), nowhere)).toMatchObject({
      retry_after_ms: undefined,
    });
  });

  it.each<[string, string | Uint8Array]>([
    ["empty", ""],
    ["HTML", "<html><body>Bad <b>gateway</b></body></html>"],
    ["half of a JSON", '{"error_code":"UNREG'],
    ["null", "null"],
    ["a list", "[1]"],
    ["fields of the wrong type", '{"error_code":7,"reason":{},"retry_after":"1","service_message_id":[]}'],
    ["an unknown code", '{"error_code":"toString"}'],
    ["10 MB", new Uint8Array(10_000_000).fill(0xff)],
  ])("answers for every status with a body that is %s", (_, body) => {
    const statuses = body.length > 1_000_000 ? [100, 204, 302, 404, 410, 429, 500, 599] : everyStatus();
    for (const status of statuses) {
      const verdict = decode(response(status, body, {}, true), nowhere);
      const code = "code" in verdict ? verdict.code : verdict.verdict;
      expect(code).toBe(
        status >= 200 && status < 300
          ? "accepted"
          : status === 429
            ? "RATE_LIMITED"
            : status >= 500
              ? "SERVICE_UNAVAILABLE"
              : "UNKNOWN_RESPONSE",
      );
    }
  });
});

describe("what it says about itself", () => {
  it("1.13 shows its knobs and the seed that it drew", () => {
    const info = open({ imitate: "fcm", delivery_delay_ms: [10, 20] }).info;
    expect(info?.sender).toEqual({
      seed: 2 ** 47,
      success_rate: 0.95,
      delivery_delay_ms: [10, 20],
      error_scenarios_enabled: true,
      imitate: "fcm",
    });
    expect(open({ seed: "mine" }).info?.sender).toMatchObject({ seed: "mine" });
  });

  it("the seed that it shows makes the run again", () => {
    const first = open();
    const { seed } = { ...first.info?.sender } as { seed: number };
    const again = open({ seed });
    const plans = (codec: typeof first) => Array.from({ length: 200 }, (_, i) => order(codec, "t", i).plan);
    expect(plans(again)).toEqual(plans(first));
  });

  it("1.13 has the limits of a plain push service", () => {
    expect(open().limits).toEqual({
      max_payload_bytes: 4096,
      max_ttl_seconds: 2_419_200,
      max_concurrency: 1000,
    });
  });
});

function everyStatus(): number[] {
  return Array.from({ length: 500 }, (_, i) => 100 + i);
}

function cycle(): { self: unknown } {
  const self: { self: unknown } = { self: undefined };
  self.self = self;
  return self;
}
