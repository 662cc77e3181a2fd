import { describe } from "vitest";
import { webPush } from "../../providers/web_push/index.js";
import { startWebPushService, type WebPushSubscriptionJson } from "../../src/testing/index.js";
import { openEmulated } from "./emulated.js";
import { describeConformance } from "./suite.js";
import type { Harness } from "./world.js";

const LIMIT = 3993;

describe("over HTTP/1.1", () => describeConformance(harness(["http/1.1"])));
describe("over HTTP/2", () => describeConformance(harness(["h2", "http/1.1"])));

function harness(protocols: readonly ("h2" | "http/1.1")[]): Harness {
  return {
    ...openEmulated({
      platform: "web_push",
      definition: webPush,
      start: () => startWebPushService({ protocols }),
      answer(step) {
        if (step === "accept") return { status: 201 };
        if (step === "gone") return { status: 410 };
        const headers = step.retry_after === undefined ? {} : { "retry-after": step.retry_after };
        return { status: step.code === "RATE_LIMITED" ? 429 : 503, headers };
      },
      lifetime: ({ headers }) => Number(headers.ttl),
      secrets: ({ config }, tokens) => [
        config.vapid_private_key,
        ...tokens.flatMap((token) => {
          const { endpoint, keys } = JSON.parse(token) as WebPushSubscriptionJson;
          return [keys.auth, keys.p256dh, new URL(endpoint).pathname];
        }),
      ],
    }),
    payload: { title: "hello", body: "world" },
    oversize: oversize(),
    invalid_token: "not a subscription",
    retry_after_header: true,
    tells_lifetime: true,
    wrongConfig: (canary) => ({ vapid_public_key: canary, vapid_private_key: canary, vapid_subject: canary }),
  };
}

/** One byte too many: the envelope's own length is found by asking with a body that is certainly too long. */
function oversize() {
  const envelope = (body: string) =>
    Buffer.byteLength(
      JSON.stringify({
        notification: { title: "t", body, data: { message_id: crypto.randomUUID() }, timestamp: Date.now() },
      }),
    );
  return { limit: LIMIT, payload: { title: "t", body: "x".repeat(LIMIT + 1 - envelope("")) } };
}
