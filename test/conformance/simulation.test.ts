import { simulation } from "../../providers/simulation/index.js";
import { checkConfig } from "../../src/config.js";
import { systemClock } from "../../src/engine/clock.js";
import { getPushProvider, type ProviderOptions, type PushEvent } from "../../src/index.js";
import { fingerprint } from "../../src/result.js";
import { describeConformance } from "./suite.js";
import type { Step } from "./world.js";

const LIMIT = 4096;
let serial = 0;

describeConformance({
  platform: "simulation",
  payload: { title: "hello", body: "world" },
  oversize: { limit: LIMIT, payload: oversize() },
  invalid_token: "  ",
  // The simulated service names its times as numbers and is told no lifetime: there is no wire.
  retry_after_header: false,
  tells_lifetime: false,
  wrongConfig: (canary) => ({ outcomes: { [canary]: canary } }),
  async codec() {
    const config = checkConfig("simulation", simulation.config, {});
    return (await simulation.codec(config, { clock: systemClock, random: Math.random })) as never;
  },
  async open(script = {}, config = {}, { on_event, ...rest } = {}) {
    const world = serial++;
    const token = (name: string) => `secret-token-${world}-${name}`;
    const outcomes = Object.entries(script).map(([name, steps]) => [token(name), steps.map(outcome)]);
    const provider_config = {
      success_rate: 1,
      delivery_delay_ms: 0,
      outcomes: Object.fromEntries(outcomes),
      ...config,
    };
    const attempts: string[] = [];
    const options: ProviderOptions = {
      ...rest,
      on_event: (event: PushEvent) => {
        if (event.type === "attempt") attempts.push(event.device);
        on_event?.(event);
      },
    };
    const provider = await getPushProvider("simulation", provider_config, options);
    return {
      provider,
      token,
      tokens: (count) => Array.from({ length: count }, (_, i) => `${token("good")}-${i}`),
      lease: () => getPushProvider("simulation", provider_config, options),
      // A request that is still on its way has no event yet, so it is the one in flight.
      requests: (name) =>
        attempts.filter((device) => device === fingerprint(token(name))).length +
        (script[name]?.[0] === "silence"
          ? provider.getPlatformInfo().counters.attempts - attempts.length
          : 0),
      total: () => provider.getPlatformInfo().counters.attempts,
      lifetime: () => undefined,
      secrets: [`secret-token-${world}`],
      end: () => provider.close({ timeout_seconds: 0 }),
    };
  },
});

function outcome(step: Step) {
  if (step === "accept") return "success";
  if (step === "gone") return "UNREGISTERED";
  if (step === "silence") return "TIMEOUT";
  const { code, retry_after } = step;
  return retry_after === undefined ? code : { error_code: code, retry_after: Number(retry_after) };
}

/** The limit is on the JSON text of title, body and data. */
function oversize() {
  const envelope = JSON.stringify({ title: "t", body: "", data: {} }).length;
  return { title: "t", body: "x".repeat(LIMIT + 1 - envelope) };
}
