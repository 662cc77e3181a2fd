import type {
  Clock,
  Credential,
  CredentialSource,
  HttpRequest,
  HttpResponse,
  Rejected,
  Retry,
  Target,
  Verdict,
} from "../codec.js";
import { CREDENTIAL, traceCredential } from "./tracing.js";

/** The access tokens and signatures that a provider sends with. A summary: there may be one per host. */
export interface CredentialStats {
  /** Held now, and still good. */
  held: number;
  /** Of the oldest of these: since when it is used here. `null` when none is held. */
  age_seconds: number | null;
  /** Of the one that ends first. They are renewed before; when this comes near 0, renewing fails. */
  expires_in_seconds: number | null;
  /** Made so far. */
  minted: number;
  /** Of these: in the place of an earlier one. */
  renewals: number;
  /** How often a service refused the one in use. */
  refused: number;
  /** How often none could be had. */
  failed: number;
}

const REFUSAL_REMEMBERED_MS = 30_000;
const MAX_SCOPES = 1000;

interface Entry {
  current?: Credential | undefined;
  minted_at_ms?: number | undefined;
  minting?: Promise<Credential | Verdict> | undefined;
  refusal?: { readonly verdict: Verdict; readonly until_ms: number } | undefined;
  /** The generation that the service refused last: getting the same one again is no renewal. */
  refused_id?: string | undefined;
  /** When the last renewal after a refusal was made. */
  renewed_at_ms?: number | undefined;
}

export interface CredentialsContext {
  readonly platform: string;
  readonly clock: Clock;
  readonly timeout_ms: number;
  readonly fetch: (request: HttpRequest, signal: AbortSignal) => Promise<HttpResponse | Retry>;
}

/**
 * One credential per scope, made once however many ask at the same time.
 *
 * Credentials have generations: an answer "expired" refuses the generation that was sent, so the late refusals of an
 * old one do not renew again what is already new.
 */
export class Credentials<Token> {
  private readonly entries = new Map<string, Entry>();
  private readonly counts = { minted: 0, renewals: 0, refused: 0, failed: 0 };

  constructor(
    private readonly source: CredentialSource<Token>,
    private readonly context: CredentialsContext,
  ) {}

  scope(target: Target<Token>): string {
    return this.source.scope(target);
  }

  apply(request: HttpRequest, credential: Credential): HttpRequest {
    return this.source.apply(request, credential);
  }

  /** The credential to use now, or why there is none. Answers at once when one is cached. */
  get(scope: string): Credential | Verdict | Promise<Credential | Verdict> {
    const entry = this.entry(scope);
    const now = this.context.clock.now();
    if (entry.current && now < entry.current.renew_at_ms) return entry.current;
    if (entry.refusal && now < entry.refusal.until_ms) return entry.refusal.verdict;
    entry.minting ??= this.mint(scope, entry).finally(() => {
      entry.minting = undefined;
    });
    return entry.minting;
  }

  /**
   * The service refused this generation. False when a new one is not to be made yet: some services punish senders who
   * change theirs too often, and where a fresh one was just refused too, another would be as well.
   */
  refuse(scope: string, id: string): boolean {
    const entry = this.entry(scope);
    if (entry.current?.id !== id) return true;
    this.counts.refused++;
    const now = this.context.clock.now();
    if (now < (entry.current.renew_not_before_ms ?? 0)) return false;
    if (now < (entry.renewed_at_ms ?? Number.NEGATIVE_INFINITY) + REFUSAL_REMEMBERED_MS) return false;
    entry.current = undefined;
    entry.refused_id = id;
    return true;
  }

  stats(now_ms: number): CredentialStats {
    const ages_ms: number[] = [];
    const ends_ms: number[] = [];
    for (const { current, minted_at_ms = now_ms } of this.entries.values()) {
      if (!current || current.expires_at_ms <= now_ms) continue;
      ages_ms.push(now_ms - minted_at_ms);
      ends_ms.push(current.expires_at_ms - now_ms);
    }
    const none = ages_ms.length === 0;
    return {
      held: ages_ms.length,
      age_seconds: none ? null : Math.round(Math.max(...ages_ms) / 1000),
      expires_in_seconds: none ? null : Math.round(Math.min(...ends_ms) / 1000),
      ...this.counts,
    };
  }

  private async mint(scope: string, entry: Entry): Promise<Credential | Verdict> {
    const { platform, clock, timeout_ms } = this.context;
    const started_ms = clock.now();
    const controller = new AbortController();
    const timer = clock.setTimer(() => controller.abort(), timeout_ms);
    try {
      const minted = await this.source.mint(scope, {
        now_ms: clock.now(),
        signal: controller.signal,
        refused_id: entry.refused_id,
        fetch: (request) => this.context.fetch(request, controller.signal),
      });
      if (CREDENTIAL.hasSubscribers) traceCredential(platform, minted, started_ms, clock.now());
      return this.keep(entry, minted);
    } finally {
      clock.clearTimer(timer);
    }
  }

  private keep(entry: Entry, minted: Credential | Verdict): Credential | Verdict {
    const now = this.context.clock.now();
    if ("verdict" in minted) {
      this.counts.failed++;
      // An old credential that still holds is better than none.
      if (entry.current && now < entry.current.expires_at_ms) return entry.current;
      if (minted.verdict === "rejected") {
        entry.refusal = { verdict: minted, until_ms: now + REFUSAL_REMEMBERED_MS };
      }
      return minted;
    }
    if (minted.id === entry.refused_id) {
      this.counts.failed++;
      entry.refusal = { verdict: SAME_AGAIN, until_ms: now + REFUSAL_REMEMBERED_MS };
      return SAME_AGAIN;
    }
    if (entry.refused_id !== undefined && !entry.current) entry.renewed_at_ms = now;
    this.counts.minted++;
    if (entry.minted_at_ms !== undefined) this.counts.renewals++;
    entry.minted_at_ms = now;
    entry.current = minted;
    entry.refusal = undefined;
    entry.refused_id = undefined;
    return minted;
  }

  private entry(scope: string): Entry {
    let entry = this.entries.get(scope);
    if (!entry) {
      if (this.entries.size >= MAX_SCOPES) {
        const [oldest] = this.entries.keys();
        if (oldest !== undefined) this.entries.delete(oldest);
      }
      entry = {};
      this.entries.set(scope, entry);
    }
    return entry;
  }
}

const SAME_AGAIN: Rejected = {
  verdict: "rejected",
  code: "AUTHENTICATION_FAILED",
  reason: "the renewed credential is the one that was refused",
};
