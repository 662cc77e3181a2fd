import { createECDH, randomBytes } from "node:crypto";
import type { Message } from "../../../providers/web_push/encrypt.js";
import { createSecrets } from "../../../providers/web_push/secrets.js";

const draw = createSecrets();

/** A message to a device of its own. */
export function messageOf(text: string): Message {
  const p256dh = createECDH("prime256v1").generateKeys();
  return {
    plaintext: Buffer.from(text),
    receiver: { p256dh, auth: randomBytes(16) },
    secrets: draw(),
  };
}

export function messages(count: number, textOf = (i: number) => `message ${i}`): Message[] {
  return Array.from({ length: count }, (_, i) => messageOf(textOf(i)));
}
