import { PushError } from "../errors.js";

/** One item of a bulk input, as the engine takes it. */
export interface Item {
  readonly device_token: unknown;
  readonly payload: unknown;
}

/** What a bulk run pulls from. */
export interface Input {
  /** Known for arrays only. */
  readonly total: number | undefined;
  /** One payload for all items. */
  readonly multicast?: boolean | undefined;
  /** Throws, or rejects, when the caller's own iterable does. */
  next(): IteratorResult<unknown> | Promise<IteratorResult<unknown>>;
  toItem(value: unknown): Item;
  /** No more is wanted. An iterator is told by `return()`, and not waited for: it may be stuck. */
  end(): void;
}

/** Throws `OPTIONS_INVALID` for anything that cannot be iterated, and for a bare string. */
export function openInput(source: unknown, name: string, toItem: (value: unknown) => Item): Input {
  if (Array.isArray(source)) return arrayInput(source, toItem);
  if (typeof source === "object" && source !== null) {
    const { [Symbol.asyncIterator]: asyncIterator, [Symbol.iterator]: iterator } = source as {
      [Symbol.asyncIterator]?: unknown;
      [Symbol.iterator]?: unknown;
    };
    const make = typeof asyncIterator === "function" ? asyncIterator : iterator;
    if (typeof make === "function") return iteratorInput(() => make.call(source), toItem);
  }
  const got = source === null ? "null" : typeof source;
  throw new PushError(
    "OPTIONS_INVALID",
    `${name}: expected an array, an iterable or an async iterable, got ${got}`,
  );
}

function arrayInput(array: readonly unknown[], toItem: (value: unknown) => Item): Input {
  const total = array.length;
  let index = 0;
  return {
    total,
    next: () => (index < total ? { done: false, value: array[index++] } : { done: true, value: undefined }),
    toItem,
    end: () => {},
  };
}

function iteratorInput(
  open: () => Iterator<unknown> | AsyncIterator<unknown>,
  toItem: (value: unknown) => Item,
): Input {
  let iterator: Iterator<unknown> | AsyncIterator<unknown> | undefined;
  return {
    total: undefined,
    next: () => {
      iterator ??= open();
      return iterator.next();
    },
    toItem,
    end: () => {
      try {
        const ended = iterator?.return?.();
        if (ended instanceof Promise) ended.catch(() => {});
      } catch {}
    },
  };
}

/** An item that is neither a pair nor an object has no token: its result says so. */
export function toItem(value: unknown): Item {
  if (Array.isArray(value)) return { device_token: value[0], payload: value[1] };
  if (typeof value === "object" && value !== null && "device_token" in value) {
    return { device_token: value.device_token, payload: "payload" in value ? value.payload : undefined };
  }
  return { device_token: undefined, payload: undefined };
}
