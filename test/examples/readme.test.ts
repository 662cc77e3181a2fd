import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { generateVapidKeys } from "../../providers/web_push/vapid_keys.js";
import { PushErrorCode, THROWN_CODES } from "../../src/error_codes.js";
import { root } from "../setup/packed_project.js";
import { anchors, codeBlocks, localLinks, promisedOutput, readMarkdown } from "./markdown.js";
import { compileTexts, type Programs } from "./packed_examples.js";

const readme = readMarkdown("README.md");
const programs = codeBlocks(readme).filter(({ language }) => language === "js");
/** The one block that needs somebody's keys and browser. */
const forBrowsers = programs.filter(({ text }) => text.includes("process.env.VAPID_PRIVATE_KEY"));
const offline = programs.filter((block) => !forBrowsers.includes(block));

let compiled: Programs;
beforeAll(async () => {
  // As TypeScript they are checked more strictly; as they are they run.
  const texts = programs.flatMap(({ line, text }) => [
    [`line_${line}.ts`, text],
    [`line_${line}.mjs`, text],
  ]);
  compiled = await compileTexts("readme", Object.fromEntries(texts));
});

describe("the code blocks of the README", () => {
  it("D1 are there, and compile in a strict project of a user", () => {
    expect([offline.length >= 7, forBrowsers.length]).toEqual([true, 1]);
    expect(compiled.errors).toEqual([]);
  });

  it.each(offline)("the one in line $line runs as it is, and prints what it says", async (block) => {
    const { code, stdout, stderr } = await compiled.run(`line_${block.line}.mjs`);
    expect(stdout).toBe(promisedOutput(block));
    expect(code).toBe(0);
    if (!block.text.includes("console.error")) expect(stderr).toBe("");
  });

  it("the first one runs in ten lines or so", () => {
    expect(programs[0]?.text.trim().split("\n").length).toBeLessThanOrEqual(10);
  });

  it("the one for browsers takes keys and subscription from the environment", async () => {
    const { vapid_public_key, vapid_private_key } = generateVapidKeys();
    const subscription = {
      endpoint: "https://push.example.org/1",
      keys: { p256dh: vapid_public_key, auth: "BTBZMqHH6r4Tts7J_aSIgg" },
    };
    const { code, stdout } = await compiled.run(`line_${forBrowsers[0]?.line}.mjs`, {
      VAPID_PUBLIC_KEY: vapid_public_key,
      VAPID_PRIVATE_KEY: vapid_private_key,
      PUSH_SUBSCRIPTION: JSON.stringify(subscription),
    });
    expect(stdout).toMatch(/^ENDPOINT_REFUSED: .*push\.example\.org/);
    expect(code).toBe(0);
  });
});

describe("the README", () => {
  it("names every error code", () => {
    const codes = [...Object.keys(PushErrorCode), ...Object.keys(THROWN_CODES)];
    expect(codes.filter((code) => !readme.includes(`\`${code}\``))).toEqual([]);
  });

  it("names only commands that exist", () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(readMarkdown("package.json"));
    const named = [...readme.matchAll(/npm (?:run (\w+)|(test))/g)].map(
      ([, script, test]) => script ?? test ?? "",
    );
    expect(named).toEqual(expect.arrayContaining(["test", "demo", "check"]));
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it.each(["README.md", "docs/web_push.md", "docs/error_codes.md"])(
    "%s links only to what is there",
    (page) => {
      const broken = localLinks(readMarkdown(page)).filter(({ path, anchor }) => {
        const target = path === "" ? page : join(page, "..", path);
        if (!existsSync(join(root, target))) return true;
        return anchor !== undefined && !anchors(readMarkdown(target)).includes(anchor);
      });
      expect(broken).toEqual([]);
    },
  );
});
