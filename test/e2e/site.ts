import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Site {
  /** `http://localhost:<port>`: a secure context without a certificate. */
  readonly origin: string;
  close(): Promise<void>;
}

const FILES: Readonly<Record<string, string>> = {
  "index.html": "text/html; charset=utf-8",
  "page.css": "text/css",
  "page.js": "text/javascript",
  "worker.js": "text/javascript",
  "icon.svg": "image/svg+xml",
};

/** Serves the folder `site` and, under `/vapid-public-key`, the key that its page subscribes with. */
export async function startSite(vapid_public_key: string): Promise<Site> {
  const server = createServer(async (request, response) => {
    const name = request.url?.slice(1) || "index.html";
    const type = FILES[name];
    if (name === "vapid-public-key") {
      response
        .setHeader("content-type", "application/json")
        .end(JSON.stringify({ publicKey: vapid_public_key }));
    } else if (type) {
      response.setHeader("content-type", type).end(await readFile(new URL(`site/${name}`, import.meta.url)));
    } else {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
