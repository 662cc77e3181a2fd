/** What the npm package `wns` itself puts on the wire, and what pushmux does for the same notification. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Options } from "wns";
import type { WnsProvider } from "../../providers/wns/index.js";
import { getPushProvider } from "../../src/index.js";
import { startWnsService, type WnsReceived, type WnsService } from "../../src/testing/index.js";
import { type Node, readXml } from "../providers/wns/support.js";
import { compare, expectOneFileForEach, fileName, pin, titled } from "./golden.js";
import { lead } from "./lead.js";
import { takeRequest, type WireRequest } from "./wire_request.js";
import { ROWS } from "./wns_rows.js";

let service: WnsService;
let provider: WnsProvider;
let restore: () => void;

beforeAll(async () => {
  service = await startWnsService();
  provider = await getPushProvider("wns", service.legacy_config);
  const token_port = Number(new URL(service.legacy_config.token_endpoint).port);
  // It drops the port of a channel and takes 443.
  restore = lead({ "login.live.com": token_port, "localhost:443": service.port }, service.ca);
});
afterEach(() => service.clearReceived());
afterAll(async () => {
  restore();
  await provider.close();
  await service.close();
});

function credentials(more: object = {}): Options {
  const { package_sid, client_secret } = service.legacy_config;
  return { client_id: package_sid, client_secret, ...more };
}

const take = (): WireRequest => takeRequest(service, readContent);

function readContent({ text = "", xml }: WnsReceived) {
  if (!xml) return text === "" ? {} : { body: text, text };
  const root = readXml(text);
  return { body: { [root.name]: toMembers(root) }, text: text.replaceAll("><", ">\n<") };
}

/** An element as an object, so that each attribute and text can be named: `toast.visual.binding.text[2].#text`. */
function toMembers({ attributes, text, children }: Node): object {
  const named = Object.entries(attributes).map(([name, value]) => [`@${name}`, value]);
  const inside = children.map((child, index) => {
    const position = children.slice(0, index + 1).filter(({ name }) => name === child.name).length;
    return [position === 1 ? child.name : `${child.name}[${position}]`, toMembers(child)];
  });
  return Object.fromEntries([...named, ...(text === "" ? [] : [["#text", text]]), ...inside]);
}

describe("what goes to WNS is what the npm package sends, but for what a row explains", () => {
  it.each(titled(ROWS))("%s", async (title, { phone = false, ours: payload, theirs, differs }) => {
    const { device_token } = service.createDevice({ phone });
    expect(await provider.sendNotification(device_token, payload)).toMatchObject({ success: true });
    const ours = take();
    const comparisons = [];
    if (theirs) {
      await new Promise<void>((resolve, reject) => {
        theirs(device_token, credentials, (error) => (error ? reject(error) : resolve()));
      });
      comparisons.push(compare("wns", ours, take(), { differs }));
    }
    await pin(`wns/${fileName(title)}`, ours, comparisons, { [ours.path]: "path of the channel" });
  });

  it("and there is a golden file for each, and no other", () => expectOneFileForEach("wns", ROWS));
});
