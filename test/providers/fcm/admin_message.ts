/**
 * What firebase-admin makes of a message before it sends it, by its own code. The package does not export that
 * function; a test may load the file.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Message } from "firebase-admin/messaging";

const require = createRequire(import.meta.url);
const folder = dirname(require.resolve("firebase-admin/app"));
const { validateMessage } = require(join(folder, "../messaging/messaging-internal.js")) as {
  validateMessage(message: object): void;
};

/** Throws what firebase-admin throws. */
export function adminMessage(message: Message): object {
  const copy = structuredClone(message);
  validateMessage(copy);
  return copy;
}
