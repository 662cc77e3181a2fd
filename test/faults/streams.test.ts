/** What only HTTP/2 has: streams that are refused or reset, and connections that say goodbye (RFC 9113). */
import { describe, expect, it } from "vitest";
import { account } from "./account.js";
import { type Cell, DEADLINE_MS, faultStruck, tryCells } from "./cells.js";
import { each, OVER_HTTP2, payload } from "./services.js";
import { useWorlds, type World } from "./world.js";

const FATES = {
  delivered: {},
  /** Refused before it was processed, once or a few times. */
  resent: { attempts: [2, 6] },
  resent_once: { attempts: 2 },
  /** Five times at once, then three times in time. */
  refused: { error_code: "NETWORK_ERROR", reason: "H2_REFUSED_STREAM", attempts: 9 },
  processed_and_lost: {
    error_code: "NETWORK_ERROR",
    reason: "H2_INTERNAL_ERROR",
    may_have_been_sent: true,
    processed: 1,
  },
  lost_before: {
    error_code: "NETWORK_ERROR",
    reason: "H2_INTERNAL_ERROR",
    may_have_been_sent: true,
    processed: 0,
  },
  /** The one case in which something is processed twice: the second copy takes the first one's place. */
  repeated: { attempts: 2, processed: 2, warnings: ["possible_duplicate"] },
  in_doubt: {
    error_code: "NETWORK_ERROR",
    reason: /^(GOAWAY|H2)_ENHANCE_YOUR_CALM$/,
    may_have_been_sent: true,
    attempts: [1, 6],
  },
} as const;
type Names = keyof typeof FATES;

const EVERY_200 = [199, 399, 599, 799];
const faultEvery200 =
  (kind: string, options: object = {}) =>
  ({ service }: World) => {
    for (const after of EVERY_200) service.fault(kind, { ...options, after, times: 1 });
  };
const someWereResent: Cell<Names>["also"] = ({ tally }) => expect(tally.resent).toBeGreaterThan(0);

const CELLS: readonly Cell<Names>[] = [
  {
    fault: "GOAWAY every 200 streams, this one the last",
    on: OVER_HTTP2,
    strike: faultEvery200("goaway"),
    struck: ["delivered", "resent"],
    also: someWereResent,
  },
  {
    fault: "GOAWAY every 200 streams, this one not processed",
    on: ["apns", "fcm"],
    strike: faultEvery200("goaway_unprocessed"),
    struck: ["delivered", "resent"],
    also: someWereResent,
  },
  {
    fault: "GOAWAY with an error every 200 streams",
    on: ["apns", "fcm"],
    strike: faultEvery200("goaway", { error_code: 11 }),
    struck: ["delivered", "resent", "in_doubt"],
  },
  {
    fault: "a stream refused on 10 %",
    on: OVER_HTTP2,
    strike: faultStruck("refused_stream", { times: 1 }),
    struck: ["resent_once"],
    others: ["delivered"],
  },
  {
    fault: "a stream refused for ever on 10 %",
    on: ["apns", "fcm"],
    strike: faultStruck("refused_stream"),
    struck: ["refused"],
    others: ["delivered"],
  },
  {
    fault: "RST INTERNAL_ERROR on 10 %, after it was processed",
    on: OVER_HTTP2,
    strike: faultStruck("rst"),
    struck: ["processed_and_lost"],
    others: ["delivered"],
  },
  {
    fault: "RST INTERNAL_ERROR on 10 %, before",
    on: ["apns", "fcm"],
    strike: faultStruck("rst", { before_reading: true }),
    struck: ["lost_before"],
    others: ["delivered"],
  },
  {
    fault: "RST INTERNAL_ERROR on 10 %, where a second copy replaces the first",
    on: ["apns", "web_push_h2"],
    replaceable: true,
    strike: faultStruck("rst", { times: 1 }),
    struck: ["repeated"],
    others: ["delivered"],
  },
  {
    fault: "the stream limit lowered to 10 with more in flight",
    on: ["apns", "fcm"],
    opened: () => ({ config: { max_concurrency: 1000 } }),
    strike: ({ service }) => {
      service.respond("*", { delay_ms: 20 });
      service.fault("stream_limit", { limit: 10, after: 400, times: 1 });
    },
    struck: ["delivered", "resent"],
  },
];

describe("a thousand sends, and", () => tryCells(() => FATES, CELLS));

describe("twenty thousand in one call", () => {
  const { world: open } = useWorlds();
  it(
    "go over one connection, one in a hundred refused · apns: those resent once, the others delivered",
    async () => {
      const world = await open("apns", { count: 20_000 });
      for (const { device_token } of each(100, world.devices))
        world.service.fault("refused_stream", { device_token, times: 1 });
      const results = await world.provider.sendMulticastNotification(world.tokens, payload);
      const tally = account(world, results, FATES, (index) => [
        index % 100 === 0 ? "resent_once" : "delivered",
      ]);
      expect(tally).toEqual({ resent_once: 200, delivered: 19_800 });
      expect(new Set(world.service.received.map(({ connection_id }) => connection_id)).size).toBe(1);
    },
    DEADLINE_MS,
  );
});
