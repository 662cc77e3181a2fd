/** Answers that are refusals, that are not what they should be, that come slowly, or never. */
import { describe, expect } from "vitest";
import type { Fate } from "./account.js";
import { type Cell, faultStruck, tryCells, WITHOUT_HASTE } from "./cells.js";
import { fastClock } from "./clocks.js";
import { OVER_HTTP2, PLATFORMS, type ServiceName } from "./services.js";
import type { World } from "./world.js";

type Names =
  | "delivered"
  | "accepted_in_the_end"
  | "unavailable"
  | "throttled"
  | "refused"
  | "failed"
  | "bad_gateway"
  | "repeated"
  | "never_answered";

/** What each says when its emulator is told no more than the status. WNS speaks in headers, whatever the body is. */
const WEB_PUSH = {
  400: "111 Missing TTL value",
  429: /^\{"code":429,.*Too Many Requests/,
  500: "HTTP 500",
  502: /502 Bad Gateway/,
  503: "201 Service Unavailable",
};
const WORDS: Readonly<Record<ServiceName, Readonly<Record<keyof typeof WEB_PUSH, string | RegExp>>>> = {
  apns: {
    400: "BadDeviceToken",
    429: "TooManyRequests",
    500: "HTTP 500",
    502: /502 Bad Gateway/,
    503: "ServiceUnavailable",
  },
  fcm: {
    400: "INVALID_ARGUMENT: Request contains an invalid argument.",
    429: "QUOTA_EXCEEDED",
    500: "HTTP 500",
    502: /502 Bad Gateway/,
    503: "UNAVAILABLE",
  },
  wns: {
    400: /./,
    429: /^App is throttled/,
    500: "An internal failure caused notification delivery to fail.",
    502: "Bad Gateway",
    503: "The server is currently unavailable.",
  },
  web_push: WEB_PUSH,
  web_push_h2: WEB_PUSH,
};

function fatesOf(name: ServiceName): Record<Names, Fate> {
  const words = WORDS[name];
  const unavailable = { error_code: "SERVICE_UNAVAILABLE", attempts: 4 } as const;
  return {
    delivered: {},
    accepted_in_the_end: { attempts: 2 },
    unavailable: { ...unavailable, status_code: 503, reason: words[503], retry_after: 1 },
    throttled: {
      error_code: "RATE_LIMITED",
      status_code: 429,
      reason: words[429],
      retry_after: 1,
      attempts: 4,
    },
    refused: {
      error_code: name === "apns" ? "INVALID_TOKEN" : "PAYLOAD_INVALID",
      status_code: 400,
      reason: words[400],
    },
    failed: { ...unavailable, status_code: 500, reason: words[500] },
    bad_gateway: {
      error_code: "SERVICE_UNAVAILABLE",
      status_code: 502,
      reason: words[502],
      may_have_been_sent: true,
      processed: 0,
    },
    repeated: { attempts: 2, warnings: ["possible_duplicate"] },
    never_answered: { error_code: "TIMEOUT", reason: "ABORTED", may_have_been_sent: true, processed: 1 },
  };
}

/** What a service asks for in seconds is kept, and costs milliseconds. */
const inFastTime: Cell<Names>["opened"] = () => ({
  clock: fastClock(100),
  config: { ...WITHOUT_HASTE, retry: { base_delay_ms: 1, budget: false } },
});
/** Room for all who get no answer, beside those who do. */
const untilTimeIsUp: Pick<Cell<Names>, "opened" | "outwaits"> = {
  outwaits: true,
  opened: () => ({ config: { max_concurrency: 200 } }),
};

const HTML = { status: 502, body: "<html><body><h1>502 Bad Gateway</h1></body></html>" };
const LATER = { "retry-after": "1" };
const answerStruck =
  (...answers: Parameters<World["service"]["respond"]>[1][]) =>
  ({ service }: World, struck: readonly string[]) => {
    for (const token of struck) service.respond(token, ...answers);
  };
/** Nobody was asked sooner than the service had said. */
const notBeforeItsTime: Cell<Names>["also"] = ({ results }) => {
  const repeated = results.filter(({ attempts }) => attempts > 1);
  expect(repeated).toHaveLength(100);
  for (const { duration_ms, attempts } of repeated)
    expect(duration_ms).toBeGreaterThanOrEqual(1000 * (attempts - 1));
};

const CELLS: readonly Cell<Names>[] = [
  {
    fault: "503 with Retry-After on 10 %, once",
    on: PLATFORMS,
    opened: inFastTime,
    strike: answerStruck([{ status: 503, headers: LATER }]),
    struck: ["accepted_in_the_end"],
    others: ["delivered"],
    also: notBeforeItsTime,
  },
  {
    fault: "503 with Retry-After on 10 %, always",
    on: ["apns", "fcm", "wns"],
    opened: inFastTime,
    strike: answerStruck({ status: 503, headers: LATER }),
    struck: ["unavailable"],
    others: ["delivered"],
    also: notBeforeItsTime,
  },
  {
    fault: "429 with Retry-After on 10 %, once",
    on: PLATFORMS,
    opened: inFastTime,
    strike: answerStruck([{ status: 429, headers: LATER }]),
    struck: ["accepted_in_the_end"],
    others: ["delivered"],
    also: notBeforeItsTime,
  },
  {
    fault: "429 with Retry-After on 10 %, always",
    on: ["apns", "web_push"],
    opened: inFastTime,
    strike: answerStruck({ status: 429, headers: LATER }),
    struck: ["throttled"],
    others: ["delivered"],
    also: notBeforeItsTime,
  },
  {
    fault: "400 in two pieces, cut at every byte",
    on: OVER_HTTP2,
    strike: ({ service, devices, name }) => {
      service.respond("*", { status: 400 });
      const length = name === "apns" ? '{"reason":"BadDeviceToken"}'.length : 1000;
      for (const [i, { device_token }] of devices.entries())
        service.fault("split", { device_token, cut_at: 1 + (i % (length - 1)) });
    },
    struck: ["refused"],
  },
  {
    fault: "502 with a page of HTML on 10 %",
    on: PLATFORMS,
    strike: answerStruck(HTML),
    struck: ["bad_gateway"],
    others: ["delivered"],
  },
  {
    fault: "502 with a page of HTML on 10 %, once, where a second copy replaces the first",
    on: ["apns", "wns"],
    opened: inFastTime,
    replaceable: true,
    strike: answerStruck([HTML]),
    struck: ["repeated"],
    others: ["delivered"],
  },
  {
    fault: "500 without a body on 10 %, always",
    on: ["apns", "fcm", "wns"],
    opened: inFastTime,
    strike: answerStruck({ status: 500, body: "" }),
    struck: ["failed"],
    others: ["delivered"],
  },
  {
    fault: "10 % never answered",
    on: PLATFORMS,
    ...untilTimeIsUp,
    strike: faultStruck("stall"),
    struck: ["never_answered"],
    others: ["delivered"],
  },
  {
    fault: "an answer that drips in time on 10 %",
    on: ["wns"],
    strike: faultStruck("split", { pause_ms: 1 }),
    struck: ["delivered"],
  },
  {
    fault: "an answer that drips in time on 10 %",
    on: ["apns", "fcm"],
    strike: (world, struck) => {
      answerStruck({ status: 400 })(world, struck);
      faultStruck("split", { pause_ms: 1 })(world, struck);
    },
    struck: ["refused"],
    others: ["delivered"],
  },
  {
    fault: "an answer that drips for ever on 10 %",
    on: ["apns", "fcm", "wns"],
    ...untilTimeIsUp,
    strike: (world, struck) => {
      answerStruck({ status: 200, body: "dripping" })(world, struck);
      faultStruck("split", { pause_ms: 60_000 })(world, struck);
    },
    struck: ["never_answered"],
    others: ["delivered"],
  },
];

describe("a thousand sends, and", () => tryCells(fatesOf, CELLS));
