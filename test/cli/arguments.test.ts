import { describe, expect, it } from "vitest";
import package_json from "../../package.json" with { type: "json" };
import { type Command, readArguments } from "../../src/cli/arguments.js";
import { EXIT, EXIT_MEANINGS } from "../../src/cli/exit.js";
import { COMMANDS } from "../../src/cli/run.js";
import { version } from "../../src/cli/version.js";
import { cli, useFolder } from "./support.js";

useFolder();

const send = COMMANDS.find(({ name }) => name === "send") as Command;
const bulk = COMMANDS.find(({ name }) => name === "bulk") as Command;

describe("arguments", () => {
  it("are read with values beside the option or behind an equals sign, - being one", () => {
    const given = readArguments(["--title", "a b", "--token=-x", "--subscription", "-", "--json"], send);
    expect([given.text("title"), given.text("token"), given.text("subscription")]).toEqual([
      "a b",
      "-x",
      "-",
    ]);
    expect([given.has("json"), given.has("body"), given.text("body")]).toEqual([true, false, undefined]);
  });

  it("may be repeated where that makes sense", () => {
    expect(readArguments(["--data", "a=1", "--data", "b=2"], send).all("data")).toEqual(["a=1", "b=2"]);
  });

  it.each([
    ["an unknown option", ["--titel", "x"], "--titel: unknown option; did you mean --title? valid: --json"],
    ["an option of another command", ["--fail-on", "any"], "--fail-on: unknown option"],
    ["a short option", ["-t", "x"], "-t: unknown option"],
    ["a negated switch", ["--no-json"], "--no-json: unknown option; did you mean --json?"],
    ["a name that every object has", ["--constructor"], "--constructor: unknown option"],
    [
      "a forgotten value",
      ["--title", "--body", "x"],
      "--title: expected TEXT after it; one that begins with -",
    ],
    ["a value that is not there", ["--title"], "--title: expected TEXT after it"],
    ["an empty value", ["--title="], "--title: expected TEXT after it"],
    ["a switch with a value", ["--json=yes"], "--json: takes no value"],
    ["an option that was given twice", ["--title", "a", "--title", "b"], "--title: given twice"],
    ["a stray argument", ["--title", "Order", "shipped"], "send: expected options only; a value with spaces"],
  ])("are refused: %s", (_title, argv, message) => {
    expect(() => readArguments(argv, send)).toThrow(message);
  });

  it("are refused: more than one file", () => {
    expect(() => readArguments(["a", "b"], bulk)).toThrow("bulk: expected one argument, FILE");
  });
});

describe("the command line", () => {
  it("says its version", async () => {
    expect(await cli(["--version"])).toEqual({ code: 0, stdout: `${package_json.version}\n`, stderr: "" });
    expect(version()).toBe(package_json.version);
  });

  it.each([["--help"], ["help"], ["-h"]])("%s lists the commands and every exit code", async (flag) => {
    const { code, stdout, stderr } = await cli([flag]);
    for (const { name, summary } of COMMANDS) expect(stdout).toContain(`  ${name.padEnd(7)}  ${summary}\n`);
    for (const exit_code of Object.values(EXIT))
      expect(stdout).toMatch(new RegExp(`^ +${exit_code} +\\w`, "m"));
    expect(Object.keys(EXIT_MEANINGS)).toHaveLength(Object.keys(EXIT).length);
    expect(stdout).toContain("never from arguments");
    expect([code, stderr]).toEqual([0, ""]);
  });

  it.each(COMMANDS.map((command) => [command.name, command] as const))(
    "%s --help names each option, and its examples are right",
    async (name, command) => {
      const { code, stdout } = await cli([name, "--help"]);
      expect([code, (await cli(["help", name])).stdout, (await cli([name, "-h"])).stdout]).toEqual([
        0,
        stdout,
        stdout,
      ]);
      for (const option of Object.keys(command.options)) expect(stdout).toContain(`  --${option}`);
      expect(stdout.split("\n").filter((line) => line.length > 120)).toEqual([]);
      expect(command.examples.length).toBeGreaterThan(2);
      for (const example of command.examples) {
        expect(stdout).toContain(`  ${example}\n`);
        expect(() => readArguments(words(example, name), command)).not.toThrow();
      }
    },
  );

  it.each([
    [[], "pushmux: expected a command; valid: keys, send, bulk, explain, doctor; pushmux --help says more\n"],
    [["sned"], "pushmux: sned: unknown command; did you mean send? valid: keys,"],
    [["send", "--titel"], "pushmux: --titel: unknown option; did you mean --title?"],
  ])("%j is a usage error, on stderr", async (argv, message) => {
    const { code, stdout, stderr } = await cli(argv);
    expect([code, stdout, stderr.slice(0, message.length)]).toEqual([2, "", message]);
  });

  it("tells errors as JSON when it is to write JSON", async () => {
    const { code, stderr } = await cli(["send", "--json", "--platform", "fmc", "--token", "t"]);
    const { error } = JSON.parse(stderr);
    expect([code, error.code]).toEqual([2, "USAGE"]);
    expect(error.message).toMatch(/^--platform: unknown platform fmc; did you mean fcm\?/);
  });

  it("colours errors on a terminal only, and not when NO_COLOR is set", async () => {
    expect((await cli(["x"], { tty: true })).stderr).toContain("\x1b[31mpushmux:\x1b[0m");
    expect((await cli(["x"])).stderr).not.toContain("\x1b");
    process.env.NO_COLOR = "1";
    expect((await cli(["x"], { tty: true })).stderr).not.toContain("\x1b");
  });

  it("ends with 141 when nobody reads its output", async () => {
    expect(await cli(["--help"], { closes_after: 10 })).toMatchObject({ code: 141, stderr: "" });
  });
});

/** The arguments of an example, as a shell would take them apart. */
function words(example: string, name: string): string[] {
  const line = example.slice(example.indexOf(`pushmux ${name}`)).replace(/ +#.*$/, "");
  const parts = line.match(/"[^"]*"|'[^']*'|[^\s"']+/g) ?? [];
  return parts.slice(2).map((part) => part.replace(/^(["'])(.*)\1$/, "$2"));
}
