import { z } from "zod";
import {
  actionsSchema,
  checkHostPattern,
  type NotificationAction,
  type SharedConfigInput,
} from "../../src/provider_kit.js";
import { vapidKeyProblem } from "./vapid_keys.js";

/** The push services of today's browsers. Anything else must be named in `allowed_hosts`. */
export const DEFAULT_ALLOWED_HOSTS: readonly string[] = [
  // Chrome and its family, Chromium builds without Google keys, and what is left of GCM.
  "fcm.googleapis.com",
  "jmt17.google.com",
  "android.googleapis.com",
  // Firefox.
  "updates.push.services.mozilla.com",
  "*.push.services.mozilla.com",
  // Safari.
  "web.push.apple.com",
  "*.push.apple.com",
  // Edge on Windows.
  "*.notify.windows.com",
];

/** A VAPID key: base64url or base64, PEM (a literal `\n` is read as a newline), DER in base64, or a JWK (object or JSON text). */
export type VapidKeyInput = string | Readonly<Record<string, unknown>>;

/** Config of `getPushProvider("web_push", config)`. A key whose value is `undefined` counts as absent. */
export interface WebPushConfig extends SharedConfigInput {
  /** What browsers subscribed with (`applicationServerKey`): 65 bytes. Environment: `WEB_PUSH_VAPID_PUBLIC_KEY`, `VAPID_PUBLIC_KEY`. */
  vapid_public_key?: VapidKeyInput | undefined;
  /** Its other half; the pair is checked. Environment: `WEB_PUSH_VAPID_PRIVATE_KEY`, `VAPID_PRIVATE_KEY`. */
  vapid_private_key?: VapidKeyInput | undefined;
  /**
   * Whom a push service may contact: `mailto:`, `https:` or a bare address. Apple refuses made-up ones such as
   * `mailto:me@localhost`. Environment: `WEB_PUSH_VAPID_SUBJECT`, `VAPID_CLAIM_EMAIL`.
   */
  vapid_subject?: string | undefined;
  /** `aes128gcm` (RFC 8291, the default); `aesgcm` only for subscriptions of very old browsers. */
  content_encoding?: "aes128gcm" | "aesgcm" | undefined;
  /**
   * Hosts that subscriptions may point to: `push.example.org`, `*.example.org`, each with an optional `:port` (else 443);
   * `["*"]` is any public host. Default: the push services of Chrome, Firefox, Safari and Edge.
   */
  allowed_hosts?: readonly string[] | undefined;
  /** Also post to private addresses and to any port: for tests, and for a push service inside your own network. Default false. */
  allow_private_endpoints?: boolean | undefined;
  /**
   * Threads that help to encrypt when many messages go out at once, up to 64; they are started with the provider. Default 0: all is
   * encrypted in the calling thread, as a few messages at a time always are. What is sent is the same.
   */
  encryption_threads?: number | undefined;
}

/**
 * `platform_data.web_push` (or flat in `platform_data`). The notification options are those of the Notifications
 * standard (https://notifications.spec.whatwg.org/#dictdef-notificationoptions) under their own names; they win over
 * the payload's own fields.
 */
export interface WebPushOptions {
  title?: string | undefined;
  body?: string | undefined;
  icon?: string | undefined;
  /** URL of a small monochrome image. */
  badge?: string | undefined;
  image?: string | undefined;
  /** Default: the payload's `tag`, else its `collapse_key`. */
  tag?: string | undefined;
  /** Alert again when a notification of the same tag is replaced. Needs a tag. */
  renotify?: boolean | undefined;
  /** Stay until the user acts. Default: true for priority `high` and `critical`. */
  requireInteraction?: boolean | undefined;
  silent?: boolean | undefined;
  /** Milliseconds on, off, on, … Not together with `silent`. */
  vibrate?: number | number[] | undefined;
  dir?: "auto" | "ltr" | "rtl" | undefined;
  lang?: string | undefined;
  /** Milliseconds since the epoch. Default: the payload's `created_at`, else now. */
  timestamp?: number | undefined;
  /** Merged over the payload's `data`. */
  data?: Record<string, unknown> | undefined;
  actions?: readonly NotificationAction[] | undefined;
  /**
   * How the message is laid out: `nested` (the default, `{ notification: { … } }`), `flat` (`{ title, body, … }`),
   * `declarative` (https://www.w3.org/TR/push-api/#declarative-push-message), `raw` (`raw_body` as it is), `empty` (no body).
   */
  format?: "nested" | "flat" | "declarative" | "raw" | "empty" | undefined;
  /** Only with `format: "raw"`. */
  raw_body?: string | Uint8Array | undefined;
  /** RFC 8030, section 5.3. Default: from the payload's `priority`. */
  urgency?: "very-low" | "low" | "normal" | "high" | undefined;
  /** RFC 8030, section 5.4: at most 32 base64url characters. Default: from the payload's `collapse_key`. */
  topic?: string | undefined;
  /** Declarative only: the absolute http(s) URL that a click opens. Default: the payload's `url`. */
  navigate?: string | undefined;
  /** Declarative only: the number on the app's icon; 0 clears it. */
  app_badge?: number | undefined;
  /** Declarative only: let the service worker change the notification before it is shown. */
  mutable?: boolean | undefined;
}

const keyInput = (half: "public" | "private") =>
  z
    .union([z.string().min(1), z.record(z.string(), z.unknown())], {
      error: "expected a key as base64url, base64, PEM, DER in base64, or JWK",
    })
    .superRefine((key, context) => {
      const message = vapidKeyProblem(key, half);
      if (message) context.addIssue({ code: "custom", message });
    });

const WHOLE_NUMBER_OF_THREADS = "expected a whole number from 0 to 64";

export const configSchema = z.strictObject({
  vapid_public_key: keyInput("public"),
  vapid_private_key: keyInput("private"),
  vapid_subject: z
    .string({ error: "expected mailto:, https: or an e-mail address" })
    .transform((text, context) => {
      const subject = contactUri(text.trim());
      if (subject) return subject;
      context.addIssue({ code: "custom", message: "expected mailto:, https: or an e-mail address" });
      return z.NEVER;
    }),
  content_encoding: z.enum(["aes128gcm", "aesgcm"]).default("aes128gcm"),
  allowed_hosts: z
    .array(
      z.string().superRefine((host, context) => {
        const message = checkHostPattern(host);
        if (message) context.addIssue({ code: "custom", message });
      }),
    )
    .min(1)
    .default([...DEFAULT_ALLOWED_HOSTS]),
  allow_private_endpoints: z.boolean().default(false),
  encryption_threads: z
    .int(WHOLE_NUMBER_OF_THREADS)
    .min(0, WHOLE_NUMBER_OF_THREADS)
    .max(64, WHOLE_NUMBER_OF_THREADS)
    .default(0),
});

export type OpenConfig = z.output<typeof configSchema>;

export const environment: Readonly<Record<string, readonly string[]>> = {
  vapid_public_key: ["WEB_PUSH_VAPID_PUBLIC_KEY", "VAPID_PUBLIC_KEY"],
  vapid_private_key: ["WEB_PUSH_VAPID_PRIVATE_KEY", "VAPID_PRIVATE_KEY"],
  vapid_subject: ["WEB_PUSH_VAPID_SUBJECT", "VAPID_CLAIM_EMAIL"],
};

/** RFC 8030, section 5.4. */
export const TOPIC_CHARACTERS = /^[A-Za-z0-9_-]{1,32}$/;

const milliseconds = z.int().nonnegative();

export const optionsSchema = z.strictObject({
  title: z.string().optional(),
  body: z.string().optional(),
  icon: z.string().optional(),
  badge: z.string().optional(),
  image: z.string().optional(),
  tag: z.string().optional(),
  renotify: z.boolean().optional(),
  requireInteraction: z.boolean().optional(),
  silent: z.boolean().optional(),
  vibrate: z.union([milliseconds, z.array(milliseconds)]).optional(),
  dir: z.enum(["auto", "ltr", "rtl"]).optional(),
  lang: z.string().optional(),
  timestamp: z.number().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
  actions: actionsSchema.optional(),
  format: z.enum(["nested", "flat", "declarative", "raw", "empty"]).optional(),
  raw_body: z.union([z.string(), z.instanceof(Uint8Array)], { error: "expected text or bytes" }).optional(),
  urgency: z.enum(["very-low", "low", "normal", "high"]).optional(),
  topic: z.string().regex(TOPIC_CHARACTERS, "expected 1 to 32 characters of A-Z a-z 0-9 _ -").optional(),
  navigate: z.string().optional(),
  app_badge: z.int().nonnegative().optional(),
  mutable: z.boolean().optional(),
});

function contactUri(text: string): string | undefined {
  if (/^mailto:[^\s@]+@[^\s@]+$/i.test(text)) return text;
  if (/^https:\/\/\S+$/i.test(text)) return URL.canParse(text) ? text : undefined;
  return /^[^\s@:/]+@[^\s@:/]+$/.test(text) ? `mailto:${text}` : undefined;
}
