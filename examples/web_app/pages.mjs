import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PUBLIC = fileURLToPath(new URL("public/", import.meta.url));
const PACKAGE = dirname(createRequire(import.meta.url).resolve("pushmux/sw.js"));

/** @type {Readonly<Record<string, string>>} */
const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/png",
  ".js": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".webmanifest": "application/manifest+json",
};

/** Paths of pages; every other file stands under its own name. */
/** @type {Readonly<Record<string, string>>} */
const PAGES = { "subscriber.html": "/", "admin.html": "/admin", "sign_in.html": "/admin/sign-in" };

/**
 * Everything is from here, and no script or style stands in a page; pictures of a preview may come from anywhere.
 * https://www.w3.org/TR/CSP3/
 */
const POLICY = [
  "default-src 'none'",
  ...["script-src", "style-src", "connect-src", "manifest-src", "worker-src"].map((name) => `${name} 'self'`),
  "img-src 'self' https: data:",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** @type {Readonly<Record<string, string>>} */
export const SECURITY_HEADERS = {
  "content-security-policy": POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=()",
};

/**
 * The pages, their files, and from the package the two that a browser loads. What there is is known at the start: no path
 * of a request ever names a file.
 *
 * @returns {Promise<(request: Request, path: string) => Response | undefined>}
 */
export async function openPages() {
  const own = (await readdir(PUBLIC)).map((name) => join(PUBLIC, name));
  const files = [...own, join(PACKAGE, "browser.js"), join(PACKAGE, "sw.js")];
  const pages = new Map(await Promise.all(files.map(readPage)));
  return (request, path) => {
    const page = pages.get(path);
    if (!page) return undefined;
    const { etag, type, bytes } = page;
    // Asked again each time: a new version is there at once.
    const headers = { "cache-control": "no-cache", etag };
    if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers });
    const body = request.method === "HEAD" ? null : bytes;
    return new Response(body, { headers: { ...headers, "content-type": type } });
  };
}

/** @param {string} file */
async function readPage(file) {
  const bytes = new Uint8Array(await readFile(file));
  const name = file.slice(dirname(file).length + 1);
  const etag = `"${createHash("sha256").update(bytes).digest("base64url")}"`;
  const type = TYPES[extname(name)] ?? "application/octet-stream";
  return /** @type {const} */ ([PAGES[name] ?? `/${name}`, { etag, type, bytes }]);
}
