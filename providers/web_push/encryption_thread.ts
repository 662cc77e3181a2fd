import { type ContentEncoding, createEncrypter } from "./encrypt.js";
import { packResults, unpackMessages } from "./packing.js";

/** What a thread is given: messages, packed. */
export interface Batch {
  readonly encoding: ContentEncoding;
  readonly messages: Uint8Array;
}

/** All that runs in a thread of its own. */
export function encryptBatch({ encoding, messages }: Batch): Uint8Array {
  return packResults(unpackMessages(messages).map(createEncrypter(encoding)));
}
