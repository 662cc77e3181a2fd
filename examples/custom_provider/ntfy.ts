// A provider by somebody else: ntfy (https://docs.ntfy.sh/publish/), which sends to phones by topic. It says only what is
// special about ntfy. Retries, limits, deadlines, bulk and streams come with `defineProvider`.
import type { PlatformNamespaces, PushErrorCode, PushNotificationProvider } from "pushmux";
import * as kit from "pushmux/provider_kit";
import { z } from "pushmux/provider_kit";

const config = z.strictObject({
  server: z.url({ protocol: /^https$/ }).default("https://ntfy.sh"),
  access_token: z.string().min(1).optional(),
});
const options = z.strictObject({
  tags: z.array(z.string()).optional(),
  click: z.url().optional(),
  markdown: z.boolean().optional(),
});
type Options = z.input<typeof options>;

declare module "pushmux" {
  interface PushPlatforms {
    ntfy: {
      config: kit.SharedConfigInput & z.input<typeof config>;
      provider: PushNotificationProvider<Options & PlatformNamespaces>;
      platform_data: Options;
    };
  }
}

const PRIORITY = { low: 2, normal: 3, high: 4, critical: 5 } as const;
const REFUSED: Readonly<Record<number, PushErrorCode>> = {
  400: "PAYLOAD_INVALID",
  401: "AUTHENTICATION_FAILED",
  403: "AUTHENTICATION_FAILED",
  413: "PAYLOAD_TOO_LARGE",
};

export const ntfy = kit.defineProvider({
  platform: "ntfy",
  config,
  platform_data: options,
  codec: ({ server, access_token }) => ({
    limits: { max_payload_bytes: 4096, max_ttl_seconds: 43_200, max_concurrency: 16 },
    connection: () => ({ key: new URL(server).origin, protocol: "h1", guard: "fixed" }),
    parseToken(value) {
      if (typeof value === "string" && /^[-_A-Za-z0-9]{1,64}$/.test(value)) return value;
      return kit.reject("INVALID_TOKEN", "device_token: expected the name of a topic");
    },
    prepare({ title, body = "", data, priority, url, icon, image, options }) {
      const size = Buffer.byteLength(body);
      if (size > 4096) return kit.reject("PAYLOAD_TOO_LARGE", `body: ${size} bytes; ntfy takes at most 4096`);
      const message = { title, message: body, priority: PRIORITY[priority], click: url, icon, attach: image };
      const has_data = Object.keys(data).length > 0;
      return {
        message: { ...message, ...options },
        warnings: has_data ? [kit.warning("unsupported_field", "data", "ntfy carries no data")] : [],
      };
    },
    encode({ message }, target, { now_ms, expires_at_ms }) {
      const topic = target.kind === "token" ? target.token : target.value;
      const headers: Record<string, string> = { "content-type": "application/json" };
      if (access_token) headers.authorization = `Bearer ${access_token}`;
      if (expires_at_ms === now_ms) headers.cache = "no"; // Now or never: nothing is kept for later.
      return {
        method: "POST",
        url: `${new URL(server).origin}/`,
        headers,
        body: JSON.stringify({ topic, ...message }),
      };
    },
    decode,
  }),
});

function decode(response: kit.HttpResponse, { now_ms }: { now_ms: number }): kit.Verdict {
  const { status, headers } = response;
  const { id, error = "" } = readAnswer(kit.bodyText(response));
  if (status === 200) return { verdict: "accepted", service_message_id: id };
  const reason = kit.rawReason(error) || `HTTP ${status}`;
  const when = { retry_after_ms: kit.retryAfterMs(headers["retry-after"], now_ms) };
  if (status === 429) return { verdict: "retry", code: "RATE_LIMITED", reason, scope: "sender", ...when };
  if (status >= 500)
    return { verdict: "retry", code: "SERVICE_UNAVAILABLE", reason, scope: "origin", ...when };
  return { verdict: "rejected", code: REFUSED[status] ?? "UNKNOWN_RESPONSE", reason };
}

/** Whatever came, also what no ntfy server sends: decoding never throws. */
function readAnswer(text: string) {
  try {
    return z.object({ id: z.string(), error: z.string() }).partial().parse(JSON.parse(text));
  } catch {
    return {};
  }
}
