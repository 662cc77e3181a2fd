import { once } from "node:events";
import { serve } from "@hono/node-server";
import { createApp } from "./app.mjs";

/** Whoever is still being answered has so long. */
const GRACE_MS = 3000;

/**
 * The site on a port.
 *
 * @param {import("./app.mjs").AppOptions & { port?: number, host?: string }} options
 *   `port` 0: a free one. `host`: `127.0.0.1` by default, so that it is there for this machine alone.
 */
export async function startApp({ port = 0, host = "127.0.0.1", ...options }) {
  const app = await createApp(options);
  const server = serve({ fetch: app.fetch, port, hostname: host });
  try {
    await once(server, "listening");
  } catch (error) {
    await app.close();
    throw error;
  }
  const address = server.address();
  const url = `http://localhost:${typeof address === "object" ? address?.port : port}`;
  /** @type {Promise<void> | undefined} */
  let closing;
  return { ...app, url, close: () => (closing ??= close()) };

  async function close() {
    const closed = once(server, "close");
    server.close();
    await app.stop();
    const timer = setTimeout(() => "closeAllConnections" in server && server.closeAllConnections(), GRACE_MS);
    await closed;
    clearTimeout(timer);
    await app.close();
  }
}
