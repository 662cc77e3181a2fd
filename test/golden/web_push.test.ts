/** What web-push itself puts on the wire, and what pushmux does for the same notification. */
import { isUtf8 } from "node:buffer";
import https from "node:https";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import webpush from "web-push";
import type { WebPushProvider } from "../../providers/web_push/index.js";
import { getPushProvider } from "../../src/index.js";
import {
  startWebPushService,
  type WebPushDevice,
  type WebPushReceived,
  type WebPushService,
} from "../../src/testing/index.js";
import { HTTP1_ONLY } from "./differences.js";
import { compare, expectOneFileForEach, fileName, pin, titled } from "./golden.js";
import { ROWS, type WebPushRow } from "./web_push_rows.js";
import { takeRequest, type WireRequest } from "./wire_request.js";

let service: WebPushService;
let providers: Record<"aes128gcm" | "aesgcm", WebPushProvider>;
let agent: https.Agent;

beforeAll(async () => {
  // It speaks what the vendors' services do: HTTP/2 to us, HTTP/1.1 to web-push, which has nothing else.
  service = await startWebPushService({ protocols: ["h2", "http/1.1"] });
  const open = (content_encoding: "aes128gcm" | "aesgcm") =>
    getPushProvider("web_push", { ...service.config, content_encoding });
  providers = { aes128gcm: await open("aes128gcm"), aesgcm: await open("aesgcm") };
  agent = new https.Agent({ ca: service.ca, keepAlive: true });
});
afterEach(() => service.clearReceived());
afterAll(async () => {
  agent.destroy();
  await Promise.all(Object.values(providers).map((provider) => provider.close()));
  await service.close();
});

function take(device: WebPushDevice): WireRequest {
  const request = takeRequest(service, (entry) => readContent(entry, device));
  const headers = Object.entries(request.headers).map(([name, value]) => [name, nameFresh(value)]);
  return { ...request, headers: Object.fromEntries(headers) };
}

/** What the device reads, and what can be seen of the encryption. */
function readContent({ body, headers }: WebPushReceived, device: WebPushDevice) {
  if (body.length === 0) return {};
  const plaintext = Buffer.from(device.decrypt(body, headers));
  const overhead = body.length - plaintext.length;
  const frame = headers["content-encoding"] === "aes128gcm" ? readFrame(body) : {};
  const { content, text } = readPlaintext(plaintext);
  return { body: { plaintext: content, encryption: { ...frame, overhead } }, text };
}

function readPlaintext(plaintext: Buffer): { content: unknown; text: string } {
  const text = plaintext.toString();
  if (!isUtf8(plaintext)) return { content: plaintext, text: `{bytes ${plaintext.toString("hex")}}` };
  if (!text.startsWith("{")) return { content: text, text };
  const content: unknown = JSON.parse(text);
  return { content, text: JSON.stringify(content, null, 2) };
}

/** RFC 8188, section 2.1: the size of records, and the length of the sender's key. */
function readFrame(body: Uint8Array): object {
  const bytes = Buffer.from(body);
  return { record_size: bytes.readUInt32BE(16), key_length: bytes.readUInt8(20) };
}

/** aesgcm has in headers what aes128gcm has in the body. */
function nameFresh(value: string): string {
  return value
    .replace(/^salt=[\w-]{22}$/, "salt={16 bytes}")
    .replace(/^dh=[\w-]{87}(?=;|$)/, "dh={65 bytes}");
}

async function sendTheirs(
  { content_encoding, message, options }: WebPushRow,
  { subscription }: WebPushDevice,
) {
  const { vapid_subject: subject, vapid_public_key: publicKey, vapid_private_key } = service.config;
  const is_json = typeof message === "object" && !Buffer.isBuffer(message);
  await webpush.sendNotification(subscription, is_json ? JSON.stringify(message) : message, {
    vapidDetails: { subject, publicKey, privateKey: vapid_private_key },
    ...(content_encoding ? { contentEncoding: content_encoding } : {}),
    agent,
    ...options,
  });
}

describe("what goes to a push service is what web-push sends, but for what a row explains", () => {
  it.each(titled(ROWS))("%s", async (title, row) => {
    const { content_encoding = "aes128gcm", differs } = row;
    const device = service.createDevice();
    const result = await providers[content_encoding].sendNotification(device.device_token, row.ours);
    expect(result).toMatchObject({ success: true });
    const ours = take(device);
    await sendTheirs(row, device);
    const comparison = compare("web-push", ours, take(device), { always: HTTP1_ONLY, differs });
    await pin(`web_push/${fileName(title)}`, ours, [comparison], {
      [ours.path]: "path of the endpoint",
      [service.config.vapid_public_key]: "public_key",
      [service.origin]: "origin",
    });
  });

  it("and there is a golden file for each, and no other", () => expectOneFileForEach("web_push", ROWS));
});
