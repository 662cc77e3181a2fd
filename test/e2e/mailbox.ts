import { randomUUID } from "node:crypto";
import type { WebPushDevice, WebPushReceived } from "../../src/testing/index.js";

/** Hands a message to the browser, under an id by which it is acknowledged. */
export type Deliver = (id: string, message: WebPushReceived) => void;

/**
 * Between a device of the emulator and the browser whose subscription it is: what reaches the device is delivered, and kept
 * until the browser has acknowledged it.
 */
export class Mailbox {
  /** Delivered at least once, by the id of the delivery. */
  readonly unacknowledged = new Map<string, WebPushReceived>();
  /** Settles once the service behind the device is closed. */
  readonly done: Promise<void>;
  #closed = false;
  #online: boolean;

  /** @param deliver Is called while the browser is online. */
  constructor(
    readonly device: WebPushDevice,
    private readonly deliver: Deliver,
    { online = true } = {},
  ) {
    this.#online = online;
    if (!online) device.goOffline();
    this.done = this.#pump();
  }

  /** What is not acknowledged comes again, under the same id, and then what the service has kept. */
  goOnline(): void {
    this.#online = true;
    for (const [id, message] of this.unacknowledged) this.deliver(id, message);
    this.device.goOnline();
  }

  goOffline(): void {
    this.#online = false;
    this.device.goOffline();
    for (const [id, { ttl }] of this.unacknowledged) if (ttl === 0) this.unacknowledged.delete(id);
  }

  acknowledge(id: string): void {
    this.unacknowledged.delete(id);
  }

  /** To be called before the service is closed. */
  close(): void {
    this.#closed = true;
  }

  async #pump(): Promise<void> {
    let count = 0;
    while (!this.#closed) {
      const messages = await this.device.waitForMessages(count + 1, { timeout_ms: 60_000 }).catch(() => []);
      const message = messages[count];
      if (!message) continue;
      count++;
      const id = randomUUID();
      this.unacknowledged.set(id, message);
      if (this.#online) this.deliver(id, message);
    }
  }
}
