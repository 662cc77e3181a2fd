import { quietly } from "./engine/events.js";
import { openInput } from "./engine/input.js";
import { ResultDraft } from "./engine/result_draft.js";
import type { ProviderStats } from "./engine/stats.js";
import { PushError } from "./errors.js";
import { type ConfigOf, getPushProvider, type PlatformName } from "./factory.js";
import {
  type BulkOptions,
  checkBulkOptions,
  checkCloseOptions,
  checkFallbackOptions,
  checkRouterOptions,
  checkSendOptions,
  type FallbackOptions,
  type RouterOptions,
  type SendOptions,
} from "./options.js";
import type { PushNotificationPayload } from "./payload.js";
import type { PlatformNamespaces } from "./platforms.js";
import { collect, type HealthCheck, type PushNotificationProvider } from "./provider.js";
import { canonicalName } from "./registry.js";
import type { PushNotificationFailure, PushNotificationResult } from "./result.js";
import { streamRouted } from "./router_stream.js";

/** Where a notification goes: a platform, by name or alias, and a token of its service. */
export interface PushTarget {
  readonly platform: string;
  readonly device_token: unknown;
}

/** A router's payload: in `platform_data` each service's options stand under its own name. */
export type RoutedPayload = PushNotificationPayload<PlatformNamespaces>;

type RoutedPair =
  | readonly [target: PushTarget, payload: RoutedPayload]
  | readonly (PushTarget | RoutedPayload)[];

/** The input of a router's bulk send: pairs of target and payload. */
export type RoutedNotifications = Iterable<RoutedPair> | AsyncIterable<RoutedPair>;

/** Platform -> its config, or a provider that is open already and stays yours. */
export type RouterConfigs = {
  readonly [Name in PlatformName]?: ConfigOf<Name> | PushNotificationProvider | undefined;
} & { readonly [name: string]: object | undefined };

/** What came of trying several targets. */
export interface FallbackResult {
  success: boolean;
  /** The success, or the last failure. */
  result: PushNotificationResult;
  /** One for each target that was tried, in order. */
  results: PushNotificationResult[];
}

/** Whether each service could be sent to; `unhealthy` as soon as one is not. */
export interface RouterHealth {
  status: HealthCheck["status"];
  platforms: Record<string, HealthCheck>;
  /** ISO 8601. */
  timestamp: string;
}

/**
 * One door to several push services; opens all of them.
 *
 * `const router = await createPushRouter({ web_push: config, simulation: {} })`
 *
 * @throws PushError of the first that could not be opened: it names the platform, and the others are closed again.
 */
export async function createPushRouter(
  configs: RouterConfigs,
  options: RouterOptions = {},
): Promise<PushRouter> {
  checkRouterOptions(options);
  const { on_dead_token: _own, ...provider_options } = options;
  const entries = Object.entries(configs).filter(([, config]) => config !== undefined);
  if (entries.length === 0) throw new PushError("CONFIG_INVALID", "router: expected at least one platform");
  const opening = entries.map(async ([name, config]): Promise<Route> => {
    if (isProvider(config)) return { provider: config, own: false };
    return {
      provider: await getPushProvider(name, config as Record<string, unknown>, provider_options),
      own: true,
    };
  });
  const opened = await Promise.allSettled(opening);
  const routes = opened.flatMap((entry) => (entry.status === "fulfilled" ? [entry.value] : []));
  const failed = opened.find((entry) => entry.status === "rejected");
  const names = routes.map(({ provider }) => provider.platform);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (!failed && twice === undefined) return new PushRouter(routes, options);
  await Promise.all(routes.map(({ provider, own }) => own && provider.close({ timeout_seconds: 0 })));
  throw failed?.reason ?? new PushError("CONFIG_INVALID", `router: ${twice} was given twice`);
}

interface Route {
  readonly provider: PushNotificationProvider;
  /** Opened by the router, so closed by it. */
  readonly own: boolean;
}

interface RoutedItem {
  readonly target: PushTarget | undefined;
  readonly payload: unknown;
}

/** A dead token's handler may take so long before its result goes on without it. */
const DEAD_TOKEN_MS = 30_000;

/** Sends to targets of different platforms. Get one with {@link createPushRouter}. */
export class PushRouter {
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #options: RouterOptions;
  #closing: Promise<void> | undefined;

  constructor(routes: readonly Route[], options: RouterOptions) {
    this.#routes = new Map(routes.map((route) => [route.provider.platform, route]));
    this.#options = options;
  }

  /** Sends to one target. */
  async send(
    target: PushTarget,
    payload: RoutedPayload,
    options?: SendOptions,
  ): Promise<PushNotificationResult> {
    checkSendOptions(options);
    this.#mustBeOpen();
    return this.#deliver({ target, payload }, 0, options);
  }

  /** Sends many; results in input order, one each. */
  sendBulk(notifications: RoutedNotifications, options?: BulkOptions): Promise<PushNotificationResult[]> {
    return collect(this.stream(notifications, options));
  }

  /**
   * Sends many and yields each result as it comes, with its `index`. Each service has its own queue: a slow or failing one
   * holds up no other (of an iterator, up to 1,000 wait for a full one before it is not pulled further).
   */
  async *stream(
    notifications: RoutedNotifications,
    options: BulkOptions = {},
  ): AsyncGenerator<PushNotificationResult, void, undefined> {
    checkBulkOptions(options);
    this.#mustBeOpen();
    const { max_concurrency, on_progress: _told, signal: _shared, ...each } = options;
    const input = openInput(notifications, "notifications", () => ({
      device_token: undefined,
      payload: undefined,
    }));
    yield* streamRouted<RoutedItem>(input, options, {
      toItem: (value) => (Array.isArray(value) ? { target: value[0], payload: value[1] } : NOTHING),
      laneOf: ({ target }) => this.#routeOf(target)?.provider.platform ?? "",
      widthOf: (lane) => {
        const slots = this.#routes.get(lane)?.provider.getPlatformInfo().limits.max_concurrency ?? 1;
        // As many again may wait to be retried; how many attempts are in flight is the provider's to limit.
        return Math.min(2 * slots, max_concurrency ?? Number.POSITIVE_INFINITY);
      },
      send: (item, index, signal) => this.#deliver(item, index, { ...each, signal }),
    });
  }

  /**
   * Tries one target after the other until a service accepts: for one person with several devices. Goes on after any
   * failure but `ABORTED`, and where one may have been reached only with `fallback_on_ambiguous`.
   */
  async sendWithFallback(
    targets: readonly PushTarget[],
    payload: RoutedPayload,
    options: FallbackOptions = {},
  ): Promise<FallbackResult> {
    checkFallbackOptions(options);
    this.#mustBeOpen();
    if (!Array.isArray(targets) || targets.length === 0) {
      throw new PushError(
        "OPTIONS_INVALID",
        "targets: expected an array of at least one { platform, device_token }",
      );
    }
    const { fallback_on_ambiguous = false, ...each } = options;
    const results: PushNotificationResult[] = [];
    let result: PushNotificationResult;
    do {
      result = await this.#deliver({ target: targets[results.length], payload }, results.length, each);
      results.push(result);
    } while (results.length < targets.length && mayGoOn(result, fallback_on_ambiguous));
    return { success: result.success, result, results };
  }

  /** What each provider's `stats()` says, by platform. */
  stats(): Record<string, ProviderStats> {
    return Object.fromEntries(
      [...this.#routes].map(([platform, { provider }]) => [platform, provider.stats()]),
    );
  }

  /** Canonical names of what is configured, in the order of the configs. */
  get platforms(): string[] {
    return [...this.#routes.keys()];
  }

  /** The provider of a platform, by name or alias; undefined when it is not configured. */
  provider(platform: string): PushNotificationProvider | undefined {
    return this.#routeOf({ platform, device_token: undefined })?.provider;
  }

  /** Asks every provider. */
  async healthCheck(): Promise<RouterHealth> {
    const providers = [...this.#routes.values()].map(({ provider }) => provider);
    const checks = await Promise.all(providers.map((provider) => provider.healthCheck()));
    return {
      status: checks.every(({ status }) => status === "healthy") ? "healthy" : "unhealthy",
      platforms: Object.fromEntries(checks.map((check) => [check.platform, check])),
      timestamp: new Date().toISOString(),
    };
  }

  /** Closes what the router opened, as a provider's `close()` does; providers that were handed in stay open. Idempotent. */
  async close(options?: { timeout_seconds?: number | undefined }): Promise<void> {
    checkCloseOptions(options);
    const own = [...this.#routes.values()].filter((route) => route.own);
    this.#closing ??= Promise.all(own.map(({ provider }) => provider.close(options))).then(() => undefined);
    await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #deliver(item: RoutedItem, index: number, options?: SendOptions): Promise<PushNotificationResult> {
    const { target, payload } = item;
    const provider = this.#routeOf(target)?.provider;
    const result = provider
      ? await provider.sendNotification(target?.device_token, payload as RoutedPayload, options)
      : this.#notConfigured(target);
    if (!result.success && result.remove_token) await this.#tellDeadToken(result);
    return { ...result, index };
  }

  #routeOf(target: PushTarget | undefined): Route | undefined {
    const name = target?.platform;
    return typeof name === "string" ? this.#routes.get(canonicalName(name) ?? name) : undefined;
  }

  #notConfigured(target: PushTarget | undefined): PushNotificationResult {
    const now_ms = Date.now();
    const platform = typeof target?.platform === "string" ? target.platform.slice(0, 50) : "";
    const configured = [...this.#routes.keys()].join(", ");
    const message = `${platform || "target.platform"}: not configured in this router; configured: ${configured}`;
    const draft = new ResultDraft({
      platform,
      device_token: target?.device_token,
      is_topic: false,
      index: 0,
    });
    const course = { attempts: 0, may_have_been_sent: false, started_ms: now_ms, now_ms };
    return draft.finish({ code: "PLATFORM_NOT_CONFIGURED", message }, course);
  }

  /** Awaited, so that the token is deleted when its result is handed over; but not for ever. */
  async #tellDeadToken(result: PushNotificationFailure): Promise<void> {
    const { on_dead_token, logger } = this.#options;
    if (!on_dead_token) return;
    const { platform, device_token } = result;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error("too late")), DEAD_TOKEN_MS);
    });
    try {
      await Promise.race([on_dead_token({ platform, device_token, result }), late]);
    } catch (error) {
      // Its message may quote the token; its kind does not.
      const kind = error instanceof Error ? error.name : typeof error;
      quietly(() => logger?.error?.({ platform, error: kind }, "on_dead_token failed"));
    } finally {
      clearTimeout(timer);
    }
  }

  #mustBeOpen(): void {
    if (this.#closing) throw new PushError("PROVIDER_CLOSED", "router: this router was closed");
  }
}

/** Not by its class: it may come from the other copy of this package. */
function isProvider(value: object | undefined): value is PushNotificationProvider {
  return typeof (value as { sendNotification?: unknown }).sendNotification === "function";
}

const NOTHING: RoutedItem = { target: undefined, payload: undefined };

function mayGoOn(result: PushNotificationResult, fallback_on_ambiguous: boolean): boolean {
  if (result.success || result.error_code === "ABORTED") return false;
  return !result.may_have_been_sent || fallback_on_ambiguous;
}
