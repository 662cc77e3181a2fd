/** "did you mean" for a wrong name: the nearest valid one if it is near, and the valid ones in any case. */
export function hint(name: string, valid: readonly string[]): string {
  const near = nearest(name, valid);
  return `${near ? `did you mean ${near}? ` : ""}valid: ${valid.join(", ")}`;
}

/** The closest of `valid`: at most a third of the name's letters away, or two. */
export function nearest(name: string, valid: readonly string[]): string | undefined {
  let best: string | undefined;
  let best_distance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of valid) {
    const distance = editDistance(fold(name), fold(candidate));
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

/** `ttlSeconds`, `ttl-seconds` and `ttl_seconds` are the same word spelled three ways. */
function fold(name: string): string {
  return name.slice(0, 64).toLowerCase().replaceAll(/[_-]/g, "");
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
