import { hint } from "../suggest.js";
import { type Command, readArguments } from "./arguments.js";
import { bulk } from "./bulk.js";
import { doctor } from "./doctor.js";
import { CliError, describeError, EXIT, OutputClosed } from "./exit.js";
import { explain } from "./explain.js";
import { commandHelp, generalHelp } from "./help.js";
import { type Io, paint, tell, write, writeLine } from "./io.js";
import { keys } from "./keys.js";
import { send } from "./send.js";
import { version } from "./version.js";

export const COMMANDS: readonly Command[] = [keys, send, bulk, explain, doctor];

/** The command line: `argv` without node and script. Resolves with the exit code, whatever happens. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  try {
    return await choose(argv, io);
  } catch (error) {
    if (error instanceof OutputClosed) return EXIT.OUTPUT_CLOSED;
    const { exit_code, code, message } = describeError(error);
    if (argv.includes("--json")) tell(io, JSON.stringify({ error: { code, message } }));
    else tell(io, `${paint(io.stderr, "red", "pushmux:")} ${message}`);
    return exit_code;
  }
}

async function choose(argv: readonly string[], io: Io): Promise<number> {
  const [name = "", ...rest] = argv;
  if (name === "--version") {
    await writeLine(io, version());
    return EXIT.OK;
  }
  if (["help", "--help", "-h"].includes(name)) {
    const command = COMMANDS.find((one) => one.name === rest[0]);
    await write(io, command ? commandHelp(command) : generalHelp(COMMANDS));
    return EXIT.OK;
  }
  const command = COMMANDS.find((one) => one.name === name);
  if (!command) {
    const names = COMMANDS.map((one) => one.name);
    const what = name === "" ? "expected a command" : `${name}: unknown command`;
    throw new CliError(`${what}; ${hint(name, names)}; pushmux --help says more`);
  }
  const given = readArguments(rest, command);
  if (given.has("help")) {
    await write(io, commandHelp(command));
    return EXIT.OK;
  }
  return command.run(given, io);
}
