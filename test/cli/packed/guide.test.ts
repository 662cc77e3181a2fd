import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { EXIT_MEANINGS } from "../../../src/cli/exit.js";
import { COMMANDS } from "../../../src/cli/run.js";
import { PushErrorCode } from "../../../src/index.js";
import { anchors, codeBlocks, localLinks, readMarkdown } from "../../examples/markdown.js";
import { packedProject, root } from "../../setup/packed_project.js";
import { run } from "../../setup/run.js";
import { NOBODYS, userFolder } from "./installed.js";

const guide = readMarkdown("docs/cli.md");
const blocks = codeBlocks(guide).filter(({ language }) => language === "sh");

let folder = "";
beforeAll(async () => {
  await packedProject();
  folder = await userFolder();
});

describe("the guide of the command line", () => {
  it.each(blocks)("the commands in line $line run as they are, and print what they say", async ({ text }) => {
    const promised = [...text.matchAll(/ # => (.*)$/gm)].map(([, words = ""]) => words);
    const PATH = [join(folder, "../../node_modules/.bin"), process.env.PATH].join(delimiter);
    const { code, stdout, stderr } = await run("sh", ["-ec", text], {
      cwd: folder,
      env: { ...NOBODYS, PATH },
    });
    expect([code, promised.length > 0]).toEqual([0, true]);
    for (const words of promised) expect(stdout + stderr).toContain(words);
  });

  it("names every command, every exit code with its meaning, and only codes that exist", () => {
    for (const { name, summary } of COMMANDS)
      expect(guide).toContain(`| \`${name}\` | ${firstWords(summary)}`);
    for (const [code, meaning] of Object.entries(EXIT_MEANINGS))
      expect(guide).toContain(`| ${code} | ${meaning} |`);
    const named = [...guide.matchAll(/`([A-Z]+_[A-Z_]+)/g)].map(([, code = ""]) => code);
    const known = [...Object.keys(PushErrorCode), "CONFIG_INVALID", "PUSHMUX_DEBUG"];
    expect([named.length > 5, named.filter((code) => !known.includes(code))]).toEqual([true, []]);
  });

  it("names only options that exist", () => {
    const options = COMMANDS.flatMap((command) => Object.keys(command.options));
    const named = [...guide.matchAll(/--([a-z][a-z-]+)/g)].map(([, name = ""]) => name);
    expect([named.length > 20, named.filter((name) => !["json", "help", ...options].includes(name))]).toEqual(
      [true, []],
    );
  });

  it("links only to what is there", () => {
    const broken = localLinks(guide).filter(({ path, anchor }) => {
      const target = path === "" ? "docs/cli.md" : join("docs", path);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchors(readMarkdown(target)).includes(anchor);
    });
    expect([localLinks(guide).length, broken]).toEqual([4, []]);
  });
});

function firstWords(summary: string): string {
  return summary.toLowerCase().split(" ").slice(0, 1).join(" ");
}
