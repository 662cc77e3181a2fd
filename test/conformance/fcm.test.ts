import { fcm } from "../../providers/fcm/index.js";
import { startFcmService } from "../../src/testing/index.js";
import { openEmulated } from "./emulated.js";
import { describeConformance } from "./suite.js";

const LIMIT = 4096;

describeConformance({
  ...openEmulated({
    platform: "fcm",
    definition: fcm,
    start: startFcmService,
    answer(step) {
      if (step === "accept") return { status: 200 };
      if (step === "gone") return { status: 404, reason: "UNREGISTERED" };
      // Without a time FCM wants 10 s, or a minute; the suite is not that patient.
      const headers = { "retry-after": step.retry_after ?? "0" };
      // Of FCM's 429s this one is about the device only.
      if (step.code === "RATE_LIMITED") return { status: 429, reason: "TooManyRequests", headers };
      return { status: 503, reason: "UNAVAILABLE", headers };
    },
    lifetime: ({ message }) => Number.parseInt(String(message?.android?.ttl), 10),
    secrets: ({ config }) => [config.service_account.private_key.split("\n")[1] ?? ""],
  }),
  payload: { title: "hello", body: "world" },
  oversize: { limit: LIMIT, payload: { title: "t", body: "x".repeat(LIMIT + 1 - "titletbody".length) } },
  invalid_token: "not a\ntoken",
  retry_after_header: true,
  // Without a time that can be read FCM wants 10 s.
  patient: true,
  tells_lifetime: true,
  wrongConfig: (canary) => ({ service_account: { private_key: canary, client_email: canary } }),
});
