import type { FcmDevice, FcmService } from "../../../src/testing/index.js";
import type { Push } from "./emulator_push.js";

/** One thing that can be wrong with a request. */
export interface Rule {
  readonly title: string;
  /** Breaks it in a request that is otherwise good. */
  spoil(push: Push, device: FcmDevice, service: FcmService): unknown;
  readonly status: number;
  /** How the words begin. */
  readonly words: string;
  /** Which field the first violation names; absent: the BadRequest has none, or there is no BadRequest. */
  readonly field?: string;
  /** `errorCode` of the FcmError; absent: there is none. */
  readonly code?: string;
  /** `reason` of the ErrorInfo. */
  readonly info?: string;
}

/** Sets members of the message, deeply nested ones by a path with dots. */
export function having(values: Record<string, unknown>): Rule["spoil"] {
  return ({ message }) => {
    for (const [path, value] of Object.entries(values)) {
      const names = path.split(".");
      const last = names.pop() ?? "";
      const parent = names.reduce<Record<string, unknown>>((at, name) => {
        at[name] ??= {};
        return at[name] as Record<string, unknown>;
      }, message);
      parent[last] = value;
    }
  };
}
