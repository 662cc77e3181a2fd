import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from "node:http2";
import type { SecureContextOptions } from "node:tls";

export interface Http2Reply {
  /** Absent when the stream closed without an answer. */
  status?: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The error code with which the stream closed; 0 when the answer is whole. */
  rst_code: number;
  error?: Error & { code?: string };
}

export interface Http2Sent {
  method?: string;
  path?: string;
  /** A header with several values is sent several times. */
  headers?: Record<string, string | string[]>;
  body?: Uint8Array | string;
}

/** One connection by node:http2, which knows nothing of this package. */
export interface Http2Client extends AsyncDisposable {
  readonly session: ClientHttp2Session;
  readonly goaways: { code: number; last_id: number; data: string }[];
  /** Every limit on concurrent streams that the server has set. */
  readonly limits: (number | undefined)[];
  /** Always resolves, when the stream is closed. */
  send(request?: Http2Sent): Promise<Http2Reply>;
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>;
}

/** Resolves when the server's SETTINGS are there. */
export async function connectHttp2(
  origin: string,
  ca: string,
  credentials: Pick<SecureContextOptions, "cert" | "key"> = {},
): Promise<Http2Client> {
  const session = connect(origin, { ca, ...credentials });
  const goaways: Http2Client["goaways"] = [];
  const limits: Http2Client["limits"] = [];
  session.on("goaway", (code, last_id, data) => {
    goaways.push({ code, last_id, data: data ? Buffer.from(data).toString() : "" });
  });
  session.on("remoteSettings", (settings) => limits.push(settings.maxConcurrentStreams));
  const closed = new Promise<void>((resolve) => session.once("close", resolve));
  await new Promise<void>((resolve, reject) => {
    session.once("error", reject);
    session.once("remoteSettings", () => resolve());
  });
  session.on("error", () => {});
  return {
    session,
    goaways,
    limits,
    closed,
    send: (request) => send(session, request),
    [Symbol.asyncDispose]: async () => {
      session.destroy();
      await closed;
    },
  };
}

function send(
  session: ClientHttp2Session,
  { method = "POST", path = "/", headers = {}, body }: Http2Sent = {},
): Promise<Http2Reply> {
  return new Promise((resolve) => {
    const reply: Http2Reply = { headers: {}, text: "", rst_code: 0 };
    const stream = session.request({ ":method": method, ":path": path, ...headers }, { endStream: false });
    const chunks: Buffer[] = [];
    stream.on("response", (answer) => {
      reply.status = answer[":status"] ?? 0;
      reply.headers = answer;
    });
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", (error) => {
      reply.error = error;
    });
    stream.on("close", () => {
      reply.text = Buffer.concat(chunks).toString();
      reply.rst_code = stream.rstCode ?? 0;
      resolve(reply);
    });
    stream.end(body);
  });
}
