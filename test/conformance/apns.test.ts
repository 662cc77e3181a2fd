import { apns } from "../../providers/apns/index.js";
import { startApnsService } from "../../src/testing/index.js";
import { openEmulated } from "./emulated.js";
import { describeConformance } from "./suite.js";

const LIMIT = 4096;

describeConformance({
  ...openEmulated({
    platform: "apns",
    definition: apns,
    start: startApnsService,
    answer(step) {
      if (step === "accept") return { status: 200 };
      if (step === "gone") return { status: 410, reason: "Unregistered" };
      const headers = step.retry_after === undefined ? {} : { "retry-after": step.retry_after };
      if (step.code === "RATE_LIMITED") return { status: 429, reason: "TooManyRequests", headers };
      return { status: 503, reason: "ServiceUnavailable", headers };
    },
    lifetime: ({ headers }) => Number(headers["apns-expiration"]),
    secrets: ({ config }) => [config.auth_key.split("\n")[1] ?? ""],
  }),
  payload: { title: "hello", body: "world" },
  oversize: { limit: LIMIT, payload: { title: "t", body: "x".repeat(LIMIT + 1 - envelope()) } },
  invalid_token: "not hex",
  retry_after_header: true,
  // Only "now or never" is the same for a lifetime in seconds and for a moment: 0.
  tells_lifetime: true,
  wrongConfig: (canary) => ({ team_id: canary, key_id: canary, auth_key: canary, bundle_id: canary }),
});

/** How long the payload is without its body. */
function envelope(): number {
  return Buffer.byteLength(JSON.stringify({ aps: { alert: { title: "t", body: "" }, sound: "default" } }));
}
