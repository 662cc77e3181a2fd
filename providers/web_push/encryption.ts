import { type Clock, configInvalid } from "../../src/provider_kit.js";
import { type ContentEncoding, createEncrypter, type Encrypted, type Receiver } from "./encrypt.js";
import { EncryptionBatches } from "./encryption_batches.js";
import { EncryptionThreads } from "./encryption_threads.js";
import { createSecrets } from "./secrets.js";

export interface Encryption {
  /** With secrets of its own for each message. */
  readonly encrypt: (plaintext: Uint8Array, receiver: Receiver) => Encrypted | Promise<Encrypted>;
  readonly close: () => Promise<void>;
}

/** Encryption in the calling thread, with the help of others if that was asked for. Throws `CONFIG_INVALID` when they do not start. */
export async function openEncryption(
  config: { readonly content_encoding: ContentEncoding; readonly encryption_threads: number },
  clock: Clock,
): Promise<Encryption> {
  const { content_encoding: encoding, encryption_threads } = config;
  const draw = createSecrets();
  const encryptHere = createEncrypter(encoding);
  if (encryption_threads === 0) {
    return {
      encrypt: (plaintext, receiver) => encryptHere({ plaintext, receiver, secrets: draw() }),
      close: () => Promise.resolve(),
    };
  }
  const threads = await EncryptionThreads.start({ threads: encryption_threads, encoding, clock }).catch(
    (cause: unknown) => {
      const message = "the threads could not be started; 0 goes without them";
      throw configInvalid("web_push", [{ path: "encryption_threads", message }], cause);
    },
  );
  const batches = new EncryptionBatches(threads, encryptHere);
  return {
    encrypt: (plaintext, receiver) => batches.encrypt({ plaintext, receiver, secrets: draw() }),
    close: () => threads.close(),
  };
}
