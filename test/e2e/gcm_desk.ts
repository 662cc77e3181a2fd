import { randomBytes } from "node:crypto";
import type { IncomingMessage, RequestListener } from "node:http";
import { buffer } from "node:stream/consumers";
import type { WebPushDevice, WebPushService } from "../../src/testing/index.js";
import type { McsLink } from "./gcm_link.js";
import { encodeMessage, Message } from "./gcm_wire.js";
import { type Deliver, Mailbox } from "./mailbox.js";

/** A browser profile that has checked in. */
export interface GcmBrowser {
  /** Decimal, as everybody but the check-in writes it. */
  readonly android_id: string;
  readonly security_token: string;
  /** By `subtype`. */
  readonly subscriptions: Map<string, GcmSubscription>;
  link: McsLink | undefined;
}

export interface GcmSubscription {
  readonly app: string;
  /** Chromium's name for what a page has subscribed: `wp:<origin>/#<uuid>-V2`. */
  readonly subtype: string;
  /** The page's VAPID key. */
  readonly sender: string;
  readonly mailbox: Mailbox;
}

interface Reply {
  readonly status: number;
  readonly body: string | Buffer;
}

/** Where browsers check in (checkin.proto) and register (registration_request.cc), each by a POST. */
export class GcmDesk {
  /** By `android_id`. */
  readonly browsers = new Map<string, GcmBrowser>();
  /** Those of subscriptions that are gone are among them. */
  readonly mailboxes: Mailbox[] = [];

  constructor(
    private readonly service: WebPushService,
    private readonly complain: (what: string) => void,
  ) {}

  readonly serve: RequestListener = async (request, response) => {
    const body = await buffer(request).catch(() => undefined);
    if (!body) return;
    const { status, body: answer } = this.#answer(request, body);
    response.writeHead(status).end(answer);
  };

  #answer({ method, url, headers }: IncomingMessage, body: Buffer): Reply {
    const [path, type] = [`${method} ${url}`, headers["content-type"]];
    if (path === "POST /checkin" && type === "application/x-protobuf") return this.#checkIn(body);
    if (path === "POST /register" && type === "application/x-www-form-urlencoded") {
      return this.#register(new URLSearchParams(body.toString()), headers.authorization);
    }
    return this.#refuse(404, `${path} of type ${type}`);
  }

  #checkIn(body: Buffer): Reply {
    const request = parse(body);
    const [id = 0n, token] = [request?.integer(2), request?.integer(13)];
    if (!request || request.bytes(4).length === 0 || request.integer(14) !== 3n) {
      return this.#refuse(400, "a check-in that is none of version 3");
    }
    const browser = id === 0n ? this.#newBrowser() : this.browsers.get(String(id));
    if (!browser || (id !== 0n && String(token) !== browser.security_token)) {
      return this.#refuse(401, "a check-in in another's name");
    }
    const { android_id, security_token } = browser;
    const answer = encodeMessage([
      [1, true],
      [3, Date.now()],
      [7, { fixed64: BigInt(android_id) }],
      [8, { fixed64: BigInt(security_token) }],
    ]);
    return { status: 200, body: answer };
  }

  #register(form: URLSearchParams, authorization: string | undefined): Reply {
    const browser = this.browsers.get(form.get("device") ?? "");
    if (!browser || authorization !== `AidLogin ${browser.android_id}:${browser.security_token}`) {
      return this.#refuse(401, "a registration in another's name", "AUTHENTICATION_FAILED");
    }
    const app = form.get("app");
    const subtype = form.get("X-subtype") ?? "";
    const sender = form.get("sender");
    if (!app || !sender) return this.#refuse(200, "a registration for nobody", "INVALID_PARAMETERS");
    if (form.get("delete") === "true") return this.#forget(browser, subtype);
    // Beside what pages subscribe, Chromium has a registration of its own.
    if (!subtype.startsWith("wp:")) return tokenReply(randomBytes(32).toString("base64url"));
    const complete = form.get("scope") === "GCM" && form.get("X-scope") === "GCM" && form.get("appid");
    if (!complete) return this.#refuse(200, "a registration without its scope", "INVALID_PARAMETERS");
    const known = browser.subscriptions.get(subtype);
    if (known?.sender === sender) return tokenReply(tokenOf(known.mailbox.device));
    const device = this.#newDevice(sender);
    if (!device) return this.#refuse(200, "a sender that is no VAPID key", "INVALID_SENDER");
    known?.mailbox.device.unsubscribe();
    this.#keep(browser, { app, subtype, sender }, device);
    return tokenReply(tokenOf(device));
  }

  #forget(browser: GcmBrowser, subtype: string): Reply {
    browser.subscriptions.get(subtype)?.mailbox.device.unsubscribe();
    browser.subscriptions.delete(subtype);
    return tokenReply(subtype);
  }

  #keep(browser: GcmBrowser, names: Omit<GcmSubscription, "mailbox">, device: WebPushDevice): void {
    const deliver: Deliver = (id, message) => browser.link?.deliver(subscription, id, message);
    const mailbox = new Mailbox(device, deliver, { online: browser.link !== undefined });
    const subscription: GcmSubscription = { ...names, mailbox };
    browser.subscriptions.set(names.subtype, subscription);
    this.mailboxes.push(mailbox);
  }

  #newBrowser(): GcmBrowser {
    const browser = {
      android_id: newId(),
      security_token: newId(),
      subscriptions: new Map(),
      link: undefined,
    };
    this.browsers.set(browser.android_id, browser);
    return browser;
  }

  #newDevice(vapid_public_key: string): WebPushDevice | undefined {
    try {
      return this.service.createDevice({ vendor: "fcm", vapid_public_key });
    } catch {
      return undefined;
    }
  }

  #refuse(status: number, what: string, code = "INVALID_PARAMETERS"): Reply {
    this.complain(what);
    return { status, body: `Error=${code}` };
  }
}

function parse(body: Buffer): Message | undefined {
  try {
    return new Message(body);
  } catch {
    return undefined;
  }
}

/** The endpoint's last part; Chromium itself puts the rest before it. */
function tokenOf({ endpoint }: WebPushDevice): string {
  return endpoint.slice(endpoint.lastIndexOf("/") + 1);
}

function tokenReply(token: string): Reply {
  return { status: 200, body: `token=${token}` };
}

/** Neither zero nor negative, whoever reads it as a signed number. */
function newId(): string {
  return String((randomBytes(8).readBigUInt64LE() >> 2n) + 1n);
}
