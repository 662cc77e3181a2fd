/** Connections that end, half way or in the middle of everything. */
import { describe, expect } from "vitest";
import { type Cell, faultStruck, type Seen, tryCells } from "./cells.js";
import { PLATFORMS } from "./services.js";
import type { World } from "./world.js";

/** TCP's word, that of HTTP/1.1 or that of HTTP/2: which of them comes first is the kernel's affair. */
const ENDED = /^(ECONNRESET|EPIPE|UND_ERR_SOCKET|H2_CONNECTION_CLOSED|H2_CANCEL)$/;
const CUT_SHORT = "UND_ERR_RES_CONTENT_LENGTH_MISMATCH";
const lost = { error_code: "NETWORK_ERROR", reason: ENDED, may_have_been_sent: true } as const;

const FATES = {
  delivered: {},
  resent: { attempts: [2, 6] },
  lost: { ...lost, attempts: [1, 6] },
  cut_short: { ...lost, reason: CUT_SHORT, processed: 1 },
  processed_and_lost: { ...lost, processed: 1 },
  lost_before: { ...lost, processed: 0 },
  repeated: { attempts: [2, 6], processed: 2, warnings: ["possible_duplicate"] },
  repeated_and_processed_once: { attempts: [2, 6], processed: 1, warnings: ["possible_duplicate"] },
} as const;
type Names = keyof typeof FATES;

const once =
  (kind: string, after: number, options: object = {}) =>
  ({ service }: World) =>
    void service.fault(kind, { ...options, after, times: 1 });
/** One connection's worth: over HTTP/1.1 one request, over HTTP/2 what was in flight. */
const aFew =
  (most: number) =>
  ({ tally, world }: Seen<Names>) => {
    const lost = (tally.lost ?? 0) + (tally.cut_short ?? 0);
    expect(lost).toBeGreaterThanOrEqual(1);
    expect(lost).toBeLessThanOrEqual(world.name === "apns" || world.name === "fcm" ? most : most / 100);
  };

const CELLS: readonly Cell<Names>[] = [
  {
    fault: "the socket destroyed at 500",
    on: PLATFORMS,
    strike: once("reset", 499),
    struck: ["delivered", "resent", "lost"],
    also: aFew(100),
  },
  {
    fault: "the socket destroyed at 500, where a second copy replaces the first",
    on: ["apns", "wns"],
    replaceable: true,
    strike: once("reset", 499),
    struck: ["delivered", "resent", "repeated", "repeated_and_processed_once"],
  },
  {
    fault: "FIN three times in mid-batch",
    on: ["apns", "fcm", "wns"],
    strike: (world) => {
      for (const after of [250, 500, 750]) once("close", after)(world);
    },
    struck: ["delivered", "resent", "lost"],
    also: aFew(300),
  },
  {
    fault: "half a response, then FIN, three times in mid-batch",
    on: ["apns", "fcm", "web_push"],
    strike: (world) => {
      for (const after of [250, 500, 750]) once("half_response", after)(world);
    },
    struck: ["delivered", "resent", "lost", "cut_short"],
    also: aFew(300),
  },
  {
    fault: "half a response on 10 %",
    on: ["wns", "web_push"],
    strike: faultStruck("half_response"),
    struck: ["cut_short"],
    others: ["delivered"],
  },
  {
    fault: "RST on 10 %",
    on: ["wns"],
    strike: faultStruck("reset"),
    struck: ["processed_and_lost"],
    others: ["delivered"],
  },
  {
    fault: "FIN on 10 %, before the request was read",
    on: ["wns"],
    strike: faultStruck("close", { before_reading: true }),
    struck: ["lost_before"],
    others: ["delivered"],
  },
  {
    fault: "FIN on 10 %, where a second copy replaces the first",
    on: ["wns"],
    replaceable: true,
    strike: faultStruck("close", { times: 1 }),
    struck: ["repeated"],
    others: ["delivered"],
  },
];

describe("a thousand sends, and", () => tryCells(() => FATES, CELLS));
