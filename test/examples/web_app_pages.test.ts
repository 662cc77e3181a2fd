import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../setup/packed_project.js";
import { runOk } from "../setup/run.js";
import { installWebApp, openSite, PASSWORD, type Site } from "./web_app_site.js";

const PUBLIC = join(root, "examples/web_app/public");
const read = (name: string) => readFileSync(join(PUBLIC, name), "utf8");
const PAGES = readdirSync(PUBLIC).filter((name) => name.endsWith(".html"));

let folder: string;
let site: Site;
const endings: (() => Promise<void>)[] = [];
beforeAll(async () => {
  folder = await installWebApp("web_app_pages");
  site = await openSite(folder, {}, (close) => endings.unshift(close));
});
afterAll(async () => {
  for (const close of endings) await close();
});

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

/** The pages are written as HTML that is XML, too, so that any parser finds a tag that is not closed. */
function parsePage(name: string): Element[] {
  const text = read(name).replace("<!doctype html>", "");
  const verdict = XMLValidator.validate(text, { allowBooleanAttributes: true });
  if (verdict !== true) throw new Error(`${name}:${verdict.err.line} ${verdict.err.msg}`);
  const parser = new XMLParser({
    ...{ preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: "" },
    ...{ allowBooleanAttributes: true, parseTagValue: false, trimValues: false },
  });
  return (parser.parse(text) as object[]).flatMap(toElement);
}

function toElement(node: object): Element[] {
  const { ":@": attributes = {}, ...rest } = node as Record<string, never>;
  const [[name, children] = ["#text", []]] = Object.entries(rest) as [string, object[]][];
  if (name === "#text") return [];
  const nodes = Array.isArray(children) ? children : [];
  const text = nodes.map((child) => textOf(child)).join("");
  return [{ name, attributes, children: nodes.flatMap(toElement), text }];
}

function textOf(node: object): string {
  if ("#text" in node) return String(node["#text"]);
  const [children] = Object.values(node);
  return Array.isArray(children) ? children.map(textOf).join("") : "";
}

const all = (elements: readonly Element[]): Element[] =>
  elements.flatMap((element) => [element, ...all(element.children)]);

describe.each(PAGES)("%s", (name) => {
  const elements = all(parsePage(name));
  const of = (...names: string[]) => elements.filter((element) => names.includes(element.name));

  it("has a language, a title, a character set, one main part, one headline of each view", () => {
    expect(read(name)).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(of("title")).toHaveLength(1);
    expect(of("meta")[0]?.attributes).toEqual({ charset: "utf-8" });
    expect(read(name)).toContain('name="viewport" content="width=device-width, initial-scale=1"');
    expect(of("main")).toHaveLength(1);
    const views = elements.filter(({ attributes }) => attributes.class === "view");
    expect(of("h1")).toHaveLength(views.length || 1);
  });

  it("gives every id once, and every reference to one finds it", () => {
    const ids = elements.flatMap(({ attributes }) => (attributes.id ? [attributes.id] : []));
    expect(ids.filter((id, place) => ids.indexOf(id) !== place)).toEqual([]);
    const references = elements.flatMap(({ attributes }) =>
      ["for", "aria-labelledby", "aria-describedby"].flatMap((kind) => attributes[kind]?.split(" ") ?? []),
    );
    expect(references.filter((id) => !ids.includes(id))).toEqual([]);
    const views = ids.filter((id) => id.startsWith("view_")).map((id) => `#${id.slice("view_".length)}`);
    const anchors = of("a").flatMap(({ attributes }) =>
      attributes.href?.startsWith("#") ? [attributes.href] : [],
    );
    expect(anchors.filter((href) => !views.includes(href) && !ids.includes(href.slice(1)))).toEqual([]);
  });

  it("labels every field, gives every button a type and words, and every picture a text", () => {
    const labelled = new Set([
      ...of("label").map(({ attributes }) => attributes.for),
      ...of("label").flatMap(({ children }) => children),
    ]);
    const fields = of("input", "select", "textarea");
    expect(fields.filter((field) => !labelled.has(field.attributes.id) && !labelled.has(field))).toEqual([]);
    const buttons = of("button").filter(({ attributes, text }) => !attributes.type || !text.trim());
    expect(buttons).toEqual([]);
    expect(of("img").filter(({ attributes }) => !("alt" in attributes))).toEqual([]);
  });

  it("has no script, style or handler in it, and loads nothing from elsewhere", () => {
    expect(of("script").filter(({ attributes, text }) => !attributes.src || text.trim())).toEqual([]);
    expect(of("style", "iframe", "object", "base")).toEqual([]);
    const attributes = elements.flatMap((element) => Object.entries(element.attributes));
    expect(attributes.filter(([key]) => key.startsWith("on") || key === "style")).toEqual([]);
    expect(attributes.filter(([, value]) => /^(\w+:|\/\/)/.test(String(value)))).toEqual([]);
  });

  it("asks only for what is there, and its scripts for elements that are", async () => {
    const links = elements.flatMap(({ attributes: { href, src } }) => [href, src]);
    const paths = links.filter((path) => path?.startsWith("/"));
    const scripts = scriptsFrom(paths.flatMap((path) => (path?.endsWith(".js") ? [path.slice(1)] : [])));
    for (const path of [...paths, ...scripts.map((script) => `/${script}`)]) {
      const status = path === "/admin" ? 401 : 200;
      expect([path, (await site.visitor().ask(`GET ${path}`)).status]).toEqual([path, status]);
    }
    const ids = new Set(elements.map(({ attributes }) => attributes.id));
    const asked = scripts.flatMap((script) =>
      [...read(script).matchAll(/byId\("(\w+)"\)/g)].map(([, id = ""]) => id),
    );
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((id) => !ids.has(id))).toEqual([]);
  });
});

/** Scripts and all that they import of ours. */
function scriptsFrom(names: readonly string[], seen = new Set<string>()): string[] {
  for (const name of names) {
    if (seen.has(name)) continue;
    seen.add(name);
    scriptsFrom(
      [...read(name).matchAll(/ from "\.\/(\w+\.js)"/g)].map(([, other = ""]) => other),
      seen,
    );
  }
  return [...seen];
}

describe("what is served", () => {
  it("every answer carries the policy and keeps sniffing, framing and referrers out", async () => {
    for (const what of [
      "GET /",
      "GET /app.css",
      "GET /nothing",
      "GET /admin",
      "GET /push/platforms",
      "GET /preferences",
    ]) {
      const { headers } = await site.visitor().ask(what);
      expect(headers.get("content-security-policy")).toContain("default-src 'none'; script-src 'self'");
      expect(headers.get("content-security-policy")).not.toContain("unsafe");
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
    }
  });

  it("what is somebody's own is stored nowhere; a file is asked for again, and not sent again", async () => {
    const visitor = site.visitor();
    for (const path of ["/admin/api/session", "/preferences", "/push/statistics"]) {
      expect((await visitor.ask(`GET ${path}`)).headers.get("cache-control")).toBe("no-store");
    }
    await visitor.signIn("admin", PASSWORD);
    expect((await visitor.ask("GET /admin")).headers.get("cache-control")).toBe("no-store");
    const first = await visitor.ask("GET /app.css");
    expect(first.headers.get("cache-control")).toBe("no-cache");
    const again = await visitor.ask("GET /app.css", undefined, {
      "if-none-match": first.headers.get("etag") ?? "",
    });
    expect([again.status, again.text]).toEqual([304, ""]);
  });

  it.each([
    ["/browser.js", "text/javascript; charset=utf-8", /createPushClient/],
    ["/sw.js?title=Loop", "text/javascript; charset=utf-8", /notificationclick/],
    ["/manifest.webmanifest", "application/manifest+json", /"start_url": "\/"/],
    ["/favicon.ico", "image/png", /^.PNG/],
  ])("5.4.1 %s is served as %s", async (path, type, text) => {
    const answer = await site.visitor().ask(`GET ${path}`);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, type]);
    expect(answer.text).toMatch(text);
  });

  it.each([
    "/../app.mjs",
    "/%2e%2e/app.mjs",
    "/app.mjs",
    "/data/vapid_keys.json",
    "/push.db",
    "/subscriber.html",
  ])("%s is no page", async (path) => {
    expect((await site.visitor().ask(`GET ${path}`)).status).toBe(404);
  });

  it.each([
    ["icon-192x192.png", 192],
    ["icon-512x512.png", 512],
    ["badge-72x72.png", 72],
  ])("5.1.w1 %s is a picture of its size, small, and the manifest's are there", async (name, size) => {
    const bytes = readFileSync(join(PUBLIC, name));
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([size, size]);
    expect(bytes.length).toBeLessThan(20_000);
    const data = bytes.subarray(bytes.indexOf("IDAT") + 4);
    expect(inflateSync(data)).toHaveLength(size * (4 * size + 1));
    const { icons } = JSON.parse(read("manifest.webmanifest")) as { icons: { src: string }[] };
    expect(icons.map(({ src }) => src)).toEqual(["/icon-192x192.png", "/icon-512x512.png"]);
    expect((await site.visitor().ask(`GET /${name}`)).status).toBe(200);
  });

  it("make_icons.mjs draws the icons that are committed", async () => {
    const pixels = (place: string) => {
      const bytes = readFileSync(place);
      return inflateSync(bytes.subarray(bytes.indexOf("IDAT") + 4));
    };
    const names = ["icon-192x192.png", "icon-512x512.png", "badge-72x72.png", "favicon.ico"];
    for (const name of names) rmSync(join(folder, "public", name));
    await runOk(process.execPath, [join(folder, "make_icons.mjs")]);
    for (const name of names) {
      expect(pixels(join(folder, "public", name)).equals(pixels(join(PUBLIC, name)))).toBe(true);
    }
  });
});
