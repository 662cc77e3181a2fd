import { describe, expect, it } from "vitest";
import { generateVapidKeys, type WebPushConfig } from "../../providers/web_push/index.js";
import { PushErrorCode, THROWN_CODES } from "../../src/error_codes.js";
import { createPushRouter, getPushProvider } from "../../src/index.js";
import {
  startWebPushService,
  type WebPushDevice,
  type WebPushService,
  type WebPushServiceOptions,
  type WebPushVendor,
} from "../../src/testing/index.js";
import { chapterOf, guide, rowsOf } from "./guide_pages.js";
import { readMarkdown } from "./markdown.js";

const PAGE = "web_push_guide";
const chapter = (title: string) => chapterOf(PAGE, title);
const symptoms = rowsOf(chapter("When it does not work")).map(([symptom = ""]) => symptom);

/** What is wrong, and with whose push service. Absent: nothing. */
interface Wrong {
  readonly vendor?: WebPushVendor;
  readonly max_body_bytes?: number;
  readonly service?: WebPushServiceOptions;
  readonly config?: WebPushConfig;
  readonly token?: (device: WebPushDevice) => unknown;
  readonly payload?: object;
  readonly options?: { readonly signal?: AbortSignal; readonly timeout_seconds?: number };
  readonly before?: (service: WebPushService, device: WebPushDevice) => unknown;
}

/** A name from data: then any payload is taken, and judged. */
const PLATFORM: string = "web_push";

async function send({ vendor, max_body_bytes, token, before, ...wrong }: Wrong) {
  await using service = await startWebPushService(wrong.service);
  const device = service.createDevice({ vendor, max_body_bytes });
  const config = { ...service.config, retry: { max_attempts: 1 }, ...wrong.config };
  await using push = await getPushProvider(PLATFORM, config, { force_new: true });
  await before?.(service, device);
  const payload = wrong.payload ?? { title: "Hello" };
  return await push.sendNotification(token?.(device) ?? device.subscription, payload, wrong.options);
}

const HALF_A_DAY_MS = 13 * 3_600_000;
const ahead = { clock: { now: () => Date.now() + HALF_A_DAY_MS } };
const behind = { clock: { now: () => Date.now() - HALF_A_DAY_MS } };
const other_key = generateVapidKeys();
const says = (status: number, reason: string) => (service: WebPushService, device: WebPushDevice) =>
  service.respond(device.device_token, { status, reason });
const gone = (_service: WebPushService, device: WebPushDevice) => device.unsubscribe();
const stranger = ({ subscription }: WebPushDevice) => ({
  ...subscription,
  endpoint: `${subscription.endpoint}x`,
});

/** A code and the service's words, if any, as the guide has them, and how they come about. */
type Row = readonly [code: string, words: string, wrong: Wrong];

const ROWS: readonly Row[] = [
  ["INVALID_TOKEN", "", { token: ({ device_token }) => device_token.slice(0, 255) }],
  [
    "ENDPOINT_REFUSED",
    "",
    { token: ({ subscription }) => ({ ...subscription, endpoint: "https://push.example.org/1" }) },
  ],
  ["UNREGISTERED", "No such subscription", { before: gone }],
  ["UNREGISTERED", "push subscription has unsubscribed or expired", { vendor: "fcm", before: gone }],
  ["UNREGISTERED", "Unregistered", { vendor: "apple", before: gone }],
  ["UNREGISTERED", "The channel expired.", { vendor: "wns", before: gone }],
  ["UNREGISTERED", "Invalid token", { token: stranger }],
  ["UNREGISTERED", "BadPath", { vendor: "apple", token: stranger }],
  ["SENDER_MISMATCH", "VAPID public key mismatch", { config: other_key }],
  [
    "SENDER_MISMATCH",
    "do not correspond to the credentials used to create the subscriptions",
    { vendor: "fcm", config: other_key },
  ],
  ["SENDER_MISMATCH", "VapidPkHashMismatch", { vendor: "apple", config: other_key }],
  ["SENDER_MISMATCH", "The public key used to sign JWT does not match", { vendor: "wns", config: other_key }],
  [
    "AUTHENTICATION_FAILED",
    "BadJwtToken",
    { vendor: "apple", config: { vapid_subject: "mailto:me@localhost" } },
  ],
  ["AUTHENTICATION_FAILED", "ExpiredSignature", { service: ahead }],
  ["AUTHENTICATION_FAILED", "The VAPID token expiration is too long", { service: behind }],
  ["AUTHENTICATION_FAILED", "token has expired", { vendor: "fcm", service: ahead }],
  [
    "AUTHENTICATION_FAILED",
    "exp claim MUST NOT be more than 24 hours from the time of the request",
    { vendor: "fcm", service: behind },
  ],
  ["AUTHENTICATION_FAILED", "BadJwtToken", { vendor: "apple", service: ahead }],
  [
    "AUTHENTICATION_FAILED",
    "The JWT in the Authorization header is not valid.",
    { vendor: "wns", service: behind },
  ],
  ["PAYLOAD_TOO_LARGE", "", { payload: { title: "x".repeat(4000) } }],
  [
    "PAYLOAD_TOO_LARGE",
    "This message is intended for a constrained device",
    { max_body_bytes: 2847, payload: { title: "x".repeat(3000) } },
  ],
  ["PAYLOAD_INVALID", "", { payload: { title: 7 } }],
  ["PAYLOAD_INVALID", "Missing TTL value", { before: says(400, "Missing TTL value") }],
  ["PAYLOAD_INVALID", "InvalidTtlParameter", { vendor: "fcm", before: says(400, "InvalidTtlParameter") }],
  ["PAYLOAD_INVALID", "BadWebPushTopic", { vendor: "apple", before: says(400, "BadWebPushTopic") }],
  [
    "PAYLOAD_INVALID",
    "Ttl value conflicts with X-WNS-Cache-Policy.",
    { vendor: "wns", before: says(400, "Ttl value conflicts with X-WNS-Cache-Policy.") },
  ],
  ["RATE_LIMITED", "TooManyRequests", { vendor: "apple", before: says(429, "TooManyRequests") }],
  ["RATE_LIMITED", "appthrottled", { vendor: "wns", before: says(406, "appthrottled") }],
  ["SERVICE_UNAVAILABLE", "", { before: says(503, "Retry immediately") }],
  [
    "DROPPED",
    "dropped",
    {
      vendor: "wns",
      before: ({ respond }, { device_token }) =>
        respond(device_token, { status: 201, headers: { "x-wns-status": "dropped" } }),
    },
  ],
  ["TIMEOUT", "", { options: { timeout_seconds: 1 }, before: ({ fault }) => fault("stall") }],
  ["NETWORK_ERROR", "", { before: (service) => service.close() }],
  ["EXPIRED", "", { payload: { title: "Hello", expires_at: "2020-01-01T00:00:00Z" } }],
  ["ABORTED", "", { options: { signal: AbortSignal.abort() } }],
  ["UNKNOWN_RESPONSE", "", { before: says(418, "I'm a teapot") }],
];

describe("when a web push does not work", () => {
  it.each(ROWS)(
    "3.4.troubleshooting %s %s is in the table, and comes about as it says",
    async (code, words, wrong) => {
      const { error_code, reason } = await send(wrong);
      expect(error_code).toBe(code);
      if (words) expect(reason).toContain(words);
      const found = symptoms.filter((symptom) => symptom.includes(`\`${code}\``));
      expect(found.filter((symptom) => symptom.includes(`\`${words || code}\``))).not.toEqual([]);
    },
  );

  it("3.4.troubleshooting the status beside each vendor's words is the one that comes with them", async () => {
    const vendors = { Mozilla: "mozilla", Google: "fcm", Apple: "apple", Microsoft: "wns" } as const;
    const said = symptoms.flatMap((symptom) => {
      const [, code = ""] = /^`([A-Z_]+)`/.exec(symptom) ?? [];
      let status = 0;
      return [
        ...symptom.matchAll(/(\d{3})?,? ?(Mozilla|Google|Apple|Microsoft) ((?:`[^`]+`(?: or )?)+)/g),
      ].flatMap(([, number, name = "", words = ""]) => {
        if (number) status = Number(number);
        const vendor = vendors[name as keyof typeof vendors];
        return [...words.matchAll(/`([^`]+)`/g)].map(([, one = ""]) => ({
          code,
          status,
          vendor,
          words: one,
        }));
      });
    });
    expect(said.length).toBeGreaterThan(20);
    for (const { code, status, vendor, words } of said) {
      const [, , wrong] =
        ROWS.find((row) => row[0] === code && row[1] === words && (row[2].vendor ?? "mozilla") === vendor) ??
        [];
      if (!wrong) throw new Error(`nothing makes ${vendor} say ${words}`);
      const { status_code } = await send(wrong);
      if (status > 0) expect([words, status_code]).toEqual([words, status]);
    }
  });

  it("3.4.troubleshooting a payload that is refused here has no status, and the message names the field", async () => {
    const result = await send({ payload: { title: 7 } });
    expect([result.status_code, result.attempts]).toEqual([undefined, 0]);
    expect(result.message).toContain("title");
  });

  it("3.4.troubleshooting topics, and a platform that is not there", async () => {
    await using service = await startWebPushService();
    await using push = await getPushProvider("web_push", service.config, { force_new: true });
    expect((await push.sendTopicNotification("news", { title: "Hello" })).error_code).toBe(
      "TOPICS_NOT_SUPPORTED",
    );
    const router = await createPushRouter({ simulation: {} });
    const target = { platform: "web_push", device_token: service.createDevice().subscription };
    expect((await router.send(target, { title: "Hello" })).error_code).toBe("PLATFORM_NOT_CONFIGURED");
    await router.close();
  });

  it("3.4.troubleshooting every code that there is stands in its tables, and no other", () => {
    const page_codes = [
      ...readMarkdown("src/service_worker/shared/errors.ts").matchAll(/^ {2}\| "([A-Z_]+)"/gm),
    ].map(([, code = ""]) => code);
    expect(page_codes).toHaveLength(11);
    const known = [...Object.keys(PushErrorCode), ...Object.keys(THROWN_CODES), ...page_codes];
    expect(known.filter((code) => !symptoms.some((symptom) => symptom.includes(`\`${code}\``)))).toEqual([]);
    const named = [...guide(PAGE).matchAll(/`([A-Z]+_[A-Z_]+)`/g)].map(([, code = ""]) => code);
    expect(named.filter((code) => !known.includes(code))).toEqual(["GET_VERSION"]);
  });
});
