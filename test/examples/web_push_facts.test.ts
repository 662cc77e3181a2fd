import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DEFAULT_ALLOWED_HOSTS, optionsSchema } from "../../providers/web_push/config.js";
import { generateVapidKeys, type WebPushConfig } from "../../providers/web_push/index.js";
import { getPushProvider, PushError, redactResult } from "../../src/index.js";
import { startWebPushService } from "../../src/testing/index.js";
import { root } from "../setup/packed_project.js";
import { chapterOf, rowsOf } from "./guide_pages.js";
import { anchors, localLinks, readMarkdown } from "./markdown.js";

const chapter = (title: string) => chapterOf("web_push_guide", title);
const pair = generateVapidKeys();

describe("what the guide says of security", () => {
  const refused = async (endpoint: string, config: WebPushConfig = {}) => {
    await using service = await startWebPushService();
    const keys = { ...pair, vapid_subject: "mailto:ops@example.org" };
    await using push = await getPushProvider("web_push", { ...keys, ...config }, { force_new: true });
    const { subscription } = service.createDevice();
    return (await push.sendNotification({ ...subscription, endpoint }, { title: "Hello" })).error_code;
  };

  it.each([
    ["http", "http://updates.push.services.mozilla.com/wpush/v2/a", {}],
    ["a host that is no push service", "https://push.example.org/1", {}],
    ["a host that only looks like one", "https://fcm.googleapis.com.example.org/fcm/send/a", {}],
    ["another port", "https://fcm.googleapis.com:8443/fcm/send/a", {}],
    ["a private address, also where any host is allowed", "https://127.0.0.1/", { allowed_hosts: ["*"] }],
    ["the metadata of a cloud", "https://169.254.169.254/latest", { allowed_hosts: ["*"] }],
  ])("3.4.security nothing is posted to %s", async (_what, endpoint, config) => {
    expect(await refused(endpoint, config)).toBe("ENDPOINT_REFUSED");
  });

  it("3.4.security the copy for logs has neither the subscription nor the payload", async () => {
    await using service = await startWebPushService();
    await using push = await getPushProvider("web_push", service.config, { force_new: true });
    const { subscription } = service.createDevice();
    const result = await push.sendNotification(subscription, { title: "Secret" }, { dry_run: true });
    const secrets = [new URL(subscription.endpoint).pathname, subscription.keys.auth, "Secret"];
    const [whole, copy] = [result, redactResult(result)].map((one) => JSON.stringify(one));
    expect(secrets.map((secret) => [whole?.includes(secret), copy?.includes(secret)])).toEqual([
      [true, false],
      [true, false],
      [true, false],
    ]);
  });

  it("3.4.security the private key stands in no error", async () => {
    const { vapid_private_key } = generateVapidKeys();
    const config = { ...pair, vapid_private_key, vapid_subject: "mailto:ops@example.org" };
    const error = await getPushProvider("web_push", config).catch((reason: unknown) => reason);
    expect(PushError.is(error) && error.code).toBe("CONFIG_INVALID");
    expect(String(error)).not.toContain(vapid_private_key);
  });
});

describe("the tables of browsers", () => {
  it("3.4.browsers every push service that is posted to stands in one, and every one that stands there is posted to", () => {
    const named = [...chapter("Browsers").matchAll(/`((?:\*\.)?[\w-]+(?:\.[\w-]+)+)`/g)].map(
      ([, host = ""]) => host,
    );
    const hosts = new Set(named.filter((host) => /\.(com|org)$/.test(host)));
    const fits = (host: string, pattern: string) =>
      host === pattern || (pattern.startsWith("*.") && host.endsWith(pattern.slice(1)));
    expect([...hosts].filter((host) => !DEFAULT_ALLOWED_HOSTS.includes(host))).toEqual([]);
    const missing = DEFAULT_ALLOWED_HOSTS.filter(
      (host) => ![...hosts].some((one) => fits(host, one) || fits(one, host)),
    );
    expect(missing).toEqual([]);
  });

  it("3.4.browsers every option of a notification has its row", () => {
    const rows = rowsOf(chapter("Browsers")).map(([first = ""]) => first);
    const transport = ["format", "raw_body", "navigate", "app_badge", "mutable"];
    const options = Object.keys(optionsSchema.shape).filter((name) => !transport.includes(name));
    expect(options).toHaveLength(17);
    const more = ["ttl_seconds"];
    expect([...options, ...more].filter((name) => !rows.some((row) => row.includes(`\`${name}\``)))).toEqual(
      [],
    );
  });

  it("3.4.browsers names each browser of the older table, with a version", () => {
    const rows = rowsOf(chapter("Browsers"));
    for (const browser of ["Chrome", "Edge", "Firefox", "Safari", "Opera", "Samsung Internet"]) {
      const row = rows.find(([first = ""]) => first.startsWith(browser));
      expect([browser, row?.[1]]).toEqual([browser, expect.stringMatching(/\d/)]);
    }
  });
});

it("3.4.troubleshooting the guide knows what no code tells: the device, the system, the browser", () => {
  const text = chapter("When it does not work");
  const causes = [
    "localhost",
    "home screen",
    "incognito",
    "focus assist",
    "Do not disturb",
    "battery",
    "quota",
  ];
  const more = ["time to live", "clock is wrong", "no text", "decrypt", "sleeps"];
  expect([...causes, ...more].filter((cause) => !text.includes(cause))).toEqual([]);
});

it("3.4.subject the guide says what the two wrong claims are, and what is true", () => {
  const text = chapter("Two things that are told and are wrong");
  expect(text).toContain("`pywebpush` makes keys");
  expect(text).toContain("the browser never sees the subject");
});

it.each(["web_push_guide", "browser", "web_push", "http"])(
  "docs/%s.md links only to what is there",
  (name) => {
    const page = `docs/${name}.md`;
    const links = localLinks(readMarkdown(page));
    const broken = links.filter(({ path, anchor }) => {
      const target = path === "" ? page : join("docs", path);
      if (!existsSync(join(root, target))) return true;
      return (
        anchor !== undefined && target.endsWith(".md") && !anchors(readMarkdown(target)).includes(anchor)
      );
    });
    expect([links.length > 1, broken]).toEqual([true, []]);
  },
);
