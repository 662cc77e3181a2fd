import { once } from "node:events";
import { connect } from "node:tls";
import type { WnsDevice, WnsService } from "../../../src/testing/index.js";
import { type Reply, request } from "../../testing/client.js";

/** A request that WNS takes, laid open so that a test can spoil one thing of it. */
export interface Push {
  method: string;
  url: string;
  headers: Record<string, string | string[]>;
  body: Uint8Array;
}

export const TOAST =
  '<toast launch="order=42"><visual><binding template="ToastGeneric"><text>Order 42</text><text>Shipped &amp; on its way</text></binding></visual></toast>';
export const TILE =
  '<tile><visual><binding template="TileMedium"><text hint-style="captionSubtle">Order 42</text></binding></visual></tile>';
export const BADGE = '<badge value="7"/>';

export function goodPush(service: WnsService, device: WnsDevice, type = "toast", body?: string): Push {
  const bodies: Record<string, string> = { toast: TOAST, tile: TILE, badge: BADGE, raw: "any bytes" };
  return {
    method: "POST",
    url: device.device_token,
    headers: {
      authorization: `Bearer ${service.createAccessToken()}`,
      "content-type": type === "raw" ? "application/octet-stream" : "text/xml",
      "x-wns-type": `wns/${type}`,
    },
    body: Buffer.from(body ?? bodies[type] ?? ""),
  };
}

export function send(service: WnsService, { body, ...push }: Push): Promise<Reply> {
  // A body with DELETE would otherwise go out in chunks.
  const headers = { "content-length": String(body.length), ...push.headers };
  return request({ ...push, headers, body, ca: service.ca });
}

/** Sends these lines and no others, which no HTTP client would; resolves with the head of the answer. */
export async function sendLines(service: WnsService, lines: readonly string[]): Promise<string> {
  const socket = connect({ port: service.port, host: "localhost", ca: service.ca, servername: "localhost" });
  socket.end(`${lines.join("\r\n")}\r\n\r\n`);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(socket, "end", { signal: AbortSignal.timeout(5000) });
  return Buffer.concat(chunks).toString();
}
