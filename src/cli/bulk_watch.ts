import type { Given } from "./arguments.js";
import type { BulkRun } from "./bulk_run.js";
import { type Io, tell, write } from "./io.js";
import { startProgress } from "./progress.js";
import { number, type Tally } from "./tally.js";

type Signal = "SIGINT" | "SIGTERM";

interface Watched {
  readonly total: number | undefined;
  readonly tally: Tally;
  /** No progress is shown. */
  readonly quiet: boolean;
  readonly io: Io;
}

/** Runs it, under the eyes and the hand of whoever started it. Resolves with the signal that kept it from its end. */
export async function watch(run: BulkRun, { total, tally, quiet, io }: Watched): Promise<Signal | undefined> {
  const progress = quiet ? undefined : startProgress(io, tally, total);
  let signal: Signal | undefined;
  let cut = false;
  const forget = io.onInterrupt((name) => {
    if (signal === undefined) {
      run.stop();
      if (run.in_flight > 0) {
        progress?.say(`Finishing the ${number(run.in_flight)} under way. Ctrl-C again cuts them off.`);
      }
    } else {
      cut = true;
      run.abort();
      // One more ends the process, as ever.
      forget();
    }
    signal ??= name;
  });
  try {
    await run.run();
  } finally {
    forget();
    progress?.end();
  }
  return run.complete && !cut ? undefined : signal;
}

/** What came of it, for people or as JSON. */
export async function report(
  { complete, maybe_sent }: BulkRun,
  tally: Tally,
  given: Given,
  io: Io,
): Promise<void> {
  const has_out = given.has("out");
  if (given.has("json")) {
    const summary = JSON.stringify({ complete, ...tally.summary(), unanswered_lines: maybe_sent });
    // Where stdout holds the results, the summary must not stand among them.
    if (has_out) await write(io, `${summary}\n`);
    else tell(io, summary);
    return;
  }
  for (const sentence of tally.sentences()) tell(io, sentence);
  if (maybe_sent.length > 0) {
    const lines = maybe_sent.slice(0, MOST_NAMED).join(", ") + (maybe_sent.length > MOST_NAMED ? ", …" : "");
    const fate = given.has("resend-unanswered") ? "sent again" : "not sent again (--resend-unanswered does)";
    tell(io, `Under way when an earlier run was killed, and ${fate}: lines ${lines}.`);
  }
  if (complete) return;
  const how = has_out ? "give the same command again to go on" : "with --out FILE it could go on";
  tell(io, `Not finished: ${how}.`);
}

/** Line numbers that are named; the others are in the results. */
const MOST_NAMED = 20;
