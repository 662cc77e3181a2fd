import { describe, expect, it } from "vitest";
import { configSchema, environment, optionsSchema } from "../../../providers/web_push/config.js";
import { webPush } from "../../../providers/web_push/index.js";
import { checkConfig } from "../../../src/config.js";
import { KEYS } from "./support.js";

const GOOD = { ...KEYS, vapid_subject: "mailto:ops@example.org" };
const parse = (over: object) => configSchema.safeParse({ ...GOOD, ...over });
const problems = (over: object) =>
  parse(over).error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);

describe("config", () => {
  it("1.8 three keys are enough", () => {
    expect(checkConfig("web_push", webPush.config, GOOD)).toMatchObject({
      ...GOOD,
      content_encoding: "aes128gcm",
      allow_private_endpoints: false,
      encryption_threads: 0,
      ttl_seconds: 300,
      timeout_seconds: 30,
    });
  });

  it("by default only the push services of browsers may be posted to", () => {
    expect(parse({}).data?.allowed_hosts).toEqual([
      "fcm.googleapis.com",
      "jmt17.google.com",
      "android.googleapis.com",
      "updates.push.services.mozilla.com",
      "*.push.services.mozilla.com",
      "web.push.apple.com",
      "*.push.apple.com",
      "*.notify.windows.com",
    ]);
  });

  it.each([
    ["mailto:ops@example.org", "mailto:ops@example.org"],
    ["https://example.org/contact", "https://example.org/contact"],
    ["ops@example.org", "mailto:ops@example.org"],
    ["  ops+push@mail.example.org\n", "mailto:ops+push@mail.example.org"],
  ])("1.8 vapid_subject %j is %j", (given, subject) => {
    expect(parse({ vapid_subject: given }).data?.vapid_subject).toBe(subject);
  });

  it.each([
    "",
    "ops",
    "http://example.org",
    "mailto:",
    "mailto:ops",
    "https://",
    "a b@c",
    "javascript:x@y",
    7,
    null,
  ])("1.8 vapid_subject %j is refused", (vapid_subject) => {
    expect(problems({ vapid_subject })).toEqual([
      "vapid_subject: expected mailto:, https: or an e-mail address",
    ]);
  });

  it("all problems come at once, each with its key", () => {
    const found = problems({
      vapid_public_key: undefined,
      vapid_private_key: 5,
      vapid_subject: "ops",
      content_encoding: "gzip",
      allowed_hosts: ["https://push.example.org/"],
      encryption_threads: -1,
    });
    expect(found?.map((problem) => problem.split(":")[0])).toEqual([
      "vapid_public_key",
      "vapid_private_key",
      "vapid_subject",
      "content_encoding",
      "allowed_hosts.0",
      "encryption_threads",
    ]);
  });

  it.each([["*"], ["push.example.org"], ["*.example.org:8443"], ["localhost:8443"], ["127.0.0.1:8443"]])(
    "allowed_hosts may name %s",
    (host) => {
      expect(problems({ allowed_hosts: [host] })).toBeUndefined();
    },
  );

  it("every key that stands in the environment is a key of the config", () => {
    expect(Object.keys(environment)).toEqual(["vapid_public_key", "vapid_private_key", "vapid_subject"]);
    expect(Object.keys(environment).every((key) => key in configSchema.shape)).toBe(true);
    expect(environment.vapid_subject).toEqual(["WEB_PUSH_VAPID_SUBJECT", "VAPID_CLAIM_EMAIL"]);
  });
});

describe("platform_data", () => {
  it("1.8 W7 knows every notification option of the seeds, and renotify, dir, lang, timestamp", () => {
    const options = {
      title: "t",
      body: "b",
      icon: "/icon-192.png",
      badge: "/badge-72.png",
      image: "/image.png",
      tag: "order",
      renotify: true,
      requireInteraction: false,
      silent: false,
      vibrate: [200, 100, 200],
      dir: "rtl",
      lang: "ar",
      timestamp: 1_790_000_000_000,
      data: { url: "/orders/1" },
      actions: [{ action: "view", title: "View Details", icon: "/view.png", url: "/orders/1" }],
    };
    expect(optionsSchema.parse(options)).toEqual(options);
  });

  it.each([
    ["vibrate", 200],
    ["format", "flat"],
    ["raw_body", "text"],
    ["raw_body", new Uint8Array([1])],
    ["urgency", "very-low"],
    ["topic", "a".repeat(32)],
    ["app_badge", 0],
    ["mutable", true],
    ["navigate", "https://example.org/"],
  ])("takes %s: %j", (name, value) => {
    expect(optionsSchema.safeParse({ [name]: value }).success).toBe(true);
  });

  it.each([
    ["vibrate", -1],
    ["vibrate", ["200"]],
    ["format", "json"],
    ["raw_body", 5],
    ["urgency", "critical"],
    ["topic", "a".repeat(33)],
    ["topic", "order 42"],
    ["topic", ""],
    ["app_badge", -1],
    ["app_badge", 1.5],
    ["badge", 3],
    ["dir", "up"],
    ["actions", [{ title: "no action" }]],
    ["actions", [{ action: "a", title: "t", link: "/" }]],
    ["require_interaction", true],
  ])("refuses %s: %j", (name, value) => {
    expect(optionsSchema.safeParse({ [name]: value }).success).toBe(false);
  });
});
