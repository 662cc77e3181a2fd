import { type Batch, encryptBatch as encrypt } from "../../../providers/web_push/encryption_thread.js";
import { packResults, unpackMessages } from "../../../providers/web_push/packing.js";

/** Stands in for the real one in threads; a batch whose first message says so is its last. */
export function encryptBatch(batch: Batch): Uint8Array | Promise<Uint8Array> {
  switch (unpackMessages(batch.messages)[0]?.plaintext.toString()) {
    case "throw":
      throw new Error("this batch cannot be encrypted");
    case "crash":
      queueMicrotask(() => {
        throw new Error("this thread is done for");
      });
      return new Promise(() => {});
    case "exit":
      return process.exit(0);
    case "hang":
      return new Promise(() => {});
    case "forget":
      return packResults([]);
    default:
      return encrypt(batch);
  }
}
