import type { IncomingMessage, ServerResponse } from "node:http";
import { PassThrough, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";

/** A request as Node's servers and the frameworks on top of them have it. */
interface NodeRequest extends IncomingMessage {
  /** Express: the URL before a mount path was cut off. */
  originalUrl?: string;
  /** What a body parser has made of the body. */
  body?: unknown;
}

/**
 * Handlers for Node's `(request, response)`: `node:http`, Express, Fastify (`request.raw`, `reply.raw`). A body that was
 * parsed already, say by `express.json()`, is taken as it is; its size was that parser's to limit.
 *
 * `app.use("/push", toNodeHandler(handle))`
 */
export function toNodeHandler(
  handle: (request: Request) => Promise<Response>,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (incoming, outgoing) => {
    const left = new AbortController();
    outgoing.once("close", () => left.abort());
    const body = new PassThrough();
    let request: Request;
    try {
      request = toRequest(incoming, body, left.signal);
    } catch {
      // A Host that is none, or a method such as TRACE that no Request can have.
      outgoing.writeHead(400).end();
      return;
    }
    await write(await handle(request), outgoing);
    // What was not read goes nowhere; to close the connection on it could cost the client its answer.
    incoming.unpipe(body).resume();
  };
}

function toRequest(incoming: NodeRequest, body: PassThrough, signal: AbortSignal): Request {
  const { method = "GET", originalUrl, url = "/" } = incoming;
  const scheme = "encrypted" in incoming.socket ? "https" : "http";
  const host = incoming.headers[":authority"] ?? incoming.headers.host ?? "localhost";
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (name.startsWith(":") || value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) headers.append(name, one);
  }
  const has_body = method !== "GET" && method !== "HEAD";
  return new Request(`${scheme}://${host}${originalUrl ?? url}`, {
    ...{ method, headers, signal },
    ...(has_body ? { body: bodyOf(incoming, body), duplex: "half" } : {}),
  });
}

function bodyOf(incoming: NodeRequest, through: PassThrough): ReadableStream | Uint8Array | string {
  const { body, readableEnded } = incoming;
  if (body !== undefined && readableEnded) {
    return typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
  }
  incoming.once("close", () => incoming.complete || through.destroy());
  return Readable.toWeb(incoming.pipe(through)) as ReadableStream;
}

async function write(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) outgoing.setHeader(name, value);
  outgoing.flushHeaders();
  if (!response.body) {
    outgoing.end();
    return;
  }
  // A client that leaves is no error; its leaving ends the body.
  await pipeline(Readable.fromWeb(response.body as NodeReadableStream), outgoing).catch(() => {});
}
