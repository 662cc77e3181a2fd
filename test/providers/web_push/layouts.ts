import type { WebPushOptions } from "../../../providers/web_push/config.js";
import { layOut, type Message, type WebPushPayload } from "../../../providers/web_push/formats.js";
import { fill } from "../../../providers/web_push/template.js";
import { accepted, NOW_MS, payload, refused } from "./support.js";

export const ID = "6f0c1b9e-6c1f-4d9e-8a6c-0a4f9a3b1c2d";

export function layOutOf(fields: Partial<WebPushPayload>, options?: WebPushOptions): Message {
  return accepted(layOut(payload(fields, options)));
}

export function textOf({ template }: Message, message_id = ID, timestamp = NOW_MS): string {
  if (!template) throw new Error("there is no JSON");
  return fill(template, { message_id, timestamp });
}

export const read = (fields: Partial<WebPushPayload>, options?: WebPushOptions) =>
  JSON.parse(textOf(layOutOf(fields, options)));
export const warned = (fields: Partial<WebPushPayload>, options?: WebPushOptions) =>
  layOutOf(fields, options).warnings.map(({ type, field }) => `${type} ${field}`);
export const refusal = (fields: Partial<WebPushPayload>, options?: WebPushOptions) =>
  refused(layOut(payload(fields, options)));

export const EVERYTHING = {
  title: "Payment Update",
  body: "New configuration",
  icon: "/icon-192.png",
  badge: "/badge-72.png",
  image: "/image.png",
  tag: "payment",
  url: "https://shop.example/config",
  actions: [
    { action: "view", title: "View" },
    { action: "go", title: "Go", url: "https://shop.example/go" },
  ],
  silent: true,
  data: { version: "2.1.0" },
  created_at_ms: 1_790_000_000_123,
} satisfies Partial<WebPushPayload>;

export const SHOWN = {
  title: "Payment Update",
  body: "New configuration",
  icon: "/icon-192.png",
  badge: "/badge-72.png",
  image: "/image.png",
  tag: "payment",
  silent: true,
  timestamp: 1_790_000_000_123,
  actions: [
    { action: "view", title: "View" },
    { action: "go", title: "Go", url: "https://shop.example/go" },
  ],
  data: { url: "https://shop.example/config", version: "2.1.0", message_id: ID },
};
