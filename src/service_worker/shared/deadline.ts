import { PushClientError } from "./errors.js";

/** Browsers leave some promises pending for ever, and offer no way to stop what they stand for. */
export async function within<T>(seconds: number, what: string, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new PushClientError("TIMEOUT", `${what} took longer than ${seconds} seconds`)),
      seconds * 1000,
    );
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
