import type { Codec } from "../../src/codec.js";
import type { SharedConfigInput } from "../../src/config.js";
import type { ProviderOptions, PushNotificationPayload, PushNotificationProvider } from "../../src/index.js";

/** How the service answers one request. */
export type Step =
  | "accept"
  | "gone"
  /** Never answers. */
  | "silence"
  | { readonly code: "RATE_LIMITED" | "SERVICE_UNAVAILABLE"; readonly retry_after?: string };

/** Device name -> its answers, one per request; the last one repeats. */
export type Script = Readonly<Record<string, readonly Step[]>>;

/** A provider, the service behind it, and devices whose answers are known. */
export interface World {
  readonly provider: PushNotificationProvider;
  /** The token of a device named in the script. */
  token(device: string): string;
  /** As many more tokens as wanted, whose notifications are accepted. */
  tokens(count: number): string[];
  /** A second handle on the same engine. */
  lease(): Promise<PushNotificationProvider>;
  /** How many requests for this device reached the service. */
  requests(device: string): number;
  /** All requests that reached the service. */
  total(): number;
  /** The lifetime, in seconds, that the service was told with the first request for this device. */
  lifetime(device: string): number | undefined;
  /** What must appear in no log, event, error or inspection: keys, tokens, payloads. */
  readonly secrets: readonly string[];
  /** Ends provider and service. */
  end(): Promise<void>;
}

/** What the suite needs to know about a provider. One that cannot do something says so here. */
export interface Harness {
  readonly platform: string;
  open(script?: Script, config?: SharedConfigInput, options?: ProviderOptions): Promise<World>;
  readonly payload: PushNotificationPayload;
  /** Too large by one byte, and the limit that the result must name. */
  readonly oversize: { readonly payload: PushNotificationPayload; readonly limit: number };
  readonly invalid_token: unknown;
  codec(): Promise<Codec>;
  /** A config that is wrong in one key, holding the canary as a secret. */
  wrongConfig(canary: string): object;
  /** Is Retry-After a header here? Then its forms are tested. */
  readonly retry_after_header: boolean;
  /** Does a retry without a time take its time here? Then that is tried once, not in every way. */
  readonly patient?: boolean;
  /** Is the service told how long a notification lives? Then `World.lifetime` knows. */
  readonly tells_lifetime: boolean;
}
