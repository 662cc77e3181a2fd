/** What the suite's parts share. */

/** Retries without the waits between them. */
export const QUICK = { retry: { base_delay_ms: 1 } };

export function caught(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error("expected a rejection");
    },
    (error: unknown) => error,
  );
}

/** Waits for something that sockets bring about; a deadline, not a pause, ends it. */
export async function until(holds: () => boolean, deadline_ms = 5000): Promise<void> {
  const end = Date.now() + deadline_ms;
  while (!holds()) {
    if (Date.now() > end) throw new Error("it did not come about in time");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What keeps this process alive. */
export function handles(): number {
  return process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Timeout|Server/i.test(name)).length;
}

export function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null)
    for (const entry of Object.values(value)) deepFreeze(entry);
  return Object.freeze(value);
}

export function hostileValues(): unknown[] {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  const thrower = {
    get endpoint(): string {
      throw new Error("getter");
    },
  };
  const proxy = new Proxy(
    {},
    {
      get: () => {
        throw new Error("proxy");
      },
      ownKeys: () => {
        throw new Error("proxy");
      },
    },
  );
  return [
    undefined,
    null,
    0,
    Number.NaN,
    true,
    10n,
    Symbol("s"),
    "",
    " ",
    "{",
    "null",
    "[]",
    "x".repeat(100_000),
    [],
    {},
    () => {},
    cycle,
    thrower,
    proxy,
    new Date(0),
    new Map(),
  ];
}
