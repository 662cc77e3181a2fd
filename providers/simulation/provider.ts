import { type Codec, CodecProvider, defineProvider, type OpenContext } from "../../src/provider_kit.js";
import { type CheckedConfig, configSchema, optionsSchema, type SimulationOptions } from "./config.js";
import { decode } from "./decode.js";
import { Deliveries, type SimulationDelivery } from "./deliveries.js";
import { createPlanner } from "./draw.js";
import {
  encode,
  ORIGIN,
  type PreparedSimulation,
  parseToken,
  parseTopic,
  prepare,
  type Token,
} from "./encode.js";
import { IMITATED, OWN_RULES } from "./imitate.js";
import { createTransport } from "./transport.js";

/**
 * A push service inside this process, for tests and for a first look: no account, no network, and outcomes that
 * are the same on every run with the same `seed`.
 */
export class SimulationProvider extends CodecProvider<SimulationCodec, SimulationOptions> {
  /** What the simulated service accepted, oldest first, at most `max_deliveries`; a new array each time. */
  get deliveries(): SimulationDelivery[] {
    return this.codec.deliveries.list();
  }

  /** Forgets all deliveries so far. */
  clearDeliveries(): void {
    this.codec.deliveries.clear();
  }
}

interface SimulationCodec extends Codec<Token, SimulationOptions, PreparedSimulation> {
  readonly deliveries: Deliveries;
}

export function createCodec(config: CheckedConfig, { clock, random }: OpenContext): SimulationCodec {
  const { success_rate, delivery_delay_ms, enable_error_scenarios, imitate } = config;
  const seed = config.seed ?? Math.floor(random() * 2 ** 48);
  const rules = imitate ? IMITATED[imitate] : OWN_RULES;
  const planner = createPlanner(config, seed);
  const deliveries = new Deliveries(config.max_deliveries);
  const { max_payload_bytes, max_ttl_seconds } = rules;
  return {
    limits: { max_payload_bytes, max_ttl_seconds, max_concurrency: 1000 },
    topic_kinds: ["topic", "condition", "channel"],
    info: {
      sender: {
        seed,
        success_rate,
        delivery_delay_ms,
        error_scenarios_enabled: enable_error_scenarios,
        imitate,
      },
      capabilities: { deliveries: true },
    },
    parseToken: (value) => parseToken(value, rules),
    parseTopic,
    prepare: (payload, context) => prepare(payload, context, rules),
    encode: (prepared, target, context) => encode(prepared, target, context, planner),
    decode,
    connection: () => ({ key: ORIGIN, protocol: "h1", guard: "fixed" }),
    transport: createTransport(clock, deliveries),
    deliveries,
  };
}

/** The platform `simulation`, as `getPushProvider` loads it. */
export const simulation = defineProvider({
  platform: "simulation",
  config: configSchema,
  platform_data: optionsSchema,
  codec: createCodec,
  provider: SimulationProvider,
});
