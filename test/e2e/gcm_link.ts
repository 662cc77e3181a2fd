import type { TLSSocket } from "node:tls";
import type { WebPushReceived } from "../../src/testing/index.js";
import type { GcmBrowser, GcmSubscription } from "./gcm_desk.js";
import {
  encodeFrame,
  encodeMessage,
  type Fields,
  type Frame,
  FrameReader,
  MCS_VERSION,
  type Message,
} from "./gcm_wire.js";
import type { Mailbox } from "./mailbox.js";

/** Kinds of frames. */
export const TAG = {
  heartbeat_ping: 0,
  heartbeat_ack: 1,
  login_request: 2,
  login_response: 3,
  close: 4,
  iq: 7,
  data_message: 8,
} as const;

/** Where a frame says how many of ours its sender has received. */
const LAST_RECEIVED: Readonly<Record<number, number>> = {
  [TAG.heartbeat_ping]: 2,
  [TAG.heartbeat_ack]: 2,
  [TAG.iq]: 10,
  [TAG.data_message]: 11,
};

/**
 * One connection of a browser: its login, then messages to it and its acknowledgements (mcs.proto, mcs_client.cc). Both sides
 * count frames instead of numbering them, and say now and then how many they have received.
 */
export class McsLink {
  readonly #reader = new FrameReader();
  readonly #delivered = new Map<number, { mailbox: Mailbox; id: string }>();
  #browser: GcmBrowser | undefined;
  #sent = 0;
  #received = 0;

  constructor(
    private readonly socket: TLSSocket,
    private readonly browsers: ReadonlyMap<string, GcmBrowser>,
    complain: (what: string) => void,
  ) {
    const hear = (chunk: Buffer) => {
      try {
        for (const frame of this.#reader.read(chunk)) this.#hear(frame);
      } catch (error) {
        complain(error instanceof Error ? error.message : String(error));
        socket.off("data", hear).resume().end();
      }
    };
    socket.on("data", hear);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => this.#goOffline());
  }

  deliver({ app, subtype, sender, mailbox }: GcmSubscription, id: string, message: WebPushReceived): void {
    const { body, headers, ttl } = message;
    const facts = {
      subtype,
      "content-encoding": headers["content-encoding"],
      encryption: headers.encryption,
      "crypto-key": headers["crypto-key"],
    };
    this.#send(TAG.data_message, [
      [2, id],
      [3, sender],
      [5, app],
      ...Object.entries(facts).map(([key, value]) => [7, pair(key, value)] as const),
      [9, id],
      [11, this.#received],
      [17, ttl],
      [18, Math.floor(Date.now() / 1000)],
      [21, body.length > 0 ? body : undefined],
      // Else it would come with the next heartbeat, a quarter of an hour later.
      [24, true],
    ]);
    this.#delivered.set(this.#sent, { mailbox, id });
  }

  close(): void {
    this.#goOffline();
    this.socket.destroy();
  }

  #hear({ tag, message }: Frame): void {
    this.#received++;
    if (!this.#browser) {
      if (tag !== TAG.login_request) throw new Error(`a frame of kind ${tag} before the login`);
      this.#login(message);
      return;
    }
    this.#acknowledge(Number(message.integer(LAST_RECEIVED[tag] ?? 0) ?? 0));
    switch (tag) {
      case TAG.heartbeat_ping:
        this.#send(TAG.heartbeat_ack, [[2, this.#received]]);
        break;
      case TAG.close:
        this.socket.end();
        break;
      case TAG.heartbeat_ack:
      case TAG.iq:
      case TAG.data_message:
        break;
      default:
        throw new Error(`a frame of kind ${tag}`);
    }
  }

  #login(request: Message): void {
    this.socket.write(Buffer.of(MCS_VERSION));
    const browser = this.browsers.get(request.text(3) ?? "");
    if (!browser || !isLoginOf(browser, request)) {
      this.#send(TAG.login_response, [
        [1, ""],
        [3, encodeMessage([[1, 401]])],
      ]);
      throw new Error("a login in another's name");
    }
    browser.link?.close();
    browser.link = this;
    this.#browser = browser;
    this.#send(TAG.login_response, [
      [1, request.text(1)],
      [6, this.#received],
      [8, Date.now()],
    ]);
    const received = request.texts(10);
    for (const { mailbox } of browser.subscriptions.values()) {
      for (const id of received) mailbox.acknowledge(id);
      mailbox.goOnline();
    }
  }

  #acknowledge(last_received: number): void {
    for (const [position, { mailbox, id }] of this.#delivered) {
      if (position > last_received) continue;
      this.#delivered.delete(position);
      mailbox.acknowledge(id);
    }
  }

  #goOffline(): void {
    if (this.#browser?.link !== this) return;
    this.#browser.link = undefined;
    for (const { mailbox } of this.#browser.subscriptions.values()) mailbox.goOffline();
  }

  #send(tag: number, fields: Fields): void {
    this.#sent++;
    this.socket.write(encodeFrame(tag, fields));
  }
}

function isLoginOf({ android_id, security_token }: GcmBrowser, request: Message): boolean {
  return (
    request.text(2) === "mcs.android.com" &&
    request.text(4) === android_id &&
    request.text(5) === security_token &&
    request.text(6) === `android-${BigInt(android_id).toString(16)}` &&
    request.integer(14) === 1n &&
    request.integer(16) === 2n
  );
}

function pair(key: string, value: string | undefined): Buffer | undefined {
  if (value === undefined) return undefined;
  return encodeMessage([
    [1, key],
    [2, value],
  ]);
}
