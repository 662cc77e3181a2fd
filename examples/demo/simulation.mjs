import { getPushProvider } from "pushmux";
import { mix, showOutcomes } from "./outcomes.mjs";
import { count } from "./screen.mjs";

/** @type {readonly (import("./outcomes.mjs").Kind & { script?: import("pushmux/simulation").SimulatedScript })[]} */
const KINDS = [
  { kind: "left to chance", amount: 900 },
  { kind: "busy at first", amount: 40, fate: "accepted", attempts: 2, script: ["RATE_LIMITED", "success"] },
  { kind: "uninstalled", amount: 40, fate: "UNREGISTERED", attempts: 1, dead: true, script: "UNREGISTERED" },
  { kind: "another app's", amount: 20, fate: "SENDER_MISMATCH", attempts: 1, script: "SENDER_MISMATCH" },
];

const LIST = mix(
  KINDS.flatMap(({ kind, amount, script }) =>
    Array.from({ length: amount }, (_, i) => ({ kind, script, token: `${kind} ${i}` })),
  ),
);

/** @param {import("./screen.mjs").Screen} screen */
export async function showSimulation(screen) {
  screen.chapter(
    "simulation",
    "For your own tests: outcomes by a seed or by a script, nothing leaves the process.",
  );
  screen.section(
    `${count(LIST.length)} notifications with seed 7: 95 in 100 succeed where nothing is scripted`,
  );
  const first = await send(7, (progress) => screen.progress(progress));
  showOutcomes(screen, {
    platform: "simulation",
    kinds: KINDS,
    list: LIST,
    results: first.results,
    arrived: (kind) =>
      first.deliveries.filter(({ device_token }) => String(device_token).startsWith(kind)).length,
  });

  const again = await send(7);
  const other = await send(8);
  const differ = other.codes.filter((code, i) => code !== first.codes[i]).length;
  screen.line(
    `Again with seed 7: the same ${count(again.codes.length)} outcomes. With seed 8: ${differ} differ.`,
  );
  screen.check("simulation, the same seed", again.codes, first.codes);
  screen.check("simulation, another seed", differ > 0, true);
}

/**
 * @param {number} seed
 * @param {(progress: import("pushmux").BulkProgress) => void} [on_progress]
 */
async function send(seed, on_progress) {
  const provider = await getPushProvider("simulation", {
    seed,
    outcomes: Object.fromEntries(LIST.flatMap(({ token, script }) => (script ? [[token, script]] : []))),
    delivery_delay_ms: [20, 200],
    retry: { max_attempts: 2, base_delay_ms: 50 },
  });
  try {
    const results = await provider.sendMulticastNotification(
      LIST.map(({ token }) => token),
      { title: "Hello" },
      { on_progress },
    );
    const codes = results.map(({ error_code }) => error_code ?? "accepted");
    return { results, codes, deliveries: provider.deliveries };
  } finally {
    await provider.close();
  }
}
