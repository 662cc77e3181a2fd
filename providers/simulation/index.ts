export type {
  SimulatedError,
  SimulatedErrorName,
  SimulatedOutcome,
  SimulatedScript,
  SimulationConfig,
  SimulationOptions,
} from "./config.js";
export type { SimulationDelivery } from "./deliveries.js";
export type { DeliveredPayload } from "./encode.js";
export type { ImitatedPlatform } from "./imitate.js";
export { SimulationProvider, simulation } from "./provider.js";
