import { join } from "node:path";
import { expect, it } from "vitest";
import { PushErrorCode } from "../../src/error_codes.js";
import { root } from "../setup/packed_project.js";
import { codeOf, errorCodesPage, OLD_NAMES, WEB_PUSH_ANSWERS } from "./error_codes_page.js";

it("docs/error_codes.md says what the table of error codes says", async () => {
  await expect(errorCodesPage()).toMatchFileSnapshot(join(root, "docs/error_codes.md"));
});

it("every code has its section, its advice and its row", () => {
  const page = errorCodesPage();
  for (const code of Object.keys(PushErrorCode)) {
    expect(page).toContain(`| [\`${code}\`](#${code.toLowerCase()}) |`);
    expect(page).toContain(`\n## ${code}\n`);
  }
  expect(page).not.toContain("undefined");
});

it("every answer of the page is a failure, and a dead token only where the status says so too", () => {
  const codes = WEB_PUSH_ANSWERS.map((answer) => [answer.status, codeOf(answer)] as const);
  expect(codes.filter(([, code]) => code === "accepted")).toEqual([]);
  expect(
    codes.filter(([status, code]) => code === "UNREGISTERED" && status !== 404 && status !== 410),
  ).toEqual([]);
});

it("1.8 1.13 every error code of the systems before is on the page, with codes that exist", () => {
  const page = errorCodesPage();
  for (const [name, , ...codes] of OLD_NAMES) {
    expect(page).toContain(`| \`${name}\` |`);
    expect(codes.length).toBeGreaterThan(0);
    for (const code of codes) expect(PushErrorCode).toHaveProperty(code);
  }
  expect(new Set(OLD_NAMES.map(([name]) => name)).size).toBe(OLD_NAMES.length);
});
