import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_ALLOWED_HOSTS } from "../../../providers/web_push/config.js";
import { isOnCurve } from "../../../providers/web_push/p256.js";
import { parseSubscription } from "../../../providers/web_push/subscription.js";
import { isRejection } from "../../../src/codec.js";
import { accepted, createDevice, refused } from "./support.js";

const policy = { allowed_hosts: DEFAULT_ALLOWED_HOSTS, allow_private_endpoints: false };
const parse = (value: unknown) => parseSubscription(value, policy);
const { subscription, recipient } = createDevice();
const { endpoint, keys } = subscription;

describe("a subscription", () => {
  it.each<[string, unknown]>([
    ["as an object", subscription],
    ["as its JSON text", JSON.stringify(subscription)],
    ["as pretty-printed JSON text", JSON.stringify(subscription, null, 2)],
    ["without expirationTime", { endpoint, keys }],
    ["whose expirationTime is ahead", { ...subscription, expirationTime: Date.now() + 1e9 }],
    ["whose expirationTime is past: that is for its service to say", { ...subscription, expirationTime: 1 }],
    [
      "with members that we do not know",
      { ...subscription, options: { userVisibleOnly: true }, keys: { ...keys, extra: 1 } },
    ],
    ["frozen", Object.freeze({ ...subscription, keys: Object.freeze({ ...keys }) })],
    ["with padded keys", { endpoint, keys: { p256dh: `${keys.p256dh}=`, auth: `${keys.auth}==` } }],
    [
      "with keys in standard base64",
      { endpoint, keys: { p256dh: toBase64(keys.p256dh), auth: toBase64(keys.auth) } },
    ],
  ])("is taken %s", (_how, value) => {
    expect(accepted(parse(value))).toEqual(recipient);
  });

  it.each([
    ["https://fcm.googleapis.com/fcm/send/abc:APA91b", "https://fcm.googleapis.com", undefined],
    ["https://fcm.googleapis.com/wp/abc:APA91b", "https://fcm.googleapis.com", undefined],
    [
      "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
      "https://updates.push.services.mozilla.com",
      undefined,
    ],
    ["https://web.push.apple.com/QOabc", "https://web.push.apple.com", "apple"],
    [
      "https://wns2-db5p.notify.windows.com/w/?token=BQY%2bA%3d",
      "https://wns2-db5p.notify.windows.com",
      "wns",
    ],
  ])("1.8 of the push service %s is taken, with its origin", (given, origin, vendor) => {
    expect(accepted(parse({ endpoint: given, keys }))).toMatchObject({ endpoint: given, origin, vendor });
  });

  it("W10 keeps its endpoint whole, to the last percent escape", () => {
    const given = "https://wns2-db5p.notify.windows.com/w/?token=BQYAAAD%2bx%2f8%3d&a=%20";
    expect(accepted(parse({ endpoint: given, keys })).endpoint).toBe(given);
  });

  it.each([
    ["wns", "/w/?token=a%2b"],
    ["apple", "/QOabc-_"],
    [undefined, "/wpush/v2/Qabc"],
  ])("%s is known by its paths too, when it is reached under another name", (vendor, path) => {
    const local = { allowed_hosts: ["localhost:8443"], allow_private_endpoints: true };
    const parsed = parseSubscription({ endpoint: `https://localhost:8443${path}`, keys }, local);
    expect(accepted(parsed)).toMatchObject({ vendor, origin: "https://localhost:8443" });
  });
});

describe("W9 what is no subscription is refused with the name of what is wrong", () => {
  const off_curve = Buffer.from(recipient.p256dh);
  off_curve[40] = (off_curve[40] ?? 0) ^ 1;

  it.each<[string, unknown, string]>([
    ["nothing", undefined, "subscription"],
    ["null", null, "subscription"],
    ["a number", 7, "subscription"],
    ["text that is no JSON", "fcm-token-of-another-service", "subscription"],
    ["JSON that is no object", "[1]", "endpoint"],
    ["text of 10,001 characters", JSON.stringify({ ...subscription, x: "x".repeat(10_001) }), "subscription"],
    [
      "an object that throws",
      new Proxy(
        {},
        {
          get: () => {
            throw new Error("boo");
          },
        },
      ),
      "subscription",
    ],
    ["no endpoint", { keys }, "endpoint"],
    ["an endpoint that is no URL", { endpoint: "not a url", keys }, "endpoint"],
    ["an endpoint that is an object", { endpoint: new URL(endpoint), keys }, "endpoint"],
    ["no keys", { endpoint }, "keys"],
    ["keys that are null", { endpoint, keys: null }, "keys"],
    ["empty keys", { endpoint, keys: { p256dh: "", auth: "" } }, "keys.p256dh"],
    ["no p256dh", { endpoint, keys: { auth: keys.auth } }, "keys.p256dh"],
    [
      "a p256dh that is not base64",
      { endpoint, keys: { ...keys, p256dh: `${keys.p256dh.slice(1)}!` } },
      "keys.p256dh",
    ],
    [
      "a p256dh of 64 bytes",
      { endpoint, keys: { ...keys, p256dh: recipient.p256dh.toString("base64url", 1) } },
      "keys.p256dh",
    ],
    [
      "a p256dh off the curve",
      { endpoint, keys: { ...keys, p256dh: off_curve.toString("base64url") } },
      "keys.p256dh",
    ],
    ["a p256dh of bytes", { endpoint, keys: { ...keys, p256dh: recipient.p256dh } }, "keys.p256dh"],
    ["no auth", { endpoint, keys: { p256dh: keys.p256dh } }, "keys.auth"],
    [
      "an auth of 15 bytes",
      { endpoint, keys: { ...keys, auth: Buffer.alloc(15, 1).toString("base64url") } },
      "keys.auth",
    ],
    [
      "an auth of 17 bytes",
      { endpoint, keys: { ...keys, auth: Buffer.alloc(17, 1).toString("base64url") } },
      "keys.auth",
    ],
  ])("W9 %s", (_what, value, named) => {
    const { code, message } = refused(parse(value));
    expect(code).toBe("INVALID_TOKEN");
    expect(message).toContain(named);
    for (const secret of [keys.p256dh, keys.auth, "gAAAAA"]) expect(message).not.toContain(secret);
  });

  it.each([
    "http://updates.push.services.mozilla.com/wpush/v2/gAAAAA",
    "ftp://updates.push.services.mozilla.com/wpush/v2/gAAAAA",
    "https://127.0.0.1/wpush/v2/gAAAAA",
    "https://localhost/wpush/v2/gAAAAA",
    "https://169.254.169.254/latest/meta-data",
    "https://evil.example/?fcm.googleapis.com",
    "https://fcm.googleapis.com.evil.example/fcm/send/a",
    "https://evil.example\\@fcm.googleapis.com/fcm/send/a",
    "https://user:secret@fcm.googleapis.com/fcm/send/a",
    "https://fcm.googleapis.com:8443/fcm/send/a",
  ])("W9 an endpoint at %s is not posted to", (given) => {
    expect(refused(parse({ endpoint: given, keys })).code).toBe("ENDPOINT_REFUSED");
  });
});

describe("whatever is given", () => {
  it("parsing answers and does not throw", () => {
    const anything = fc.oneof(
      fc.anything({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withNullPrototype: true,
        withTypedArray: true,
      }),
      fc.string({ maxLength: 2000 }),
      fc.json(),
      fc.record({ endpoint: fc.oneof(fc.webUrl(), fc.string(), fc.anything()), keys: fc.anything() }),
      fc.record({
        endpoint: fc.constant(endpoint),
        keys: fc.record({
          p256dh: fc.oneof(fc.base64String(), fc.anything()),
          auth: fc.oneof(fc.base64String(), fc.anything()),
        }),
      }),
    );
    fc.assert(
      fc.property(anything, (value) => {
        const parsed = parse(value);
        return isRejection(parsed) || parsed.auth.length === 16;
      }),
      { numRuns: 2000 },
    );
  });

  it("so do cycles, getters that throw, and ten megabytes of text", () => {
    const cyclic: Record<string, unknown> = { endpoint };
    cyclic.keys = cyclic;
    const mine = {
      get endpoint(): string {
        throw new Error("boo");
      },
    };
    for (const value of [
      cyclic,
      mine,
      "x".repeat(10_000_000),
      { endpoint: "https://".repeat(1_000_000), keys },
    ]) {
      expect(isRejection(parse(value))).toBe(true);
    }
  });
});

describe("the curve", () => {
  it("a point is on it exactly when node:crypto says so", async () => {
    const { ECDH } = await import("node:crypto");
    const node = (point: Buffer) => {
      try {
        return ECDH.convertKey(point, "prime256v1", undefined, undefined, "uncompressed").length === 65;
      } catch {
        return false;
      }
    };
    const real = Array.from({ length: 50 }, () => createDevice().recipient.p256dh);
    const bent = real.map((point, i) => {
      const copy = Buffer.from(point);
      copy[1 + i] = (copy[1 + i] ?? 0) ^ 0x80;
      return copy;
    });
    const edges = [0x00, 0xff].map((byte) => Buffer.concat([Buffer.of(4), Buffer.alloc(64, byte)]));
    expect(real.every(isOnCurve)).toBe(true);
    for (const point of [...real, ...bent, ...edges]) expect(isOnCurve(point)).toBe(node(point));
  });

  it("a coordinate is not accepted a second time with the prime added", () => {
    // x = 5 has a point whose x + p still fits into 32 bytes.
    const p = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
    const b = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
    const power = (base: bigint, exponent: bigint): bigint => {
      if (exponent === 0n) return 1n;
      const half = power((base * base) % p, exponent / 2n);
      return exponent % 2n === 1n ? (half * base) % p : half;
    };
    const y = power(5n ** 3n - 3n * 5n + b, (p + 1n) / 4n);
    const point = (x: bigint) =>
      Buffer.from(`04${x.toString(16).padStart(64, "0")}${y.toString(16).padStart(64, "0")}`, "hex");
    expect(isOnCurve(point(5n))).toBe(true);
    expect(isOnCurve(point(5n + p))).toBe(false);
  });
});

function toBase64(text: string): string {
  return Buffer.from(text, "base64url").toString("base64");
}
