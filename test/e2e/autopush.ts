/**
 * A Mozilla push service for real browsers. App servers talk to the web push emulator; this is the half that browsers
 * talk to, autopush's WebSocket protocol (github.com/mozilla-services/autopush-rs, autoconnect): every subscription is
 * a device of the emulator, and what reaches the device goes on to the browser, still encrypted.
 *
 * It is strict: what the real service would refuse closes the connection and is noted in `complaints`.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import {
  startWebPushService,
  type WebPushDevice,
  type WebPushReceived,
  type WebPushService,
} from "../../src/testing/index.js";
import { Mailbox } from "./mailbox.js";
import type { BrowserPushService } from "./real_browser.js";

/** A browser's subscription, as the service knows it. */
export interface BrowserSubscription {
  /** What autopush calls the version of a message is here the id of its delivery. */
  readonly mailbox: Mailbox;
  /** What the browser said about each message, in order: 100 delivered, 101 not decrypted, 102 not delivered. */
  readonly codes: number[];
}

/** A browser profile; `uaid` is autopush's word. */
interface UserAgent {
  readonly uaid: string;
  /** By channel id. */
  readonly subscriptions: Map<string, BrowserSubscription>;
  socket: WebSocket | undefined;
}

export async function startAutopush(): Promise<Autopush> {
  const service = await startWebPushService();
  const sockets = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(sockets, "listening");
  return new Autopush(service, sockets);
}

export class Autopush implements BrowserPushService {
  /** What browsers said that the real service would have refused, and which of their workers failed. */
  readonly complaints: string[] = [];
  readonly #agents = new Map<string, UserAgent>();
  readonly #mailboxes: Mailbox[] = [];
  #away = false;

  constructor(
    /** The app servers' side. */
    readonly service: WebPushService,
    private readonly sockets: WebSocketServer,
  ) {
    sockets.on("connection", (socket) => (this.#away ? socket.terminate() : this.#serve(socket)));
  }

  /** For the browser's preference `dom.push.serverURL`. */
  get push_url(): string {
    return `ws://127.0.0.1:${(this.sockets.address() as AddressInfo).port}/`;
  }

  get config(): WebPushService["config"] {
    return this.service.config;
  }

  /** @param device_token JSON text of a subscription that is still in force. */
  subscription(device_token: string): BrowserSubscription {
    const found = this.#find(device_token);
    if (!found) throw new Error("no browser has this subscription");
    return found;
  }

  deviceOf(subscription_json: string): WebPushDevice | undefined {
    return this.#find(subscription_json)?.mailbox.device;
  }

  /** Cuts every browser off and lets none come back. */
  async goAway(): Promise<void> {
    this.#away = true;
    const closed = [...this.sockets.clients].map((socket) => once(socket, "close"));
    for (const socket of this.sockets.clients) socket.terminate();
    await Promise.all(closed);
  }

  comeBack(): void {
    this.#away = false;
  }

  /** As after a loss of data: a browser that comes back is a stranger, and learns that its subscriptions are gone. */
  forget(): void {
    this.#agents.clear();
  }

  async close(): Promise<void> {
    await this.goAway();
    for (const mailbox of this.#mailboxes) mailbox.close();
    const sockets_closed = once(this.sockets, "close");
    this.sockets.close();
    await Promise.all([sockets_closed, this.service.close()]);
    await Promise.all(this.#mailboxes.map(({ done }) => done));
  }

  #find(subscription_json: string): BrowserSubscription | undefined {
    const { endpoint } = JSON.parse(subscription_json) as { endpoint: string };
    const all = [...this.#agents.values()].flatMap((agent) => [...agent.subscriptions.values()]);
    return all.find(({ mailbox }) => mailbox.device.endpoint === endpoint);
  }

  #serve(socket: WebSocket): void {
    let agent: UserAgent | undefined;
    const refuse = (code: number, reason: string) => {
      this.complaints.push(reason);
      socket.close(code, reason);
    };
    socket.on("message", (data, is_binary) => {
      if (is_binary) return refuse(1003, "UnsupportedMessage");
      const message = read(data);
      if (!message) return refuse(1011, "Json");
      if (message.messageType === "hello") {
        if (agent) return refuse(1011, "a second hello");
        agent = this.#greet(socket, message);
        return;
      }
      if (!agent) return refuse(1011, `${message.messageType} before hello`);
      const answer = this.#answer(agent, message);
      if (answer) say(socket, answer);
    });
    socket.on("error", (error) => this.complaints.push(error.message));
    socket.on("close", () => {
      if (agent?.socket !== socket) return;
      agent.socket = undefined;
      for (const { mailbox } of agent.subscriptions.values()) mailbox.goOffline();
    });
  }

  #greet(socket: WebSocket, { uaid }: Hello): UserAgent {
    const known = this.#agents.get(uaid ?? "");
    const agent = known ?? { uaid: randomBytes(16).toString("hex"), subscriptions: new Map(), socket };
    this.#agents.set(agent.uaid, agent);
    agent.socket = socket;
    say(socket, { messageType: "hello", status: 200, uaid: agent.uaid, use_webpush: true, broadcasts: {} });
    for (const { mailbox } of agent.subscriptions.values()) mailbox.goOnline();
    return agent;
  }

  #answer(agent: UserAgent, message: Exclude<ClientMessage, Hello>): object | undefined {
    switch (message.messageType) {
      case "register": {
        const { messageType, channelID, key } = message;
        const device = this.service.createDevice({ vapid_public_key: key?.replaceAll("=", "") });
        const mailbox = new Mailbox(device, (version, content) => {
          if (agent.socket) notify(agent.socket, channelID, version, content);
        });
        this.#mailboxes.push(mailbox);
        agent.subscriptions.set(channelID, { mailbox, codes: [] });
        return { messageType, channelID, status: 200, pushEndpoint: device.endpoint };
      }
      case "unregister": {
        const { messageType, channelID } = message;
        agent.subscriptions.get(channelID)?.mailbox.device.unsubscribe();
        return { messageType, channelID, status: agent.subscriptions.delete(channelID) ? 200 : 500 };
      }
      case "ack":
        for (const { channelID, version, code } of message.updates) {
          const subscription = agent.subscriptions.get(channelID);
          subscription?.mailbox.acknowledge(version);
          subscription?.codes.push(code);
        }
        return undefined;
      case "nack":
        this.complaints.push(`nack ${message.code}`);
        return undefined;
      case "ping":
        return {};
      case "broadcast_subscribe":
        return undefined;
    }
  }
}

const clientMessage = z.discriminatedUnion("messageType", [
  z.object({ messageType: z.literal("hello"), use_webpush: z.literal(true), uaid: z.string().optional() }),
  z.object({ messageType: z.literal("register"), channelID: z.uuid(), key: z.string().optional() }),
  z.object({ messageType: z.literal("unregister"), channelID: z.uuid() }),
  z.object({
    messageType: z.literal("ack"),
    updates: z.array(z.object({ channelID: z.uuid(), version: z.string(), code: z.int() })),
  }),
  z.object({ messageType: z.literal("nack"), version: z.string(), code: z.int() }),
  z.object({ messageType: z.literal("broadcast_subscribe") }),
  z.object({ messageType: z.literal("ping") }),
]);
type ClientMessage = z.infer<typeof clientMessage>;
type Hello = Extract<ClientMessage, { messageType: "hello" }>;

function read(data: RawData): ClientMessage | undefined {
  try {
    const text = data.toString();
    return clientMessage.parse(text === "{}" ? { messageType: "ping" } : JSON.parse(text));
  } catch {
    return undefined;
  }
}

function notify(
  socket: WebSocket,
  channelID: string,
  version: string,
  { body, headers }: WebPushReceived,
): void {
  const content = {
    data: Buffer.from(body).toString("base64url"),
    headers: {
      encoding: headers["content-encoding"],
      encryption: headers.encryption,
      crypto_key: headers["crypto-key"],
    },
  };
  say(socket, { messageType: "notification", channelID, version, ...(body.length > 0 ? content : {}) });
}

function say(socket: WebSocket, message: object): void {
  socket.send(JSON.stringify(message));
}
