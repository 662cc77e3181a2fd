/** How the program can end, and what the exit code then says. */
import { PushError } from "../index.js";

/** Exit codes. A signal's is 128 and its number, as shells have it. */
export const EXIT = {
  OK: 0,
  NOT_SENT: 1,
  USAGE: 2,
  CONFIG: 3,
  BUG: 70,
  INTERRUPTED: 130,
  OUTPUT_CLOSED: 141,
  TERMINATED: 143,
} as const;

/** The same, for `--help` and the guide. */
export const EXIT_MEANINGS: Readonly<Record<number, string>> = {
  [EXIT.OK]: "all is well",
  [EXIT.NOT_SENT]: "a notification failed (bulk: one that --fail-on names)",
  [EXIT.USAGE]: "wrong arguments, or a file that they name cannot be read or written",
  [EXIT.CONFIG]: "credentials are missing, wrong or refused, or an optional package is missing",
  [EXIT.BUG]: "a bug of pushmux",
  [EXIT.INTERRUPTED]: "stopped by ctrl-C",
  [EXIT.OUTPUT_CLOSED]: "whoever read the output went away",
  [EXIT.TERMINATED]: "stopped by SIGTERM",
};

/** What the user has to know or to change. Its text holds no token, payload or secret. */
export class CliError extends Error {
  constructor(
    message: string,
    readonly exit_code: number = EXIT.USAGE,
  ) {
    super(message);
  }
}

/** Nobody reads what is written any more: there is nothing to say, and nobody to say it to. */
export class OutputClosed extends Error {}

/** An error as the user is told: exit code, words, and the code for `--json`. */
export function describeError(error: unknown): { exit_code: number; code: string; message: string } {
  if (error instanceof CliError) {
    const code = error.exit_code === EXIT.CONFIG ? "CONFIG_INVALID" : "USAGE";
    return { exit_code: error.exit_code, code, message: error.message };
  }
  if (PushError.is(error)) {
    const { code, message } = error;
    const exit_code = THROWN[code];
    if (exit_code !== undefined) return { exit_code, code, message };
  }
  // What an unexpected error says may quote anything; its kind and place do not.
  const place = error instanceof Error ? `${error.name}${firstFrame(error)}` : typeof error;
  return { exit_code: EXIT.BUG, code: "INTERNAL_ERROR", message: `a bug of pushmux: ${place}` };
}

/** What the user did; the other codes say what this program did wrong. */
const THROWN: Partial<Record<PushError["code"], number>> = {
  CONFIG_INVALID: EXIT.CONFIG,
  PEER_MISSING: EXIT.CONFIG,
  UNKNOWN_PLATFORM: EXIT.USAGE,
};

function firstFrame({ stack = "" }: Error): string {
  const frame = /^\s+(at .*)$/m.exec(stack)?.[1];
  return frame ? ` ${frame}` : "";
}
