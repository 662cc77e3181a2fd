import type { Http2Exchange } from "./http2_exchange.js";

/** Twice what one connection has open at the most by default; a power of two. */
const PLACES = 2048;

/**
 * The open streams of a connection, by their number. Each has its place in a ring: numbers ascend by two, so a place is
 * free again long before it is needed, but for the few that stay open while thousands come and go. Not only a Map: one with
 * such churn makes a new table every thousand streams, and through the old ones everybody outlives the collector's
 * young generation.
 */
export class OpenStreams {
  size = 0;
  readonly #ring: (Http2Exchange | undefined)[] = new Array(PLACES).fill(undefined);
  /** Whose place another one needed. */
  readonly #elders = new Map<number, Http2Exchange>();

  get(id: number): Http2Exchange | undefined {
    const exchange = this.#ring[placeOf(id)];
    return exchange?.id === id ? exchange : this.#elders.get(id);
  }

  add(exchange: Http2Exchange): void {
    const place = placeOf(exchange.id);
    const elder = this.#ring[place];
    if (elder) this.#elders.set(elder.id, elder);
    this.#ring[place] = exchange;
    this.size += 1;
  }

  /** False: it was not there. */
  delete({ id }: Http2Exchange): boolean {
    const place = placeOf(id);
    if (this.#ring[place]?.id === id) this.#ring[place] = undefined;
    else if (!this.#elders.delete(id)) return false;
    this.size -= 1;
    return true;
  }

  /** A copy, by their numbers: they may come and go meanwhile. */
  all(): Http2Exchange[] {
    const here = this.#ring.filter((exchange) => exchange !== undefined);
    return [...this.#elders.values(), ...here].sort((one, other) => one.id - other.id);
  }

  clear(): void {
    this.#ring.fill(undefined);
    this.#elders.clear();
    this.size = 0;
  }
}

function placeOf(id: number): number {
  return (id >>> 1) & (PLACES - 1);
}
