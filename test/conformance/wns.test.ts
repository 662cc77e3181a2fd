import { wns } from "../../providers/wns/index.js";
import { startWnsService } from "../../src/testing/index.js";
import { openEmulated } from "./emulated.js";
import { describeConformance } from "./suite.js";

const LIMIT = 5000;

describeConformance({
  ...openEmulated({
    platform: "wns",
    definition: wns,
    start: startWnsService,
    answer(step) {
      if (step === "accept") return { status: 200 };
      if (step === "gone") return { status: 410 };
      const headers = step.retry_after === undefined ? {} : { "retry-after": step.retry_after };
      return { status: step.code === "RATE_LIMITED" ? 406 : 503, headers };
    },
    lifetime: ({ ttl }) => ttl,
    secrets: ({ config }, tokens) => [
      config.client_secret,
      ...tokens.map((token) => new URL(token).search.slice("?token=".length)),
    ],
  }),
  payload: { title: "hello", body: "world" },
  oversize: { limit: LIMIT, payload: { title: "t", body: "x".repeat(LIMIT + 1 - envelope()) } },
  invalid_token: "not a channel",
  retry_after_header: true,
  tells_lifetime: false,
  wrongConfig: (canary) => ({ tenant_id: canary, client_id: canary, client_secret: { canary } }),
});

/** How long the toast is without its second line. */
function envelope(): number {
  const around =
    '<toast><visual><binding template="ToastGeneric"><text>t</text><text></text></binding></visual></toast>';
  return Buffer.byteLength(around);
}
