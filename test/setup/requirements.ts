import { describe } from "vitest";
import { findBinary, SYSTEM_PACKAGES } from "../../scripts/system_packages.mjs";

/**
 * A `describe` for tests that need a program from outside npm. Without the program the suite is skipped in sight: its
 * title names what is missing, and with `PUSHMUX_REQUIRE_ALL=1` the run fails.
 *
 * `body` gets the path of the program. A program must be listed in scripts/system_packages.mjs, or nothing would install it.
 */
export function describeWith(binary: string, title: string, body: (path: string) => void): void {
  const entry = SYSTEM_PACKAGES.find((candidate) => candidate.binary === binary);
  if (!entry) throw new Error(`${binary} is not in scripts/system_packages.mjs`);
  const path = findBinary(binary);
  if (path) describe(title, () => body(path));
  else describe.skip(`${title} (needs ${binary}, Debian package ${entry.debian})`, () => body(binary));
}
