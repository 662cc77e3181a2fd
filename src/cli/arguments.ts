import { parseArgs } from "node:util";
import { hint } from "../suggest.js";
import { CliError } from "./exit.js";
import type { Io } from "./io.js";

/** One option: how it is given and what `--help` says of it. */
export interface OptionSpec {
  /** Absent: a switch. Present: what stands for its value in the help, such as `FILE`. */
  readonly value?: string;
  readonly multiple?: boolean;
  readonly help: string;
}

export type Options = Readonly<Record<string, OptionSpec>>;

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** What stands beside the options, such as `[FILE]`; absent: nothing may. */
  readonly positionals?: string;
  readonly options: Options;
  readonly notes: readonly string[];
  readonly examples: readonly string[];
  /** Resolves with the exit code. */
  run(given: Given, io: Io): Promise<number>;
}

/** For every command. */
export const COMMON_OPTIONS: Options = {
  json: { help: "write JSON, errors too" },
  help: { help: "show this" },
};

/** For those that send. */
export const SENDER_OPTIONS: Options = {
  config: { value: "FILE", help: "credentials as JSON, by platform; - is stdin. Default: the environment" },
  "env-file": { value: "FILE", help: "more environment variables; those that are set already win" },
};

/** The options and arguments of one call, checked against what the command takes. */
export class Given {
  constructor(
    private readonly values: ReadonlyMap<string, readonly string[]>,
    readonly positionals: readonly string[],
  ) {}

  has(name: string): boolean {
    return this.values.has(name);
  }

  text(name: string): string | undefined {
    return this.values.get(name)?.[0];
  }

  all(name: string): readonly string[] {
    return this.values.get(name) ?? [];
  }

  number(name: string, expected: string, accepts: (value: number) => boolean): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (text.trim() === "" || !Number.isFinite(value) || !accepts(value)) {
      throw new CliError(`--${name}: expected ${expected}`);
    }
    return value;
  }
}

/** @throws CliError naming the flag, what was expected and the nearest name. Values are not repeated. */
export function readArguments(argv: readonly string[], command: Command): Given {
  const options: Options = { ...COMMON_OPTIONS, ...command.options };
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: Object.fromEntries(
      Object.entries(options).map(([name, { value }]) => [name, { type: value ? "string" : "boolean" }]),
    ),
  });
  const values = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const name = token.rawName === "-h" ? "help" : token.name;
    const spec = Object.hasOwn(options, name) ? options[name] : undefined;
    if (!spec || (token.rawName !== `--${name}` && name !== "help")) {
      const valid = Object.keys(options).map((option) => `--${option}`);
      throw new CliError(`${token.rawName}: unknown option; ${hint(token.rawName, valid)}`);
    }
    const value = readValue(name, spec, token);
    const earlier = values.get(name);
    if (earlier && !spec.multiple) throw new CliError(`--${name}: given twice`);
    values.set(name, [...(earlier ?? []), value]);
  }
  if (!values.has("help") && positionals.length > (command.positionals ? 1 : 0)) {
    const allowed = command.positionals ? `one argument, ${command.positionals}` : "options only";
    throw new CliError(`${command.name}: expected ${allowed}; a value with spaces needs quotes`);
  }
  return new Given(values, positionals);
}

function readValue(
  name: string,
  spec: OptionSpec,
  { value, inlineValue }: { value?: string | undefined; inlineValue?: boolean | undefined },
): string {
  if (!spec.value) {
    if (value !== undefined) throw new CliError(`--${name}: takes no value`);
    return "";
  }
  if (value === undefined || value === "") throw new CliError(`--${name}: expected ${spec.value} after it`);
  // `--title --body x` is a forgotten value; `-` alone is stdin.
  if (!inlineValue && /^-./.test(value)) {
    throw new CliError(
      `--${name}: expected ${spec.value} after it; one that begins with - is given as --${name}=…`,
    );
  }
  return value;
}
