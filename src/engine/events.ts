import type { PushErrorCode } from "../error_codes.js";
import { errorPlace } from "../error_place.js";

/**
 * What the engine tells while it works. Events hold no token, payload, secret, nor anything in the service's own
 * words; `device` is a fingerprint: equal tokens, equal fingerprints.
 */
export type PushEvent = AttemptEvent | SettledEvent;

/** One request ended. */
export interface AttemptEvent {
  type: "attempt";
  platform: string;
  message_id: string;
  device: string;
  /** 1 for the first. */
  attempt: number;
  /** Where it went, without the path. */
  origin: string;
  status_code?: number | undefined;
  /** Absent when the service accepted it. */
  error_code?: PushErrorCode | undefined;
  duration_ms: number;
  /** What comes next. */
  next: "settle" | "resend" | "wait" | "reauthorize";
  /** With `next: "wait"`: for how long. */
  wait_ms?: number | undefined;
}

/** A notification's result is out; exactly once for each notification. */
export interface SettledEvent {
  type: "settled";
  platform: string;
  message_id: string;
  device: string;
  success: boolean;
  error_code?: PushErrorCode | undefined;
  status_code?: number | undefined;
  attempts: number;
  duration_ms: number;
}

/** Called `(fields, message)`: `console` and pino fit as they are. */
export interface PushLogger {
  debug?(fields: object, message: string): void;
  info?(fields: object, message: string): void;
  warn?(fields: object, message: string): void;
  error?(fields: object, message: string): void;
}

/** Tells listener and logger; neither can disturb a send by throwing or rejecting. */
export class Reporter {
  /** False when nobody listens: then no event need be made at all. */
  readonly active: boolean;

  constructor(
    private readonly listener: ((event: PushEvent) => void) | undefined,
    private readonly loggers: readonly PushLogger[],
  ) {
    this.active = listener !== undefined || loggers.length > 0;
  }

  event(event: PushEvent): void {
    if (this.listener) quietly(() => this.listener?.(event));
    for (const logger of this.loggers) quietly(() => logger.debug?.(event, event.type));
  }

  /** A bug of ours or of a provider. An error's message may quote data, so only its kind and place are told. */
  internalError(platform: string, error: unknown): void {
    for (const logger of this.loggers) {
      quietly(() => logger.error?.({ platform, ...errorPlace(error) }, "internal error"));
    }
  }

  warn(fields: object, message: string): void {
    for (const logger of this.loggers) quietly(() => logger.warn?.(fields, message));
  }
}

/** Runs a caller's callback; whatever it throws, or rejects with, ends here. */
export function quietly(callback: () => unknown): void {
  try {
    const returned = callback();
    if (returned instanceof Promise) returned.catch(() => {});
  } catch {}
}

/** Debug lines on stderr, when the setting (`PUSHMUX_DEBUG`) lists this platform, or is `*`. */
export function debugLogger(platform: string, setting: string | undefined): PushLogger | undefined {
  const names = setting?.split(",").map((name) => name.trim()) ?? [];
  if (!names.includes("*") && !names.includes(platform)) return undefined;
  const write = (level: string) => (fields: object, message: string) => {
    process.stderr.write(`pushmux ${platform} ${level} ${message} ${JSON.stringify(fields)}\n`);
  };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}
