/** What the service refuses by itself: each rule broken alone, for each vendor, with the vendor's status and words. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Refusal, WORDS } from "../../../providers/web_push/emulator_words.js";
import {
  startWebPushService,
  type WebPushDevice,
  type WebPushService,
  type WebPushVendor,
} from "../../../src/testing/index.js";
import type { Reply } from "../../testing/client.js";
import { goodPush, send } from "./emulator_push.js";
import type { Expected, Rule } from "./emulator_rule.js";
import { RULES_OF_MESSAGES } from "./emulator_rules_of_messages.js";
import { RULES_OF_SENDING } from "./emulator_rules_of_sending.js";

const RULES = [...RULES_OF_SENDING, ...RULES_OF_MESSAGES];
const VENDORS: WebPushVendor[] = ["mozilla", "fcm", "apple", "wns"];

let service: WebPushService;
beforeAll(async () => {
  service = await startWebPushService();
});
afterAll(() => service.close());

describe.each(VENDORS)("%s", (vendor) => {
  it("takes the push that the rules below spoil", async () => {
    const device = service.createDevice({ vendor });
    const reply = await send(service, goodPush(service, device));
    expect(reply.status).toBe(201);
    expect(device.received[0]?.text).toBe("hello");
  });

  const cases = RULES.map((rule) => ({ ...rule, expected: rule.expected[vendor] }));
  const refused = cases.filter(({ expected }) => expected !== "accepted");
  it.each(refused)("refuses $title", async ({ spoil, expected }) => {
    const [status, words, errno] = expected as Exclude<Expected, "accepted">;
    const { device, reply } = await push(vendor, spoil);
    expect(reply.status).toBe(status);
    const said = spoken(vendor, reply);
    expect(said.words.slice(0, words.length)).toBe(words);
    if (vendor === "mozilla") expect(said.errno).toBe(errno);
    expect(device.received).toEqual([]);
    const entry = service.received.at(-1);
    expect(entry?.status).toBe(status);
    expect(entry?.reason).toBe(said.words);
  });

  const tolerated = cases.filter(({ expected }) => expected === "accepted");
  it.each(tolerated)("tolerates $title", async ({ spoil }) => {
    const { device, reply } = await push(vendor, spoil);
    expect(reply.status).toBe(201);
    expect(device.received).toHaveLength(1);
  });
});

it("has a rule for everything it can refuse", () => {
  const covered = new Set(RULES.map(({ refusal }) => refusal));
  const elsewhere = ["undecryptable", "message_unknown"];
  expect(Object.keys(WORDS.mozilla).filter((refusal) => !covered.has(refusal as Refusal))).toEqual(elsewhere);
});

async function push(
  vendor: WebPushVendor,
  spoil: Rule["spoil"],
): Promise<{ device: WebPushDevice; reply: Reply }> {
  const device = service.createDevice({ vendor });
  const one = goodPush(service, device);
  spoil(one, device, service);
  return { device, reply: await send(service, one) };
}

/** Where each service puts its reason. */
function spoken(vendor: WebPushVendor, { headers, text }: Reply): { words: string; errno?: unknown } {
  if (vendor === "wns") {
    expect(text).toBe("");
    expect(headers["x-wns-status"]).toBe("dropped");
    expect(headers["x-wns-notificationstatus"]).toBe("dropped");
    return { words: String(headers["x-wns-error-description"]) };
  }
  if (vendor === "fcm") return { words: /<TITLE>(.*)<\/TITLE>/.exec(text)?.[1] ?? text.trimEnd() };
  const body = JSON.parse(text) as Record<string, unknown>;
  if (vendor === "apple") return { words: String(body.reason) };
  return { words: String(body.message), errno: body.errno };
}
