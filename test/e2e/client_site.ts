import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build, type Format } from "esbuild";
import { PushApi } from "../browser/push_api.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

export interface ClientSite {
  /** `http://localhost:<port>`: a secure context without a certificate. */
  readonly origin: string;
  /** The site's own server, below `/push/`. */
  readonly api: PushApi;
  close(): Promise<void>;
}

/** A site without a bundler: its pages, one of them the guide's, load `/browser.js`, and the ready worker `/sw.js`. */
export async function startClientSite(vapid_public_key: string): Promise<ClientSite> {
  const api = new PushApi(vapid_public_key);
  const page = (name: string) => readFile(new URL(`client_site/${name}`, import.meta.url), "utf8");
  const [, guide = ""] = /```html\n(.*?)```/s.exec(await readFile(`${root}docs/browser.md`, "utf8")) ?? [];
  const files = new Map([
    ["/", ["text/html", await page("index.html")]],
    ["/guide.html", ["text/html", guide]],
    ["/page.js", ["text/javascript", await page("page.js")]],
    ["/browser.js", ["text/javascript", await bundle("src/browser/index.ts", "esm")]],
    ["/sw.js", ["text/javascript", await bundle("src/service_worker/sw.ts", "iife")]],
  ]);
  const server = createServer((request, response) => {
    const path = request.url?.replace(/\?.*/, "") ?? "";
    const [type = "", text] = files.get(path) ?? [];
    if (path.startsWith("/push/")) void api.handle(request, response);
    else if (text === undefined) response.writeHead(404).end();
    else response.setHeader("content-type", type).end(text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    api,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function bundle(entry: string, format: Format): Promise<string> {
  const options = { absWorkingDir: root, entryPoints: [entry], format, target: "es2022" };
  const { outputFiles } = await build({ ...options, bundle: true, minify: true, write: false });
  return outputFiles[0]?.text ?? "";
}
