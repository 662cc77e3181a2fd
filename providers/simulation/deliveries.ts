import type { DeliveredPayload } from "./encode.js";

/** One notification that the simulated service accepted. Holds the caller's own token and payload: not for logs. */
export interface SimulationDelivery {
  /** The token as it was given (an object: its JSON copy); absent on topic sends. */
  readonly device_token?: unknown;
  readonly topic?: string;
  readonly payload: DeliveredPayload;
  readonly message_id: string;
  /** ISO 8601, UTC: when it was accepted. */
  readonly timestamp: string;
}

/** The newest deliveries, at most `capacity`; a ring, so that a full one costs no more than an empty one. */
export class Deliveries {
  readonly #capacity: number;
  #ring: SimulationDelivery[] = [];
  #oldest = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(delivery: SimulationDelivery): void {
    if (this.#ring.length < this.#capacity) {
      this.#ring.push(delivery);
    } else if (this.#capacity > 0) {
      this.#ring[this.#oldest] = delivery;
      this.#oldest = (this.#oldest + 1) % this.#capacity;
    }
  }

  /** Oldest first; a new array each time. */
  list(): SimulationDelivery[] {
    return [...this.#ring.slice(this.#oldest), ...this.#ring.slice(0, this.#oldest)];
  }

  clear(): void {
    this.#ring = [];
    this.#oldest = 0;
  }
}
