import { describe } from "vitest";
import { findBinary, SYSTEM_PACKAGES } from "../../scripts/system_packages.mjs";

/**
 * A `describe` for tests that need programs from outside npm. If one is not there the suite is skipped in sight: its title
 * names what is missing, and with `PUSHMUX_REQUIRE_ALL=1` the run fails.
 *
 * `body` gets the paths, in the order of the names. Each must be listed in scripts/system_packages.mjs, or nothing would
 * install it.
 */
export function describeWith(
  binaries: string | readonly string[],
  title: string,
  body: (...paths: string[]) => void,
): void {
  const wanted = [binaries].flat().map((binary) => {
    const entry = SYSTEM_PACKAGES.find((candidate) => candidate.binary === binary);
    if (!entry) throw new Error(`${binary} is not in scripts/system_packages.mjs`);
    return { ...entry, path: findBinary(binary) };
  });
  const run = () => body(...wanted.map(({ binary, path }) => path ?? binary));
  const missing = wanted.filter(({ path }) => path === undefined);
  if (missing.length === 0) describe(title, run);
  else {
    const packages = missing.map(({ binary, debian }) => `${binary}, Debian package ${debian}`);
    describe.skip(`${title} (needs ${packages.join("; ")})`, run);
  }
}
