import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { Agent } from "node:https";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import webpush, { type RequestOptions, WebPushError } from "web-push";
import { WebSocket } from "ws";
import { type Autopush, startAutopush } from "./autopush.js";

/** A browser as far as the protocol needs one. */
class Client {
  readonly #heard: Record<string, unknown>[] = [];
  readonly closed: Promise<number>;

  private constructor(readonly socket: WebSocket) {
    socket.on("message", (data) => this.#heard.push(JSON.parse(data.toString())));
    this.closed = once(socket, "close").then(([code]) => code as number);
  }

  static async connect({ push_url }: Autopush): Promise<Client> {
    const client = new Client(new WebSocket(push_url, "push-notification"));
    await once(client.socket, "open");
    return client;
  }

  say(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  /** The service's next message. */
  async hear(): Promise<Record<string, unknown>> {
    await expect.poll(() => this.#heard.length, { timeout: 5000 }).toBeGreaterThan(0);
    return this.#heard.shift() ?? {};
  }

  ask(message: object): Promise<Record<string, unknown>> {
    this.say(message);
    return this.hear();
  }
}

const HELLO = { messageType: "hello", use_webpush: true, broadcasts: {} };
// RFC 8291, Appendix A.
const KEYS = {
  p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
  auth: "BTBZMqHH6r4Tts7J_aSIgg",
};

describe("the autopush stand-in", () => {
  let autopush: Autopush;
  let client: Client;
  beforeEach(async () => {
    autopush = await startAutopush();
    client = await Client.connect(autopush);
  });
  afterEach(() => autopush.close());

  async function subscribe() {
    const channelID = randomUUID();
    const { uaid } = await client.ask(HELLO);
    const key = `${autopush.service.config.vapid_public_key}=`;
    const answer = await client.ask({ messageType: "register", channelID, key });
    expect(answer).toMatchObject({ messageType: "register", channelID, status: 200 });
    return { uaid, channelID, endpoint: String(answer.pushEndpoint) };
  }

  /** By another sender than ours. */
  async function send(endpoint: string, options: RequestOptions = {}, body = "hello") {
    const { ca, vapid_subject, vapid_public_key, vapid_private_key } = autopush.service.config;
    const vapidDetails = {
      subject: vapid_subject,
      publicKey: vapid_public_key,
      privateKey: vapid_private_key,
    };
    const agent = new Agent({ ca });
    const request = { TTL: 60, vapidDetails, agent, ...options };
    return webpush.sendNotification({ endpoint, keys: KEYS }, body, request).finally(() => agent.destroy());
  }

  async function refusal(sent: Promise<unknown>) {
    const error = await sent.catch((reason: unknown) => reason);
    if (!(error instanceof WebPushError)) throw new Error("it was not refused");
    return JSON.parse(error.body);
  }

  /** The connection breaks, and the browser comes back. */
  async function reconnect(uaid: unknown, meanwhile: () => Promise<unknown> = async () => {}) {
    await autopush.goAway();
    await meanwhile();
    autopush.comeBack();
    client = await Client.connect(autopush);
    return client.ask({ ...HELLO, uaid });
  }

  it("a message goes through to its channel, encrypted as it came, and is done when it is acknowledged", async () => {
    const { channelID, endpoint } = await subscribe();
    const { codes, mailbox } = autopush.subscription(JSON.stringify({ endpoint }));
    expect((await send(endpoint)).headers).toMatchObject({
      location: expect.stringMatching(/\/m\/.+/),
      ttl: "60",
    });
    const { version, ...notification } = await client.hear();
    expect(notification).toEqual({
      messageType: "notification",
      channelID,
      data: expect.stringMatching(/^[\w-]{140,}$/),
      headers: { encoding: "aes128gcm" },
    });
    expect([...mailbox.unacknowledged.keys()]).toEqual([version]);
    client.say({ messageType: "ack", updates: [{ channelID, version, code: 100 }] });
    await expect.poll(() => codes, { timeout: 5000 }).toEqual([100]);
    expect(mailbox.unacknowledged.size).toBe(0);
  });

  it("what was not acknowledged comes again after a reconnect, under the same version; a ttl of 0 does not", async () => {
    const { uaid, endpoint } = await subscribe();
    await send(endpoint, { TTL: 0 });
    await send(endpoint);
    await client.hear();
    const { version } = await client.hear();
    expect(await reconnect(uaid)).toMatchObject({ messageType: "hello", uaid });
    expect(await client.hear()).toMatchObject({ messageType: "notification", version });
    expect(await client.ask({})).toEqual({});
  });

  it("of what comes while the browser is away, a topic keeps its last message and a ttl of 0 is dropped", async () => {
    const { uaid, endpoint } = await subscribe();
    await reconnect(uaid, async () => {
      await send(endpoint, { topic: "news" }, "early");
      await send(endpoint, { topic: "news" }, "late");
      await send(endpoint, { TTL: 0 });
    });
    const { data } = await client.hear();
    const late = autopush.service.received[1];
    expect(data).toBe(Buffer.from(late?.body ?? []).toString("base64url"));
    expect(await client.ask({})).toEqual({});
  });

  it("after unregister the endpoint is gone: 410, errno 106", async () => {
    const { channelID, endpoint } = await subscribe();
    const unregister = { messageType: "unregister", channelID };
    expect(await client.ask({ ...unregister, code: 200 })).toEqual({ ...unregister, status: 200 });
    expect(await refusal(send(endpoint))).toMatchObject({ code: 410, errno: 106, error: "Gone" });
    expect(await client.ask(unregister)).toEqual({ ...unregister, status: 500 });
  });

  it("senders are refused as by Mozilla: another key 401, errno 109; too large 413, errno 104", async () => {
    const { endpoint } = await subscribe();
    const vapidDetails = { subject: "mailto:ops@example.org", ...webpush.generateVAPIDKeys() };
    expect(await refusal(send(endpoint, { vapidDetails }))).toMatchObject({ code: 401, errno: 109 });
    expect(await refusal(send(endpoint, {}, "x".repeat(3994)))).toMatchObject({ code: 413, errno: 104 });
  });

  it("a browser that the service does not know gets a new id", async () => {
    const { uaid } = await client.ask({ ...HELLO, uaid: "0".repeat(32) });
    expect(uaid).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
  });

  it.each([
    ["no hello first", 1011, [{ messageType: "ping" }]],
    ["a second hello", 1011, [HELLO, HELLO]],
    ["a message of no known type", 1011, [HELLO, { messageType: "purge" }]],
    ["a channel id that is no UUID", 1011, [HELLO, { messageType: "register", channelID: "1" }]],
    ["binary data", 1003, [Buffer.from("{}")]],
  ])("closes on %s, with %i, and notes it", async (_title, code, messages) => {
    for (const message of messages) {
      if (Buffer.isBuffer(message)) client.socket.send(message);
      else client.say(message);
    }
    expect(await client.closed).toBe(code);
    expect(autopush.complaints).toHaveLength(1);
  });
});
