import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { WebPushProvider } from "../../providers/web_push/index.js";
import { getPushProvider } from "../../src/index.js";
import { type Gcm, startGcm } from "./gcm.js";
import { TAG } from "./gcm_link.js";
import {
  encodeFrame,
  encodeMessage,
  type Fields,
  type Frame,
  FrameReader,
  MCS_VERSION,
  Message,
} from "./gcm_wire.js";

/** A browser as far as the protocols need one. */
class Client {
  private constructor(
    private readonly gcm: Gcm,
    readonly android_id: bigint,
    readonly security_token: bigint,
  ) {}

  static async checkIn(gcm: Gcm, fields: Fields = CHECK_IN): Promise<Client> {
    const response = await fetch(switchOf(gcm, "checkin-url"), {
      method: "POST",
      headers: { "content-type": "application/x-protobuf" },
      body: encodeMessage(fields),
    });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    const answer = new Message(Buffer.from(await response.arrayBuffer()));
    return new Client(gcm, answer.integer(7) ?? 0n, answer.integer(8) ?? 0n);
  }

  /** What a page's subscribe() does, or what `form` makes of it. */
  async register(form: Record<string, string> = {}, authorization?: string): Promise<string> {
    const { android_id: device, security_token } = this;
    const usual = { app: "org.chromium.linux", "X-subtype": SUBTYPE, device: `${device}`, sender: this.key };
    const scope = { scope: "GCM", "X-scope": "GCM", gmsv: "156", appid: "abcdefghijk" };
    const response = await fetch(switchOf(this.gcm, "registration-url"), {
      method: "POST",
      headers: {
        authorization: authorization ?? `AidLogin ${device}:${security_token}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: new URLSearchParams({ ...usual, ...scope, ...form }).toString(),
    });
    return response.text();
  }

  /** The subscription's JSON text. */
  async subscribe(): Promise<string> {
    const token = /^token=(.+)$/.exec(await this.register())?.[1];
    return JSON.stringify({
      endpoint: `https://jmt17.google.com/fcm/send/${token}`,
      expirationTime: null,
      keys: KEYS,
    });
  }

  async connect({
    version = MCS_VERSION,
    ...login
  }: {
    version?: number;
    received?: string[];
    token?: bigint;
  } = {}) {
    const { received = [], token = this.security_token } = login;
    const { port } = new URL(switchOf(this.gcm, "mcs-endpoint"));
    const socket = connect({ host: "localhost", port: Number(port), ca: this.gcm.service.ca });
    const link = new Link(socket);
    socket.write(Buffer.of(version));
    link.say(TAG.login_request, [
      [1, "chrome-156.0.0.0"],
      [2, "mcs.android.com"],
      [3, `${this.android_id}`],
      [4, `${this.android_id}`],
      [5, `${token}`],
      [6, `android-${this.android_id.toString(16)}`],
      ...received.map((id) => [10, id] as const),
      [14, true],
      [16, 2],
    ]);
    return link;
  }

  /** With the login behind it. */
  async online(received: string[] = []): Promise<Link> {
    const link = await this.connect({ received });
    expect(await link.hear()).toMatchObject({ tag: TAG.login_response });
    return link;
  }

  private get key(): string {
    return this.gcm.service.config.vapid_public_key;
  }
}

class Link {
  readonly #heard: Frame[] = [];
  readonly closed: Promise<unknown>;

  constructor(readonly socket: TLSSocket) {
    const reader = new FrameReader();
    socket.on("data", (chunk) => {
      for (const frame of reader.read(chunk)) this.#heard.push(frame);
    });
    this.closed = once(socket, "close");
  }

  say(tag: number, fields: Fields): void {
    this.socket.write(encodeFrame(tag, fields));
  }

  async hear(): Promise<Frame> {
    await expect.poll(() => this.#heard.length, { timeout: 5000 }).toBeGreaterThan(0);
    return this.#heard.shift() ?? { tag: -1, message: new Message(Buffer.alloc(0)) };
  }

  /** The next frame, which is a message. */
  async message() {
    const { tag, message } = await this.hear();
    expect(tag).toBe(TAG.data_message);
    const pairs = message.bytes(7).map((pair) => new Message(pair));
    return {
      id: message.text(9) ?? "",
      sender: message.text(3),
      app: message.text(5),
      data: Object.fromEntries(pairs.map((pair) => [pair.text(1), pair.text(2)])),
      body: message.bytes(21).at(0),
      ttl: Number(message.integer(17)),
      sent: Number(message.integer(18)),
      is_urgent: message.integer(24) === 1n,
    };
  }

  /** Nothing more has come before the answer to this. */
  async ping(last_received: number): Promise<void> {
    this.say(TAG.heartbeat_ping, [[2, last_received]]);
    expect(await this.hear()).toMatchObject({ tag: TAG.heartbeat_ack });
  }

  async drop(): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }
}

const checkInAs = (android_id: bigint, security_token: bigint): Fields => [
  [2, android_id],
  [4, encodeMessage([[12, 3]])],
  [13, { fixed64: security_token }],
  [14, 3],
];
const CHECK_IN = checkInAs(0n, 0n);
const SUBTYPE = `wp:http://localhost:1/#${randomUUID().toUpperCase()}-V2`;
// RFC 8291, Appendix A.
const KEYS = {
  p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
  auth: "BTBZMqHH6r4Tts7J_aSIgg",
};

function switchOf(gcm: Gcm, name: string): string {
  const found = gcm.switches.find((one) => one.startsWith(`--gcm-${name}=`));
  return found?.slice(found.indexOf("=") + 1) ?? "";
}

describe("the stand-in for Google's push service", () => {
  let gcm: Gcm;
  let client: Client;
  let provider: WebPushProvider;
  beforeEach(async () => {
    gcm = await startGcm();
    client = await Client.checkIn(gcm);
    provider = await getPushProvider("web_push", gcm.config);
  });
  afterEach(() => Promise.all([provider.close(), gcm.close()]));

  const send = (subscription: string, payload: Parameters<WebPushProvider["sendNotification"]>[1] = {}) =>
    provider.sendNotification(subscription, { title: "Hello", ...payload });
  const isWaitedFor = (subscription: string) =>
    expect.poll(() => gcm.mailboxOf(subscription)?.unacknowledged.size, { timeout: 5000 });

  it("a message goes through to its subscription, encrypted as it came, and is done when it is acknowledged", async () => {
    const link = await client.online();
    const subscription = await client.subscribe();
    const now = Math.floor(Date.now() / 1000);
    expect(await send(subscription, { ttl_seconds: 90 })).toMatchObject({ success: true, status_code: 201 });
    const { sent, ...message } = await link.message();
    expect(sent - now).toBeLessThan(60);
    expect(sent).toBeGreaterThanOrEqual(now);
    expect(message).toEqual({
      id: expect.any(String),
      sender: gcm.service.config.vapid_public_key,
      app: "org.chromium.linux",
      data: { subtype: SUBTYPE, "content-encoding": "aes128gcm" },
      body: Buffer.from(gcm.service.received[0]?.body ?? []),
      ttl: 90,
      is_urgent: true,
    });
    await isWaitedFor(subscription).toBe(1);
    // The login's answer was the first frame, the message the second.
    await link.ping(1);
    expect(gcm.mailboxOf(subscription)?.unacknowledged.size).toBe(1);
    link.say(TAG.iq, [
      [2, 1],
      [3, ""],
      [
        7,
        encodeMessage([
          [1, 13],
          [2, ""],
        ]),
      ],
      [10, 2],
    ]);
    await isWaitedFor(subscription).toBe(0);
  });

  it("an empty push has neither a body nor a coding", async () => {
    const link = await client.online();
    await send(await client.subscribe(), { platform_data: { web_push: { format: "empty" } } });
    const { data, body } = await link.message();
    expect({ data, body }).toEqual({ data: { subtype: SUBTYPE }, body: undefined });
  });

  it("what the browser has not received comes again after a reconnect, under the same id; a ttl of 0 does not", async () => {
    const link = await client.online();
    const subscription = await client.subscribe();
    for (const ttl_seconds of [0, 60, 60]) await send(subscription, { ttl_seconds });
    const [, first, second] = [await link.message(), await link.message(), await link.message()];
    await link.drop();
    const next = await client.online([first.id]);
    expect((await next.message()).id).toBe(second.id);
    await next.ping(2);
    await isWaitedFor(subscription).toBe(0);
  });

  it("of what comes while the browser is away, a topic keeps its last message and a ttl of 0 is dropped", async () => {
    const subscription = await client.subscribe();
    await send(subscription, { collapse_key: "news" });
    await send(subscription, { collapse_key: "news" });
    await send(subscription, { ttl_seconds: 0 });
    const link = await client.online();
    expect((await link.message()).body).toEqual(Buffer.from(gcm.service.received[1]?.body ?? []));
    await link.ping(2);
  });

  it("a second connection of the same browser takes the place of the first", async () => {
    const [first, subscription] = [await client.online(), await client.subscribe()];
    const second = await client.online();
    await first.closed;
    await send(subscription);
    await second.message();
  });

  it("registering again gives the same endpoint; after its deletion the endpoint is gone", async () => {
    const subscription = await client.subscribe();
    expect(await client.subscribe()).toBe(subscription);
    expect(await client.register({ delete: "true", scope: "*", "X-scope": "*", sender: "*" })).toMatch(
      /^token=/,
    );
    expect(gcm.deviceOf(subscription)).toBeUndefined();
    expect(await send(subscription)).toMatchObject({ error_code: "UNREGISTERED", status_code: 410 });
    expect(await client.subscribe()).not.toBe(subscription);
  });

  it("senders are judged as by Google: another key is 403", async () => {
    const subscription = await client.subscribe();
    const other = await client.register({ "X-subtype": `${SUBTYPE}2`, sender: `${KEYS.p256dh}` });
    const endpoint = `https://jmt17.google.com/fcm/send/${other.slice("token=".length)}`;
    const foreign = JSON.stringify({ ...JSON.parse(subscription), endpoint });
    expect(await send(foreign)).toMatchObject({ error_code: "SENDER_MISMATCH", status_code: 403 });
    expect(gcm.service.received.at(-1)?.claims).toMatchObject({ aud: "https://jmt17.google.com" });
  });

  it("a browser that checks in again is the same; what Chromium registers for itself is no subscription", async () => {
    const { android_id, security_token } = client;
    expect(await Client.checkIn(gcm, checkInAs(android_id, security_token))).toMatchObject({
      android_id,
      security_token,
    });
    const form = { app: "com.google.android.gms", "X-subtype": "", sender: "745476177629" };
    expect(await client.register(form)).toMatch(/^token=[\w-]+$/);
    expect(gcm.complaints).toEqual([]);
  });

  it.each<[string, string, () => Promise<unknown>]>([
    ["a check-in of another version", "400", () => Client.checkIn(gcm, CHECK_IN.slice(0, 3))],
    ["a check-in of a stranger", "401", () => Client.checkIn(gcm, checkInAs(7n, 7n))],
    ["a check-in of an impostor", "401", () => Client.checkIn(gcm, checkInAs(client.android_id, 7n))],
    ["a registration without a login", "AUTHENTICATION_FAILED", () => client.register({}, "AidLogin 1:1")],
    ["a registration for another device", "AUTHENTICATION_FAILED", () => client.register({ device: "1" })],
    ["a sender that is no key", "INVALID_SENDER", () => client.register({ sender: "745476177629" })],
    ["another scope", "INVALID_PARAMETERS", () => client.register({ scope: "*" })],
    ["no sender", "INVALID_PARAMETERS", () => client.register({ sender: "" })],
  ])("refuses %s with %s, and notes it", async (_title, words, act) => {
    expect(String(await act().catch((error: unknown) => error))).toContain(words);
    expect(gcm.complaints).toHaveLength(1);
  });

  it.each<[string, () => Promise<Link>]>([
    ["another version", () => client.connect({ version: 38 })],
    ["another's login", () => client.connect({ token: 1n })],
    ["a second login", async () => sayOn(await client.online(), TAG.login_request, [])],
    ["a frame of no known kind", async () => sayOn(await client.online(), 5, [])],
    ["a message that is cut off", async () => sayOn(await client.online(), TAG.iq, [[3, ""]], 1)],
  ])("closes on %s, and notes it", async (_title, act) => {
    await (await act()).closed;
    expect(gcm.complaints).toHaveLength(1);
  });

  it("its proxy leads senders to the push service and nowhere else", async () => {
    const subscription = await client.subscribe();
    const allowed_hosts = ["push.example.org"];
    const retry = { max_attempts: 1 };
    await using stray = await getPushProvider("web_push", { ...gcm.config, allowed_hosts, retry });
    const elsewhere = subscription.replace("jmt17.google.com", "push.example.org");
    expect(await stray.sendNotification(elsewhere, { title: "Lost" })).toMatchObject({ success: false });
    expect(gcm.complaints[0]).toContain("push.example.org:443");
  });
});

/** `missing`: so many of its last bytes are left out, though they are counted. */
function sayOn(link: Link, tag: number, fields: Fields, missing = 0): Link {
  const message = encodeMessage(fields);
  const frame = Buffer.concat([
    Buffer.of(tag, message.length - missing),
    message.subarray(0, message.length - missing),
  ]);
  link.socket.write(frame);
  return link;
}
