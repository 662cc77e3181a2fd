import type { Engine } from "./engine/engine.js";
import { openInput, toItem } from "./engine/input.js";
import { ResultDraft } from "./engine/result_draft.js";
import { type ProviderStats, unmeasured } from "./engine/stats.js";
import { withResults } from "./errors.js";
import type { BulkOptions, SendOptions } from "./options.js";
import type { AnyPlatformData, PushNotificationPayload } from "./payload.js";
import { streamOneByOne } from "./plain_stream.js";
import type { PushNotificationResult } from "./result.js";
import type { Subscription } from "./subscription.js";

/** One notification of a bulk send: a pair, or an object with the two. */
export type PushNotification<Payload = PushNotificationPayload> =
  | readonly [device_token: unknown, payload: Payload]
  | { readonly device_token: unknown; readonly payload: Payload };

/** The input of a bulk send. `const list = [[token, payload], …]` fits as it is, without `as const`. */
export type Notifications<Payload = PushNotificationPayload> =
  | Iterable<PushNotification<Payload> | WidenedPair<Payload>>
  | AsyncIterable<PushNotification<Payload> | WidenedPair<Payload>>;

/** The input of a multicast: an array or any other iterable of tokens, but not one bare token, which is iterable too. */
export type DeviceTokens = (Iterable<unknown> & object) | AsyncIterable<unknown>;

/** What TypeScript makes of a pair in a variable: an array of either. */
type WidenedPair<Payload> = readonly (string | Subscription | Payload)[];

/** What a provider says about itself. Nothing in it is secret. */
export interface PlatformInfo {
  platform: string;
  limits: { max_payload_bytes: number; max_ttl_seconds: number; max_concurrency: number };
  capabilities: Record<string, unknown>;
  /** Who sends; keys shortened. */
  sender: Record<string, unknown>;
  counters: ReturnType<Engine["counters"]>;
}

/** Whether a provider could send now. `unhealthy` as soon as one check failed. */
export interface HealthCheck {
  status: "healthy" | "unhealthy";
  platform: string;
  checks: { name: string; status: "passed" | "failed" | "skipped"; message?: string }[];
  /** ISO 8601. */
  timestamp: string;
}

/**
 * What users hold, whatever the service. Get one with `getPushProvider`.
 *
 * A subclass written by hand needs `platform`, `sendNotification`, `validateDeviceToken` and `getPlatformInfo`; sending to
 * many is then made of single sends. One made from a codec (`defineProvider`) gets the whole engine instead.
 *
 * The fate of a notification is always a result. Calls reject only with a `PushError` `PROVIDER_CLOSED`,
 * `OPTIONS_INVALID` (wrong options, an input that cannot be iterated) or `INPUT_FAILED` (the caller's own iterable threw).
 */
export abstract class PushNotificationProvider<PlatformData = AnyPlatformData> {
  /** Canonical platform name. */
  abstract readonly platform: string;

  /** Sends to one device. */
  abstract sendNotification(
    device_token: unknown,
    payload: PushNotificationPayload<PlatformData>,
    options?: SendOptions,
  ): Promise<PushNotificationResult>;

  /**
   * Sends many and yields each result as it comes, with its `index` in the input. The input is pulled only as slots
   * free up, so memory stays flat for any length; leaving the loop stops the rest.
   */
  async *streamNotifications(
    notifications: Notifications<PushNotificationPayload<PlatformData>>,
    options: BulkOptions = {},
  ): AsyncGenerator<PushNotificationResult, void, undefined> {
    const input = openInput(notifications, "notifications", toItem);
    const { max_concurrency, on_progress, ...each } = options;
    yield* streamOneByOne(
      ({ device_token, payload }) =>
        this.sendNotification(device_token, payload as PushNotificationPayload<PlatformData>, each),
      input,
      options,
    );
  }

  /** One payload to many devices; it is prepared once. Results in input order, one each. */
  async sendMulticastNotification(
    device_tokens: DeviceTokens,
    payload: PushNotificationPayload<PlatformData>,
    options?: BulkOptions,
  ): Promise<PushNotificationResult[]> {
    return collect(this.streamNotifications(pairs(device_tokens, payload), options));
  }

  /** Sends to a topic, condition or channel, where the service has them; elsewhere the result is `TOPICS_NOT_SUPPORTED`. */
  async sendTopicNotification(
    topic: string,
    _payload: PushNotificationPayload<PlatformData>,
    _options?: SendOptions,
  ): Promise<PushNotificationResult> {
    const now_ms = Date.now();
    const draft = new ResultDraft({ platform: this.platform, device_token: topic, is_topic: true, index: 0 });
    const course = { attempts: 0, may_have_been_sent: false, started_ms: now_ms, now_ms };
    return draft.finish({ code: "TOPICS_NOT_SUPPORTED" }, course);
  }

  /** Is this a token that this service could accept? Never throws, for any value; nothing is sent. */
  abstract validateDeviceToken(token: unknown): boolean;

  /** Limits, capabilities, sender, counters. */
  abstract getPlatformInfo(): PlatformInfo;

  /**
   * Counters, latencies, connections, origins, credentials: a snapshot at any time, also after `close()`. Providers with equal configs
   * share an engine, and so their numbers. A subclass that measures nothing gives its counters and zeros.
   */
  stats(): ProviderStats {
    return unmeasured(this.platform, this.getPlatformInfo().counters);
  }

  /** Proves that credentials can be had; nothing goes to a device. */
  async healthCheck(): Promise<HealthCheck> {
    return { status: "healthy", platform: this.platform, checks: [], timestamp: new Date().toISOString() };
  }

  /**
   * Attempts on the wire get `timeout_seconds` (default 30) to finish, then they are cut; everything that is queued or waits
   * settles at once as `ABORTED`. Idempotent; afterwards nothing keeps the process alive.
   */
  async close(_options?: { timeout_seconds?: number | undefined }): Promise<void> {}

  /**
   * Sends many; results in input order, one each. Keeps every result: for more than some 100,000 use
   * {@link streamNotifications}. When the input throws, `INPUT_FAILED` carries the results of what was taken.
   */
  sendBulkNotifications(
    notifications: Notifications<PushNotificationPayload<PlatformData>>,
    options?: BulkOptions,
  ): Promise<PushNotificationResult[]> {
    return collect(this.streamNotifications(notifications, options));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** All results of a stream, in input order. */
export async function collect(
  stream: AsyncIterable<PushNotificationResult>,
): Promise<PushNotificationResult[]> {
  const results: PushNotificationResult[] = [];
  try {
    for await (const result of stream) results[result.index] = result;
  } catch (error) {
    throw withResults(error, results);
  }
  return results;
}

function pairs<Payload>(device_tokens: DeviceTokens, payload: Payload) {
  const input = openInput(device_tokens, "device_tokens", (device_token) => ({ device_token, payload }));
  return (async function* () {
    for (let next = await input.next(); !next.done; next = await input.next()) {
      yield [next.value, payload] as const;
    }
  })();
}
