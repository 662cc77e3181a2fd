import { beforeAll, expect, it } from "vitest";
import { compileExamples, type Programs } from "./packed_examples.js";

/** The demo's own check, given a result too few. */
const BROKEN = `
import { showOutcomes } from "./demo/outcomes.mjs";
import { Screen } from "./demo/screen.mjs";

const screen = new Screen(process.stdout);
const kinds = [{ kind: "good", amount: 1, fate: "accepted", attempts: 1 }];
const list = [{ kind: "good", token: "a" }];
showOutcomes(screen, { platform: "test", kinds, list, results: [], arrived: () => 0 });
screen.close();
`;

let examples: Programs;
beforeAll(async () => {
  examples = await compileExamples("demo", { "broken.mjs": BROKEN });
});

it("5.4.6 the demo sends through all five providers, shows what became of each, and says that all is as expected", async () => {
  expect(examples.errors).toEqual([]);
  const { code, stdout, stderr } = await examples.run("demo.mjs");
  expect(stdout).toMatch(/\n✓ All \d+ checks of the numbers above hold\.\n$/);
  expect(stdout).toMatch(/"title": "Order shipped"/);
  expect(stdout).toMatch(/█{32} 2,000 of 2,000/);
  expect(row(stdout, "good")).toMatch(/^1,560 +1,560 +1,560 +1,5\d\d +0$/);
  expect(row(stdout, "malformed")).toMatch(/^80 +0 +0 +INVALID_TOKEN 80 +0 +0$/);
  expect(row(stdout, "all")).toMatch(/^2,000 +1,620 +1,620 .* 200$/);
  expect(stdout).toContain("200 dead tokens found");
  expect(stdout).toContain('device   shows "We have news"');
  expect(stdout).toMatch(/device {3}got \{"aps":\{"alert":\{"title":"Order shipped"/);
  expect(stdout).toContain("<text>It arrives &quot;tomorrow&quot; &amp; in one piece.</text>");
  expect(stdout.match(/^━━ (web_push|fcm|apns|wns|simulation) ━/gm)).toHaveLength(5);
  expect(row(stdout, "iPhone")).toMatch(/^380 +380 +380 +3\d\d +0$/);
  expect(row(stdout, "uninstalled iPhone")).toMatch(/^20 +0 +0 +UNREGISTERED 20 +2\d +20$/);
  expect(row(stdout, "switched off")).toMatch(/^20 +0 +0 +DROPPED 20 +2\d +0$/);
  expect([code, stderr]).toEqual([0, ""]);
});

it("the demo ends with 1 when something is not as expected", async () => {
  const { code, stdout } = await examples.run("broken.mjs");
  expect(stdout).toContain("✗ Not as expected:\n  test, good: expected ");
  expect(code).toBe(1);
});

/** What stands in the first row of that name, after the name. */
function row(stdout: string, name: string): string | undefined {
  return stdout.match(new RegExp(`^  ${name} +(.*)$`, "m"))?.[1];
}
