import { COMMON_OPTIONS, type Command, type Options } from "./arguments.js";
import { EXIT_MEANINGS } from "./exit.js";

/** What `pushmux --help` prints. */
export function generalHelp(commands: readonly Command[]): string {
  return [
    "Sends push notifications: Web Push, FCM, APNs, WNS, and simulated ones that need no account.",
    "",
    "Usage: pushmux COMMAND [options]",
    "",
    ...table(commands.map(({ name, summary }) => [name, summary])),
    "",
    "pushmux COMMAND --help shows its options and examples; --version the version.",
    "",
    "Try it at once, nothing is sent anywhere:",
    "  pushmux explain --title Hello",
    "  pushmux send --platform simulation --token some-device --title Hello",
    "",
    "Credentials come from the environment or from a file (--config, --env-file), never from arguments: those can be",
    "read by every user of the machine (ps) and stay in the shell's history. `pushmux doctor` names the variables.",
    "",
    "Exit codes:",
    ...table(Object.entries(EXIT_MEANINGS)),
    "",
  ].join("\n");
}

/** What `pushmux COMMAND --help` prints. */
export function commandHelp(command: Command): string {
  const { name, summary, positionals, notes, examples } = command;
  const options: Options = { ...command.options, ...COMMON_OPTIONS };
  const rows = Object.entries(options).map(([option, { value, help }]): readonly [string, string] => [
    `--${option}${value ? ` ${value}` : ""}`,
    help,
  ]);
  return [
    summary,
    "",
    `Usage: pushmux ${name}${positionals ? ` [${positionals}]` : ""} [options]`,
    "",
    ...table(rows),
    "",
    ...notes,
    "",
    "Examples:",
    ...examples.map((example) => `  ${example}`),
    "",
  ].join("\n");
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
