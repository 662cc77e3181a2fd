import { isRejection, type Prepared, type Rejection, type TargetKind } from "../codec.js";
import { type CheckedPayload, checkPayload } from "../payload.js";
import { resolveOptions } from "../platform_data.js";
import type { ResultWarning } from "../result.js";
import type { Engine } from "./engine.js";

/** A payload after everything that is the same for all of its recipients. */
export interface ReadyPayload {
  readonly payload: CheckedPayload;
  readonly prepared: Prepared;
  readonly warnings: readonly ResultWarning[];
}

/** One payload object of a call. */
export interface PayloadEntry {
  readonly snapshot: readonly unknown[];
  readonly ready: ReadyPayload | Rejection;
  /** How many recipients of this call it was given for, so far. */
  recipients: number;
}

/**
 * Checks, maps and serialises each distinct payload object once per call. Callers must not change a payload before
 * its result is out; a shallow compare notices when one did between two items of the same call.
 */
export class Payloads {
  /** One payload for many, as the call itself says. */
  multicast = false;
  private readonly entries = new WeakMap<object, PayloadEntry>();

  constructor(
    private readonly engine: Engine,
    private readonly kind: TargetKind,
    private readonly dry_run: boolean,
  ) {}

  get(value: unknown): Readonly<PayloadEntry> {
    if (typeof value !== "object" || value === null) {
      return { snapshot: [], ready: this.make(value), recipients: 1 };
    }
    let entry = this.entries.get(value);
    if (!entry || !sameShallow(entry.snapshot, value)) {
      entry = { snapshot: snapshot(value), ready: this.make(value), recipients: 0 };
      this.entries.set(value, entry);
    }
    entry.recipients++;
    return entry;
  }

  private make(value: unknown): ReadyPayload | Rejection {
    const unified = checkPayload(value);
    if (isRejection(unified)) return unified;
    const { platform_data, ...rest } = unified;
    const resolved = resolveOptions(platform_data, this.engine.vocabulary);
    if (isRejection(resolved)) return resolved;
    const payload: CheckedPayload = { ...rest, options: resolved.options };
    const prepared = this.engine.codec.prepare(payload, { kind: this.kind, dry_run: this.dry_run });
    if (isRejection(prepared)) return prepared;
    const { warnings = [] } = prepared as { readonly warnings?: readonly ResultWarning[] };
    return { payload, prepared, warnings: [...resolved.warnings, ...warnings] };
  }
}

function snapshot(value: object): unknown[] {
  const flat: unknown[] = [];
  for (const key of Object.keys(value)) flat.push(key, (value as Record<string, unknown>)[key]);
  return flat;
}

function sameShallow(before: readonly unknown[], value: object): boolean {
  const keys = Object.keys(value);
  if (keys.length * 2 !== before.length) return false;
  return keys.every(
    (key, i) =>
      key === before[i * 2] && Object.is((value as Record<string, unknown>)[key], before[i * 2 + 1]),
  );
}
