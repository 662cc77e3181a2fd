import { EVERYONE } from "./scripting.js";

/** Which requests a fault strikes, and when. */
export interface FaultOptions {
  /** Only requests for this device; default `"*"`, all. */
  device_token?: string | undefined;
  /** How many requests it strikes; default all, until it is ended. */
  times?: number | undefined;
  /** How many requests pass unharmed before the first is struck; default 0. */
  after?: number | undefined;
  /**
   * Strike as soon as the headers are there, so that the service has not processed the request. Default false: it has,
   * and only its answer is lost. Faults that send an answer wait for the whole request in any case.
   */
  before_reading?: boolean | undefined;
  /** `split`: the body comes in two pieces, cut after so many bytes; default: the answer comes byte by byte. */
  cut_at?: number | undefined;
  /** `split`: milliseconds of real time after each piece, over HTTP/2 of the body; default 0. */
  pause_ms?: number | undefined;
}

/** Every credential seen before the fault struck counts as expired; a new one works. */
export type CredentialFault = "expired_credentials";

export interface Fault<Kind extends string, Options extends FaultOptions = FaultOptions> {
  readonly kind: Kind | CredentialFault;
  readonly options: Options;
  readonly device: string;
  times: number;
  after: number;
  expired?: ReadonlySet<string>;
}

/** Which request meets which fault. `Kind` is what can go wrong on this emulator's wire. */
export class Faults<Kind extends string, Options extends FaultOptions = FaultOptions> {
  readonly #faults = new Set<Fault<Kind, Options>>();
  readonly #seen = new Set<string>();

  /** Returns the function that ends this fault. */
  add(kind: Kind | CredentialFault, options?: Options): () => void {
    const { device_token = EVERYONE, times = Number.POSITIVE_INFINITY, after = 0 } = options ?? {};
    if (!(times >= 1)) throw new RangeError("fault: times must be at least 1");
    if (!(after >= 0)) throw new RangeError("fault: after must not be negative");
    const { cut_at = 0, pause_ms = 0 } = options ?? {};
    if (!(cut_at >= 0)) throw new RangeError("fault: cut_at must not be negative");
    if (!(pause_ms >= 0 && pause_ms <= 600_000)) {
      throw new RangeError("fault: pause_ms must be a number from 0 to 600000");
    }
    const fault = { kind, options: { ...options } as Options, device: device_token, times, after };
    this.#faults.add(fault);
    return () => {
      this.#faults.delete(fault);
    };
  }

  clear(): void {
    this.#faults.clear();
  }

  /**
   * The fault that the next request meets: one for its device before one for all, an older one before a newer one.
   * `immune`: what cannot happen to this request.
   */
  draw(
    device: string | undefined,
    credential: string | undefined,
    immune: readonly string[] = [],
  ): Fault<Kind, Options> | undefined {
    const matching = [...this.#faults].filter(
      (fault) => (fault.device === device || fault.device === EVERYONE) && !immune.includes(fault.kind),
    );
    const due = matching.filter((fault) => fault.after-- <= 0 && this.#strikes(fault, credential));
    if (credential !== undefined) this.#seen.add(credential);
    const fault = due.find((one) => one.device === device) ?? due[0];
    if (fault && --fault.times <= 0) this.#faults.delete(fault);
    return fault;
  }

  #strikes(fault: Fault<Kind, Options>, credential: string | undefined): boolean {
    if (fault.kind !== "expired_credentials") return true;
    fault.expired ??= new Set(this.#seen);
    return credential !== undefined && fault.expired.has(credential);
  }
}
