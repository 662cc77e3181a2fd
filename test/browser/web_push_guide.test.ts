import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runInThisContext } from "node:vm";
import { build } from "esbuild";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { FakeBrowser } from "./fake_browser.js";
import { useServer } from "./support.js";

const GUIDE = readFileSync(new URL("../../docs/web_push_guide.md", import.meta.url), "utf8");
const block = (name: string) =>
  new RegExp(`^\`public/${name}\`:\n\n\`\`\`\\w+\n(.*?)^\`\`\`$`, "ms").exec(GUIDE)?.[1] ?? "";
const HTML = block("index.html");
const own_fetch = fetch;

const server = useServer();
let script = "";

beforeAll(async () => {
  const contents = block("page.js").replace('"/browser.js"', '"./index.js"');
  const resolveDir = fileURLToPath(new URL("../../src/browser/", import.meta.url));
  const { outputFiles } = await build({
    stdin: { contents, resolveDir },
    bundle: true,
    format: "iife",
    write: false,
  });
  script = outputFiles[0]?.text ?? "";
});

class FakeElement extends EventTarget {
  textContent = "";
  hidden: boolean;

  constructor(tag: string) {
    super();
    this.hidden = tag.includes(" hidden");
  }
}

/** The guide's page, loaded by a browser. */
function load(browser = new FakeBrowser()) {
  const tags = [...HTML.matchAll(/<[^>]* id="(\w+)"[^>]*>/g)];
  const elements = new Map(tags.map(([tag, id = ""]) => [id, new FakeElement(tag)]));
  const byId = (id: string) => {
    const element = elements.get(id);
    if (!element) throw new Error(`index.html has no ${id}`);
    return element;
  };
  vi.stubGlobal("document", { baseURI: "https://example.org/", getElementById: byId });
  vi.stubGlobal("fetch", (path: string, init?: RequestInit) =>
    own_fetch(new URL(path, server.api_base), init),
  );
  runInThisContext(script);
  const press = (id: string) => browser.click(() => byId(id).dispatchEvent(new Event("click")));
  const text = () => byId("state").textContent;
  const shown = () => ["toggle", "test"].filter((id) => !byId(id).hidden);
  return { browser, byId, press, text, shown };
}

const soon = (check: () => unknown) => expect.poll(check, { timeout: 5000, interval: 5 });

describe("the page of the guide", () => {
  it("3.4.practices asks nobody before the button is pressed, and says what will come", async () => {
    const page = load();
    await soon(page.text).toMatch(/^Get a notification when there is news\. Your browser will ask/);
    expect([page.browser.questions, page.browser.subscription, server.api.received]).toEqual([0, null, []]);
    expect([page.shown(), page.byId("toggle").textContent]).toEqual([["toggle"], "Notify me"]);
  });

  it("3.4.practices one press subscribes, and one stops it; the server is told both times", async () => {
    const page = load();
    await soon(page.shown).toEqual(["toggle"]);
    page.press("toggle");
    await soon(page.shown).toEqual(["toggle", "test"]);
    expect([page.browser.questions, page.text()]).toEqual([1, "You get a notification when there is news."]);
    expect(page.byId("toggle").textContent).toBe("Stop");
    expect(server.api.paths).toEqual(["vapid-public-key", "subscribe"]);
    page.press("test");
    await soon(() => server.api.paths.at(-1)).toBe("test");
    page.press("toggle");
    await soon(page.text).toBe("Get a notification when there is news.");
    await soon(() => server.api.paths.at(-1)).toBe("unsubscribe");
    expect([page.browser.subscription, page.shown(), server.api.complaints]).toEqual([null, ["toggle"], []]);
  });

  it("3.4.troubleshooting whoever has said no is told where the setting is, and has no button", async () => {
    const browser = new FakeBrowser();
    browser.setPermission("denied");
    const page = load(browser);
    await soon(page.text).toMatch(/^Notifications are blocked here\..* leads to the setting/);
    expect(page.shown()).toEqual([]);
  });

  it("3.4.troubleshooting a server that refuses is heard of", async () => {
    const page = load();
    await soon(page.shown).toEqual(["toggle"]);
    server.api.answers.subscribe = { status: 400, body: '{"success":false,"message":"no more, please"}' };
    page.press("toggle");
    await soon(page.text).toContain("no more, please");
  });

  it("5.1.p2 where there is no push it says so, and has no button", async () => {
    const page = load(new FakeBrowser({ without: ["PushManager"] }));
    await soon(page.text).toBe("This browser has no push notifications.");
    expect(page.shown()).toEqual([]);
  });

  it("5.1.p3 a worker that cannot be loaded is heard of", async () => {
    const browser = new FakeBrowser();
    browser.worker = "missing";
    const page = load(browser);
    await soon(page.text).toMatch(/worker/);
  });

  it("has a sentence for each of the seven states", () => {
    const types = readFileSync(new URL("../../src/browser/types.ts", import.meta.url), "utf8");
    const [, union = ""] = /export type PushState =(.*?);/s.exec(types) ?? [];
    const states = [...union.matchAll(/"(\w+)"/g)].map(([, state]) => state);
    const [, says = ""] = /const SAYS = \{\n(.*?)\};/s.exec(block("page.js")) ?? [];
    const said = [...says.matchAll(/^ {2}(\w+): "/gm)].map(([, state]) => state);
    expect([states.length, said.toSorted()]).toEqual([7, states.toSorted()]);
  });
});
