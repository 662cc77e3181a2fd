import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { open, request } from "./support.js";

const p256dh = Buffer.from(
  generateKeyPairSync("ec", { namedCurve: "prime256v1" })
    .publicKey.export({ type: "spki", format: "der" })
    .subarray(-65),
).toString("base64url");
const auth = Buffer.alloc(16, 7).toString("base64url");
const subscription = {
  endpoint: "https://push.example.org/abc",
  expirationTime: null,
  keys: { p256dh, auth },
};
const hex = "0123456789abcdef".repeat(4);
const registration = `dGVzdA:APA91b${"x_-Z9".repeat(28)}`;
const channel = "https://db5.notify.windows.com/?token=AwYAAACvalue%2b1";

describe("imitate", () => {
  it.each<["web_push" | "fcm" | "apns" | "wns", unknown]>([
    ["web_push", subscription],
    ["web_push", JSON.stringify(subscription)],
    ["fcm", registration],
    ["apns", hex],
    ["apns", hex.toUpperCase()],
    ["wns", channel],
  ])("%s takes its own kind of token (%#)", (imitate, token) => {
    expect(open({ imitate }).parseToken(token)).not.toHaveProperty("rejection");
  });

  it.each<["web_push" | "fcm" | "apns" | "wns", string, unknown]>([
    ["web_push", "any text", "device-1"],
    ["web_push", "a subscription without keys", { endpoint: subscription.endpoint }],
    ["web_push", "http", { ...subscription, endpoint: "http://push.example.org/abc" }],
    ["web_push", "a short key", { ...subscription, keys: { p256dh: p256dh.slice(4), auth } }],
    ["web_push", "a compressed key", { ...subscription, keys: { p256dh: `A${p256dh.slice(1)}`, auth } }],
    ["web_push", "a long secret", { ...subscription, keys: { p256dh, auth: `${auth}AAAA` } }],
    ["fcm", "a subscription", subscription],
    ["fcm", "white space", `${registration} `],
    ["fcm", "4097 characters", "a".repeat(4097)],
    ["apns", "63 digits", hex.slice(1)],
    ["apns", "62 digits", hex.slice(2)],
    ["apns", "65 digits", `${hex}0`],
    ["apns", "a line end", `${hex}\n`],
    ["apns", "another letter", `${hex.slice(1)}g`],
    ["apns", "202 digits", "a".repeat(202)],
    ["wns", "http", channel.replace("https", "http")],
    ["wns", "the name inside another host", "https://evilnotify.windows.com/?token=a"],
    ["wns", "the name in the query", "https://evil.example/?notify.windows.com&token=a"],
    ["wns", "a user in the URL", channel.replace("//", "//user@")],
    ["wns", "a port", channel.replace(".com/", ".com:8443/")],
    ["wns", "no token", "https://db5.notify.windows.com/?x=1"],
  ])("%s refuses %s", (imitate, _, token) => {
    expect(open({ imitate }).parseToken(token)).toMatchObject({ rejection: true, code: "INVALID_TOKEN" });
  });

  it.each([
    ["web_push", 3993, 2_419_200],
    ["fcm", 4096, 2_419_200],
    ["apns", 4096, 2_592_000],
    ["wns", 5000, 604_800],
  ] as const)("%s has its limits: %d bytes, %d seconds", (imitate, max_payload_bytes, max_ttl_seconds) => {
    const codec = open({ imitate });
    expect(codec.limits).toMatchObject({ max_payload_bytes, max_ttl_seconds });
    const body = "b".repeat(max_payload_bytes - Buffer.byteLength('{"body":"","data":{}}'));
    const prepare = (text: string) =>
      codec.prepare(
        { body: text, data: {}, priority: "normal", options: {} },
        { kind: "token", dry_run: false },
      );
    expect(prepare(body)).not.toHaveProperty("rejection");
    expect(prepare(`${body}b`)).toMatchObject({
      code: "PAYLOAD_TOO_LARGE",
      message: expect.stringMatching(
        new RegExp(`\\b${max_payload_bytes + 1} bytes.*\\b${max_payload_bytes} bytes`),
      ),
    });
  });

  it.each([
    ["fcm", 2048],
    ["apns", 5120],
    ["wns", 5000],
  ] as const)("%s takes %d bytes on a topic", (imitate, limit) => {
    const codec = open({ imitate });
    const body = "b".repeat(limit - Buffer.byteLength('{"body":"","data":{}}'));
    expect(() => request(codec, "news", { topic: true, payload: { body } })).not.toThrow();
    expect(() => request(codec, "news", { topic: true, payload: { body: `${body}b` } })).toThrow(
      `${limit} bytes`,
    );
  });
});
