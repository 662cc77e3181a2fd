import { createHash } from "node:crypto";
import type { PushRouter } from "../index.js";
import type { SubscriptionStore } from "../store/index.js";
import { type Reply, refuse } from "./answers.js";
import type { Settings } from "./options.js";
import type { Limited, RateLimit } from "./rate_limit.js";
import type { Broadcasts } from "./running_broadcasts.js";

/** A request that has passed every check, as a handler gets it. */
export interface Call {
  readonly request: Request;
  /** The variable part of the path, decoded; else empty. */
  readonly param: string;
  readonly query: URLSearchParams;
  /** Of a POST; else empty. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly router: PushRouter;
  readonly store: SubscriptionStore;
  readonly settings: Settings;
  readonly broadcasts: Broadcasts;
  /** @throws Refusal 429 when this device has asked too often. */
  readonly limitDevice: (name: string) => void;
  /** What is answered for what was thrown; logs what is a bug. */
  readonly failed: (error: unknown) => Reply;
}

export type Handler = (call: Call) => Promise<Reply | Response>;

/** @throws Refusal 429 */
export function takeFrom(limit: RateLimit, what: Limited, key: string): void {
  const seconds = limit.take(what, createHash("sha256").update(key).digest("base64url"));
  if (seconds > 0) {
    refuse(429, "too many requests; try again later", { headers: { "retry-after": String(seconds) } });
  }
}
