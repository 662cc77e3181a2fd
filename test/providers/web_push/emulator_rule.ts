import type { Refusal } from "../../../providers/web_push/emulator_words.js";
import type { WebPushDevice, WebPushService, WebPushVendor } from "../../../src/testing/index.js";
import type { Push } from "./emulator_push.js";

/** The status, how its words begin, and Mozilla's errno. */
export type Expected = readonly [status: number, words: string, errno?: number | null] | "accepted";

/** One thing that can be wrong with a push. */
export interface Rule {
  readonly refusal: Refusal;
  readonly title: string;
  /** Breaks it in a push that is otherwise good. */
  spoil(push: Push, device: WebPushDevice, service: WebPushService): unknown;
  readonly expected: Readonly<Record<WebPushVendor, Expected>>;
}
