import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { beforeAll, describe, expect, it } from "vitest";
import { readVapidKeys } from "../../providers/web_push/vapid_keys.js";
import { findBinary } from "../../scripts/system_packages.mjs";
import { PushErrorCode, THROWN_CODES } from "../../src/error_codes.js";
import { getPushProvider } from "../../src/index.js";
import { startWebPushService } from "../../src/testing/index.js";
import { type PackedProject, packedProject, root } from "../setup/packed_project.js";
import { runOk } from "../setup/run.js";
import { codeBlocks, promisedOutput, readMarkdown } from "./markdown.js";
import { compileTexts } from "./packed_examples.js";

const guide = readMarkdown("docs/web_push.md");
const blocks = (language: string) => codeBlocks(guide).filter((block) => block.language === language);

let packed: PackedProject;
beforeAll(async () => {
  packed = await packedProject();
});

describe("each way of making keys in the guide gives keys that work", () => {
  const [own = "", web_push_cli = "", openssl = ""] = blocks("sh").map(({ text }) => text);
  const shell = (command: string, cwd = packed.folder) => runOk("sh", ["-ec", command], { cwd });
  const lengths = (vapid_public_key = "", vapid_private_key = "") => {
    const { public_key, private_key } = readVapidKeys({ vapid_public_key, vapid_private_key });
    return [public_key.length, private_key.length];
  };

  it("generateVapidKeys", async () => {
    const printed = await shell(own);
    const [, public_key, private_key] =
      /vapid_public_key: '(.+)',\s+vapid_private_key: '(.+)'/.exec(printed) ?? [];
    expect(lengths(public_key, private_key)).toEqual([87, 43]);
  });

  it("npx web-push", async () => {
    const printed = await shell(web_push_cli);
    const [, public_key, private_key] = /Public Key:\s+(\S+)\s+Private Key:\s+(\S+)/.exec(printed) ?? [];
    expect(lengths(public_key, private_key)).toEqual([87, 43]);
  });

  it("openssl, or what it once printed where there is none", async () => {
    let [printed, folder] = ["", join(root, "test/fixtures/vapid_keys")];
    if (findBinary("openssl")) {
      folder = mkdtempSync(join(packed.folder, "openssl-"));
      printed = await shell(openssl, folder);
    } else printed = readFileSync(join(folder, "openssl_public.txt"), "utf8");
    const name = findBinary("openssl") ? "vapid_private.pem" : "openssl_private.pem";
    expect(lengths(printed, readFileSync(join(folder, name), "utf8"))).toEqual([87, 43]);
  });
});

it("the guide's programs compile and print what they say", async () => {
  const [keys, , threads] = blocks("js");
  if (!keys || !threads) throw new Error("the guide lacks a program");
  const compiled = await compileTexts("guide", { "keys.mjs": keys.text, "threads.mjs": threads.text });
  expect(compiled.errors).toEqual([]);
  for (const [file, block] of Object.entries({ "keys.mjs": keys, "threads.mjs": threads })) {
    const { code, stdout } = await compiled.run(file);
    expect([code, stdout]).toEqual([0, promisedOutput(block)]);
  }
});

it("the guide's worker shows what is sent, and opens what was clicked", async () => {
  const shown: unknown[] = [];
  const opened: unknown[] = [];
  const listeners: Record<string, (event: object) => void> = {};
  const self = {
    addEventListener: (type: string, listener: (event: object) => void) => {
      listeners[type] = listener;
    },
    registration: { showNotification: (...notification: unknown[]) => shown.push(notification) },
    clients: { openWindow: (url: string) => opened.push(url) },
  };
  runInNewContext(blocks("js")[1]?.text ?? "", { self });

  await using service = await startWebPushService();
  await using push = await getPushProvider("web_push", service.config, { force_new: true });
  const device = service.createDevice();
  const payload = { title: "Order shipped", body: "Tomorrow", url: "/orders/42", collapse_key: "order-42" };
  await push.sendNotification(device.device_token, payload);
  const [message] = await device.waitForMessages();
  listeners.push?.({ data: { json: () => message?.json }, waitUntil: () => {} });
  listeners.notificationclick?.({
    notification: { close: () => {}, data: { url: "/orders/42" } },
    waitUntil: () => {},
  });
  expect(shown).toMatchObject([
    ["Order shipped", { body: "Tomorrow", tag: "order-42", data: { url: "/orders/42" } }],
  ]);
  expect(opened).toEqual(["/orders/42"]);

  listeners.push?.({ data: null, waitUntil: () => {} });
  expect(shown[1]).toMatchObject(["News", {}]);
});

it("the guide names only codes that exist", () => {
  const known = [...Object.keys(PushErrorCode), ...Object.keys(THROWN_CODES)];
  const named = [...guide.matchAll(/`([A-Z]+_[A-Z_]+)`/g)].map(([, code = ""]) => code);
  const variables = /^(WEB_PUSH_|VAPID_|PUSHMUX_)/;
  expect(named.length).toBeGreaterThan(8);
  expect(named.filter((code) => !variables.test(code) && !known.includes(code))).toEqual([]);
});
