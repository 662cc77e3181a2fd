import { join } from "node:path";
import { expect, it } from "vitest";
import { REASONS as APNS_REASONS } from "../../providers/apns/decode.js";
import { APNS as FCM_APNS, CODES as FCM_CODES } from "../../providers/fcm/decode.js";
import { STATUS as WNS_STATUS, TAKEN as WNS_TAKEN } from "../../providers/wns/decode.js";
import { PushErrorCode } from "../../src/error_codes.js";
import { root } from "../setup/packed_project.js";
import { errorCodesPage, OLD_NAMES } from "./error_codes_page.js";
import { ANSWERS, codeOf } from "./service_answers.js";

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
  const codes = Object.values(ANSWERS)
    .flat()
    .map((answer) => [answer.status, codeOf(answer), answer.says] as const);
  expect(codes.filter(([, code]) => code === "accepted")).toEqual([]);
  // FCM tells of a dead iPhone with a 400, a channel of APNs that is gone with another.
  expect(
    codes
      .filter(([status, code]) => code === "UNREGISTERED" && status !== 404 && status !== 410)
      .map(([, , says]) => says),
  ).toEqual([
    "INVALID_ARGUMENT, ApnsError Unregistered",
    "INVALID_ARGUMENT, ApnsError ExpiredToken",
    "ChannelNotRegistered",
  ]);
});

it("every word that a codec knows has its row", () => {
  const page = errorCodesPage();
  for (const reason of Object.keys(APNS_REASONS)) expect(page).toContain(`| ${reason} |`);
  for (const reason of Object.keys(FCM_CODES))
    expect(page).toMatch(new RegExp(`\\| FCM \\| \\d+ \\| ${reason}\\b`));
  for (const reason of Object.keys(FCM_APNS)) expect(page).toContain(`ApnsError ${reason} |`);
  for (const state of Object.keys(WNS_TAKEN)) expect(page).toContain(`| WNS | 200 | ${state}:`);
  for (const status of Object.keys(WNS_STATUS)) expect(page).toContain(`| WNS | ${status} |`);
});

it("1.8 1.9 1.10 1.11 1.13 every error code of the systems before is on the page, with codes that exist", () => {
  const page = errorCodesPage();
  for (const [name, , ...codes] of OLD_NAMES) {
    expect(page).toContain(`| \`${name}\` |`);
    expect(codes.length).toBeGreaterThan(0);
    for (const code of codes) expect(PushErrorCode).toHaveProperty(code);
  }
  expect(new Set(OLD_NAMES.map(([name]) => name)).size).toBe(OLD_NAMES.length);
});
