const START = 50;
const MAX = 200;
const PER_FIRST_ATTEMPT = 0.1;
const MAX_ORIGINS = 1000;

/**
 * How many timed retries an origin may still cost. A service that fails everything gets its reserve and then a tenth
 * more traffic than without retries, instead of four times as much.
 */
export class RetryBudget {
  private readonly tokens = new Map<string, number>();

  firstAttempt(origin: string): void {
    const tokens = this.tokens.get(origin);
    if (tokens === undefined) this.open(origin);
    else this.tokens.set(origin, Math.min(MAX, tokens + PER_FIRST_ATTEMPT));
  }

  left(origin: string): boolean {
    return (this.tokens.get(origin) ?? START) >= 1;
  }

  take(origin: string): void {
    this.tokens.set(origin, (this.tokens.get(origin) ?? START) - 1);
  }

  /** Origins can come from strangers: the oldest is forgotten rather than memory spent. */
  private open(origin: string): void {
    if (this.tokens.size >= MAX_ORIGINS) {
      const [oldest] = this.tokens.keys();
      if (oldest !== undefined) this.tokens.delete(oldest);
    }
    this.tokens.set(origin, START);
  }
}
