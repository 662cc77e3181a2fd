/** What @parse/node-apn and apns2 themselves put on the wire, and what pushmux does for the same notification. */
import { Notification, Provider, type ProviderOptions } from "@parse/node-apn";
import { Notification as Apns2Notification, ApnsClient } from "apns2";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ApnsProvider } from "../../providers/apns/index.js";
import { getPushProvider } from "../../src/index.js";
import { type ApnsChannel, type ApnsService, startApnsService } from "../../src/testing/index.js";
import { CHANNEL_ROWS } from "./apns_channel_rows.js";
import { APP, ROWS, WITH_CERTIFICATE } from "./apns_rows.js";
import { TYPE_ROWS } from "./apns_type_rows.js";
import type { Differs } from "./differences.js";
import { type Comparison, compare, expectOneFileForEach, fileName, pin, titled } from "./golden.js";
import { lead } from "./lead.js";
import { readJson, takeRequest, type WireRequest } from "./wire_request.js";

let service: ApnsService;
let provider: ApnsProvider;
let node_apn: Provider;
let apns2: ApnsClient;
let restore: () => void;

beforeAll(async () => {
  service = await startApnsService();
  const { team_id: teamId, key_id: keyId, auth_key: key } = service.config;
  provider = await getPushProvider("apns", service.config);
  node_apn = openNodeApn({ token: { key, keyId, teamId } });
  apns2 = new ApnsClient({ team: teamId, keyId, signingKey: key, defaultTopic: APP });
  restore = lead({ "api.push.apple.com": service.port }, service.ca);
});
afterEach(() => service.clearReceived());
afterAll(async () => {
  restore();
  await Promise.all([provider.close(), apns2.destroy(), shutDown(node_apn)]);
  await service.close();
});

function openNodeApn(credentials: ProviderOptions): Provider {
  const { port, ca } = service;
  const managed = { manageChannelsAddress: "localhost", manageChannelsPort: port };
  return new Provider({ address: "localhost", port, ...managed, ca: [ca], ...credentials });
}

function shutDown(client: Provider): Promise<void> {
  return new Promise((resolve) => void client.shutdown(() => resolve()));
}

const PUSH_ROWS = [...ROWS, ...TYPE_ROWS];

const TOKEN: Differs = {
  "authorization.head.typ": "Apple's pages have alg and kid; theirs adds what a JWT may have",
};
const ALWAYS: Differs = {
  ...TOKEN,
  "content-type": "Apple does not ask for it; what stands between us and Apple may",
};
const NODE_APN: Differs = { ...ALWAYS, "content-length": "HTTP/2 does not need it" };
const APNS2: Differs = { ...ALWAYS, "apns-id": "apns2 has none, and Apple makes one" };

const take = (): WireRequest => takeRequest(service, readJson);

describe("what goes to APNs is what node-apn and apns2 send, but for what a row explains", () => {
  it.each(titled(PUSH_ROWS))("%s", async (title, row) => {
    const { device_token } = service.createDevice({ push_type: row.token_for });
    expect(await provider.sendNotification(device_token, row.ours)).toMatchObject({ success: true });
    const ours = take();
    await node_apn.send(new Notification(row.node_apn), device_token);
    const explained = { always: NODE_APN, differs: row.node_apn_differs };
    const comparisons = [compare("@parse/node-apn", ours, take(), explained)];
    if (row.apns2) {
      // Unlike `send` it does not reject when one is refused.
      await apns2.sendMany([new Apns2Notification(device_token, row.apns2)]);
      comparisons.push(compare("apns2", ours, take(), { always: APNS2, differs: row.apns2_differs }));
    }
    await pinned(title, ours, comparisons, { [device_token]: "device_token" });
  });

  it(WITH_CERTIFICATE.title, async () => {
    const { title, ours: payload, node_apn: init } = WITH_CERTIFICATE;
    const { certificate: cert, private_key: key } = service.certificate_config;
    const { device_token } = service.createDevice();
    const sender = await getPushProvider("apns", service.certificate_config);
    expect(await sender.sendNotification(device_token, payload)).toMatchObject({ success: true });
    await sender.close();
    const ours = take();
    const client = openNodeApn({ cert, key });
    await client.send(new Notification(init), device_token);
    await shutDown(client);
    // No token, and so nothing to say of one.
    const { "authorization.head.typ": _token, ...always } = NODE_APN;
    const comparison = compare("@parse/node-apn", ours, take(), { always });
    await pinned(title, ours, [comparison], { [device_token]: "device_token" });
  });
});

describe("what is asked of a channel is what node-apn asks, but for what a row explains", () => {
  it.each(titled(CHANNEL_ROWS))("%s", async (title, { ours: sendOurs, node_apn: sendTheirs, differs }) => {
    // One for each: a channel can be deleted once.
    const [channel, other] = [service.createChannel(), service.createChannel()];
    expect(await sendOurs(provider, channel.channel_id)).toMatchObject({ success: true });
    const ours = named(take(), channel);
    await sendTheirs(node_apn, other.channel_id);
    const always = ours.body === undefined ? TOKEN : NODE_APN;
    const comparison = compare("@parse/node-apn", ours, named(take(), other), { always, differs });
    await pinned(title, ours, [comparison], {});
  });
});

it("and there is a golden file for each, and no other", () => {
  expectOneFileForEach("apns", [...PUSH_ROWS, WITH_CERTIFICATE, ...CHANNEL_ROWS]);
});

function named(request: WireRequest, { channel_id }: ApnsChannel): WireRequest {
  return JSON.parse(JSON.stringify(request).replaceAll(channel_id, "{channel_id}"));
}

function pinned(
  title: string,
  ours: WireRequest,
  comparisons: readonly Comparison[],
  volatile: Readonly<Record<string, string>>,
): Promise<void> {
  const { key_id, team_id } = service.config;
  const all = { ...volatile, [key_id]: "key_id", [team_id]: "team_id" };
  return pin(`apns/${fileName(title)}`, ours, comparisons, all);
}
