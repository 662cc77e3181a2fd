import { afterEach } from "vitest";
import { describeAbortAndClose } from "./abort_and_close.js";
import { describeInput } from "./input.js";
import { describeQuiet } from "./quiet.js";
import { describeResults } from "./results.js";
import { describeTime } from "./time.js";
import type { Harness, World } from "./world.js";

/** What every provider promises; one suite for all of them. */
export function describeConformance(harness: Harness): void {
  let world: World | undefined;
  const open: Harness["open"] = async (...args) => {
    world = await harness.open(...args);
    return world;
  };
  afterEach(async () => {
    await world?.end();
    world = undefined;
  });
  describeResults(harness, open);
  describeInput(harness, open);
  describeTime(harness, open);
  describeAbortAndClose(harness, open);
  describeQuiet(harness, open);
}
