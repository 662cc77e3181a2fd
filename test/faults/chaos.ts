/**
 * One round of chaos: a random number of devices, random config, faults, answers and payloads, a random way to send,
 * perhaps stopped in the middle. What is random comes from the round's own dice, so a round can be had again; what the
 * sockets make of it differs as the kernel likes.
 */
import type { Clock } from "../../src/codec.js";
import {
  getPushProvider,
  type PushNotificationPayload,
  type PushNotificationProvider,
  type PushNotificationResult,
} from "../../src/index.js";
import { checkBooks, type Round } from "./chaos_books.js";
import { type Dice, diceOf } from "./seeded.js";
import { type Device, type FaultOptions, platformOf, type Service, type ServiceName } from "./services.js";

const TCP_FAULTS = ["close", "reset", "half_response", "stall", "garbage", "split", "huge_body"];
const STREAM_FAULTS = ["goaway", "goaway_unprocessed", "refused_stream", "rst", "stream_limit"];
/** Not REFUSED_STREAM, which would be a lie about a request that was processed. */
const ERROR_CODES = [0, 2, 8, 11];
const PAGE = "<html><body><h1>Bad Gateway</h1></body></html>";
const LATER = { "retry-after": "1" };
const ANSWERS = [
  { status: 200 },
  { status: 400 },
  { status: 403 },
  { status: 404 },
  { status: 410 },
  { status: 413 },
  { status: 429, headers: LATER },
  { status: 500, body: "" },
  { status: 502, body: PAGE },
  { status: 503 },
  { status: 503, headers: LATER },
  { delay_ms: 30 },
];

const HANGS_AFTER_MS = 30_000;

/** Runs a round against a service that may have seen others; returns its results. Throws when the books do not agree. */
export async function chaosRound(
  service: Service,
  name: ServiceName,
  seed: number,
  number: number,
  clock: Clock,
): Promise<readonly PushNotificationResult[]> {
  const dice = diceOf(seed, name, number);
  service.clearFaults();
  service.clearReceived();
  const resend_ambiguous = dice.chance(0.2);
  const max_attempts = dice.between(1, 4);
  const bugs: object[] = [];
  const provider = await getPushProvider(
    platformOf(name),
    {
      ...service.config,
      ...{ timeout_seconds: 20, deadline_seconds: 120, ttl_seconds: 3600 },
      max_concurrency: dice.pick([3, 20, 100, 300]),
      retry: { base_delay_ms: dice.pick([1, 500]), max_attempts, resend_ambiguous, budget: dice.chance(0.7) },
    },
    {
      force_new: true,
      clock,
      logger: { error: (fields) => bugs.push(fields) },
      random: diceOf(seed, name, number, "engine").next,
    },
  );
  const devices = Array.from({ length: dice.between(20, 200) }, () => service.createDevice());
  const replaceable = dice.chance(0.3);
  strike(service, name, devices, dice);
  const taken = sendSomehow(provider, devices, payloadOf(replaceable), dice);
  const results = await unlessItHangs(provider, taken);
  const round: Round = {
    service,
    provider,
    devices,
    bugs,
    results: results.sort((one, other) => (one.index ?? 0) - (other.index ?? 0)),
    repeats: replaceable || resend_ambiguous,
    // Five at once, one with a new credential.
    most_attempts: max_attempts + 5 + 1,
  };
  checkBooks(round);
  await provider.close();
  return results;
}

function payloadOf(replaceable: boolean): PushNotificationPayload {
  const news = { title: "chaos", body: "in order" };
  return replaceable ? { ...news, tag: "news", collapse_key: "news" } : news;
}

/** Faults of the wire for anybody or for one device, answers for some devices, an expired credential. */
function strike(service: Service, name: ServiceName, devices: readonly Device[], dice: Dice): void {
  const over_http1 = name === "wns" || name === "web_push";
  const kinds = over_http1 ? TCP_FAULTS : [...TCP_FAULTS, ...STREAM_FAULTS];
  for (let count = dice.between(0, 8); count > 0; count -= 1) {
    const kind = dice.pick(kinds);
    const options: FaultOptions = {
      ...{ after: dice.between(0, devices.length), times: dice.between(1, 5) },
      before_reading: dice.chance(0.3),
      ...(dice.chance(0.3) ? { device_token: dice.pick(devices).device_token, after: 0 } : {}),
      ...(dice.chance(0.5) ? { cut_at: dice.between(0, 50) } : {}),
      ...(over_http1 ? {} : { limit: dice.between(1, 50), error_code: dice.pick(ERROR_CODES) }),
    };
    service.fault(kind, options);
  }
  if (dice.chance(0.3))
    service.fault("expired_credentials", { after: dice.between(0, 100), times: dice.between(1, 50) });
  const share = dice.pick([0, 0.1, 0.3]);
  for (const { device_token } of devices) {
    if (!dice.chance(share)) continue;
    const answers = Array.from({ length: dice.between(1, 3) }, () => dice.pick(ANSWERS));
    service.respond(device_token, answers);
  }
  if (dice.chance(0.2)) service.respond("*", { delay_ms: dice.between(1, 20) });
  else service.respond("*");
}

/** One of the ways to send to many, run to its end or stopped by an abort or by close(). */
async function sendSomehow(
  provider: PushNotificationProvider,
  devices: readonly Device[],
  payload: PushNotificationPayload,
  dice: Dice,
): Promise<PushNotificationResult[]> {
  const tokens = devices.map(({ device_token }) => device_token);
  const pairs = tokens.map((token) => [token, payload] as const);
  const stop = new AbortController();
  const options = { signal: stop.signal };
  const stops_at = dice.chance(0.3) ? dice.between(1, tokens.length) : Number.POSITIVE_INFINITY;
  const end = dice.pick([
    () => stop.abort(),
    () => void provider.close({ timeout_seconds: dice.pick([0, 30]) }),
  ]);
  let done = 0;
  const count = () => {
    done += 1;
    if (done === stops_at) end();
  };
  switch (dice.pick(["stream", "stream of a generator", "multicast", "bulk", "one by one"])) {
    case "multicast":
      if (stops_at < tokens.length) setTimeout(end, dice.between(0, 200));
      return provider.sendMulticastNotification(tokens, payload, options);
    case "bulk":
      return provider.sendBulkNotifications(pairs, options);
    case "one by one":
      return Promise.all(
        tokens.map(async (token, index) => {
          const result = await provider.sendNotification(token, payload, options);
          count();
          return { ...result, index };
        }),
      );
    case "stream of a generator":
      return collect(provider.streamNotifications(slowly(pairs, dice), options), count);
    default:
      return collect(provider.streamNotifications(pairs, options), count);
  }
}

async function* slowly<T>(items: readonly T[], dice: Dice): AsyncGenerator<T> {
  for (const item of items) {
    if (dice.chance(0.02)) await new Promise((resolve) => setTimeout(resolve, 2));
    yield item;
  }
}

async function collect(
  stream: AsyncIterable<PushNotificationResult>,
  count: () => void,
): Promise<PushNotificationResult[]> {
  const results: PushNotificationResult[] = [];
  for await (const result of stream) {
    results.push(result);
    count();
  }
  return results;
}

/** Ends with an error once nothing at all has happened for so long: no wait in a round is longer than a few seconds. */
async function unlessItHangs<T>(provider: PushNotificationProvider, promise: Promise<T>): Promise<T> {
  let watch: NodeJS.Timeout | undefined;
  const hangs = new Promise<never>((_, reject) => {
    let seen = "";
    watch = setInterval(() => {
      const now = JSON.stringify(provider.getPlatformInfo().counters);
      if (now === seen) reject(new Error(`hangs: ${now}`));
      seen = now;
    }, HANGS_AFTER_MS);
  });
  try {
    return await Promise.race([promise, hangs]);
  } finally {
    clearInterval(watch);
  }
}
