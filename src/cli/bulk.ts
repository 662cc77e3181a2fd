import { createHash } from "node:crypto";
import { createPushRouter, type PushNotificationProvider } from "../index.js";
import { type Command, SENDER_OPTIONS } from "./arguments.js";
import { openInput } from "./bulk_input.js";
import { readItem } from "./bulk_lines.js";
import { BulkRun } from "./bulk_run.js";
import { report, watch } from "./bulk_watch.js";
import { CliError, EXIT } from "./exit.js";
import { write } from "./io.js";
import { Ledger, type Row } from "./ledger.js";
import { isCount, PAYLOAD_OPTIONS, readPayload } from "./notification.js";
import { platformsOf, Senders } from "./senders.js";
import { hasFailed, readFailOn, Tally } from "./tally.js";

/** Sends to every token of a list. */
export const bulk: Command = {
  name: "bulk",
  summary: "Sends to every token of a list; one result for each, as JSON lines.",
  positionals: "FILE",
  options: {
    platform: {
      value: "NAME,…",
      multiple: true,
      help: "those to send through; the first is that of lines which name none",
    },
    ...PAYLOAD_OPTIONS,
    out: {
      value: "FILE",
      help: "append the results there, and go on where an earlier run ended; default: stdout",
    },
    "fail-on": {
      value: "CODE,…",
      help: "failures that make the exit code 1: any (default), none, or these codes",
    },
    concurrency: { value: "N", help: "so many at a time; default: what the platforms allow" },
    rate: { value: "N", help: "begin at most so many a second; what is tried again does not count" },
    "resend-unanswered": { help: "send again what was under way when an earlier run was killed" },
    force: { help: "go on though another process seems to write to --out" },
    "dry-run": { help: "send nothing; the results hold the requests (FCM is asked whether it would accept)" },
    ...SENDER_OPTIONS,
  },
  notes: [
    "FILE has a token on each line; without it, or as -, it is stdin. A line is a token, bare or as a JSON text; a",
    'browser\'s subscription; or { "device_token", "payload", "platform" }, whose payload changes fields of the one for all.',
    "",
    "With --out the results are kept in FILE, how far the list was begun in FILE.state. Give the same command again after",
    "ctrl-C, a crash or kill -9: what is answered is not sent again. What was under way when a run was killed may have",
    "been sent: it gets the result ABORTED with may_have_been_sent, and is sent again only with --resend-unanswered.",
    "Ctrl-C finishes what is under way; a second one cuts it off.",
  ],
  examples: [
    "pushmux bulk tokens.jsonl --platform apns --payload message.json --out results.jsonl",
    "pushmux bulk tokens.jsonl --platform fcm --title Hello --rate 500 --fail-on AUTHENTICATION_FAILED,SENDER_MISMATCH",
    "printf 'alice\\nbob\\n' | pushmux bulk --platform simulation --title Hello",
  ],
  async run(given, io) {
    const platforms = platformsOf(given);
    const [platform] = platforms;
    if (platform === undefined) {
      throw new CliError("--platform: expected web_push, fcm, apns, wns or simulation");
    }
    const fail_on = readFailOn(given.text("fail-on"));
    const per_second = given.number("rate", "a number above 0", (rate) => rate > 0);
    const concurrency = given.number("concurrency", "a whole number above 0", (n) => isCount(n) && n > 0);
    const input = await openInput(given, io);
    const payload = (await readPayload(given, io)) ?? {};
    const senders = await Senders.read(given, io);
    const [dry_run, resend] = [given.has("dry-run"), given.has("resend-unanswered")];
    const tally = new Tally();
    const providers = await openAll(platforms, senders);
    const room = roomOf(providers);
    let ledger: Ledger | undefined;
    try {
      const path = given.text("out");
      if (path !== undefined) {
        const [run, force] = [fingerprint({ platforms, payload, dry_run }), given.has("force")];
        ledger = await Ledger.open({ path, run, tally, force, resend });
      }
      const run = new BulkRun({
        router: await createPushRouter(Object.fromEntries(providers.map((one) => [one.platform, one]))),
        platform,
        input,
        readItem: (line) => readItem(line, { platform, payload }),
        ledger,
        record: async (row: Row) => (ledger ? ledger.record(row) : write(io, `${JSON.stringify(row)}\n`)),
        tally,
        max_in_flight: Math.min(concurrency ?? room, room),
        per_second,
        resend,
        dry_run,
      });
      const signal = await watch(run, { total: input.total, tally, quiet: given.has("json"), io });
      await report(run, tally, given, io);
      if (signal) return signal === "SIGINT" ? EXIT.INTERRUPTED : EXIT.TERMINATED;
      return hasFailed(tally, fail_on) ? EXIT.NOT_SENT : EXIT.OK;
    } finally {
      ledger?.close();
      await Promise.all(providers.map((provider) => provider.close()));
    }
  },
};

function fingerprint(message: object): string {
  return createHash("sha256").update(JSON.stringify(message)).digest("base64url");
}

async function openAll(platforms: readonly string[], senders: Senders): Promise<PushNotificationProvider[]> {
  const opened = await Promise.allSettled(platforms.map((platform) => senders.open(platform)));
  const providers = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failed = opened.find((one) => one.status === "rejected");
  if (!failed) return providers;
  await Promise.all(providers.map((provider) => provider.close()));
  throw failed.reason;
}

/** How many attempts the platforms take together: whatever is begun is then on its way, and does not wait in a queue. */
function roomOf(providers: readonly PushNotificationProvider[]): number {
  return providers.reduce((sum, provider) => sum + provider.getPlatformInfo().limits.max_concurrency, 0);
}
