/**
 * Google's push service for real Chromium browsers. App servers talk to the web push emulator, by the name that Chromium
 * writes into every endpoint; this is the half that browsers talk to (chromium.googlesource.com/chromium/src, google_apis/gcm):
 * they check in and register over HTTP, and hold a connection over which messages come, MCS. Every subscription is a device
 * of the emulator, and what reaches the device goes on to the browser, still encrypted.
 *
 * It is strict: what the real service would refuse is refused, and noted in `complaints`.
 */
import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo, Server, Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { WebPushConfig } from "../../providers/web_push/index.js";
import { serverCertificate } from "../../src/testing/certificates.js";
import { startWebPushService, type WebPushDevice, type WebPushService } from "../../src/testing/index.js";
import { type ConnectProxy, startConnectProxy } from "./connect_proxy.js";
import { GcmDesk } from "./gcm_desk.js";
import { McsLink } from "./gcm_link.js";
import type { Mailbox } from "./mailbox.js";
import type { BrowserPushService } from "./real_browser.js";

/** Where builds without Google's keys have their endpoints; no switch changes it. */
const ENDPOINT_HOST = "jmt17.google.com";

export async function startGcm(): Promise<Gcm> {
  const service = await startWebPushService({ host: ENDPOINT_HOST });
  const complaints: string[] = [];
  const complain = (what: string) => void complaints.push(what);
  const proxy = await startConnectProxy(ENDPOINT_HOST, service.port, (target) =>
    complain(`a sender looks for ${target}`),
  );
  const desk = new GcmDesk(service, complain);
  const http = createServer(desk.serve);
  const { cert, key } = await serverCertificate();
  const mcs = createTlsServer({ cert, key }, (socket) => void new McsLink(socket, desk.browsers, complain));
  const sockets = new Set<Socket>();
  mcs.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  // Chromium breaks off its first handshake when its network service finds the network.
  mcs.on("tlsClientError", () => {});
  await Promise.all([listen(http), listen(mcs)]);
  return new Gcm(service, complaints, { desk, proxy, http, mcs, sockets, cert });
}

interface Parts {
  readonly desk: GcmDesk;
  readonly proxy: ConnectProxy;
  readonly http: HttpServer;
  readonly mcs: Server;
  readonly sockets: ReadonlySet<Socket>;
  readonly cert: string;
}

export class Gcm implements BrowserPushService {
  /** What leads a browser here. */
  readonly switches: readonly string[];
  readonly config: WebPushConfig;

  constructor(
    /** The app servers' side. */
    readonly service: WebPushService,
    readonly complaints: readonly string[],
    private readonly parts: Parts,
  ) {
    const { proxy, http, mcs, cert } = parts;
    this.config = { ...service.config, proxy: proxy.url };
    this.switches = [
      `--gcm-checkin-url=http://127.0.0.1:${portOf(http)}/checkin`,
      `--gcm-registration-url=http://127.0.0.1:${portOf(http)}/register`,
      `--gcm-mcs-endpoint=https://localhost:${portOf(mcs)}`,
      `--ignore-certificate-errors-spki-list=${spkiHash(cert)}`,
    ];
  }

  deviceOf(subscription_json: string): WebPushDevice | undefined {
    return this.mailboxOf(subscription_json)?.device;
  }

  mailboxOf(subscription_json: string): Mailbox | undefined {
    const { endpoint } = JSON.parse(subscription_json) as { endpoint: string };
    const all = [...this.parts.desk.browsers.values()].flatMap(({ subscriptions }) => [
      ...subscriptions.values(),
    ]);
    return all.find(({ mailbox }) => mailbox.device.endpoint === endpoint)?.mailbox;
  }

  async close(): Promise<void> {
    const { desk, proxy, http, mcs, sockets } = this.parts;
    for (const mailbox of desk.mailboxes) mailbox.close();
    const closed = [http, mcs].map((server) => once(server, "close"));
    http.close();
    http.closeAllConnections();
    mcs.close();
    for (const socket of sockets) socket.destroy();
    await Promise.all([...closed, proxy.close(), this.service.close()]);
    await Promise.all(desk.mailboxes.map(({ done }) => done));
  }
}

async function listen(server: Server): Promise<void> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** How Chromium names a key that it trusts whatever the certificate says. */
function spkiHash(certificate: string): string {
  const key = new X509Certificate(certificate).publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(key).digest("base64");
}
