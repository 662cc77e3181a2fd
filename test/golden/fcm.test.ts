/** What firebase-admin 13 itself puts on the wire, over HTTP/1.1 and HTTP/2, and what pushmux does for the same message. */
import { type App, cert, deleteApp, initializeApp, type ServiceAccount } from "firebase-admin/app";
import { getMessaging, type Message, type Messaging } from "firebase-admin/messaging";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { FcmProvider } from "../../providers/fcm/index.js";
import { getPushProvider } from "../../src/index.js";
import { type FcmDevice, type FcmService, startFcmService } from "../../src/testing/index.js";
import { redirectGoogle } from "../foreign/fcm_redirect.js";
import { type Differs, HTTP1_ONLY } from "./differences.js";
import { BLOCK_ROWS } from "./fcm_block_rows.js";
import { type FcmRow, ROWS } from "./fcm_rows.js";
import { type Comparison, compare, expectOneFileForEach, fileName, pin, titled } from "./golden.js";
import { readJson, takeRequest, type WireRequest } from "./wire_request.js";

let service: FcmService;
let device: FcmDevice;
let provider: FcmProvider;
let app: App;
let messaging: Messaging;

beforeAll(async () => {
  service = await startFcmService();
  device = service.createDevice();
  provider = await getPushProvider("fcm", service.config);
  app = initializeApp({ credential: cert(service.config.service_account as ServiceAccount) }, "golden");
  messaging = getMessaging(app);
});
afterEach(() => service.clearReceived());
afterAll(async () => {
  await Promise.all([provider.close(), deleteApp(app)]);
  await service.close();
});

const ALL = [...ROWS, ...BLOCK_ROWS];

interface Client {
  readonly name: string;
  send(message: Message, dry_run: boolean): Promise<unknown>;
  /** Of every request, whatever it says. */
  readonly always: Differs;
}

const ALWAYS: Differs = {
  "content-type": "theirs is the same without the space",
  "x-firebase-client": "tells Google the SDK and its version",
  "x-goog-api-client": "the same once more",
  access_token_auth: "means something to the Instance ID API only",
};

const CLIENTS: readonly Client[] = [
  {
    name: "firebase-admin",
    send: (message, dry_run) => messaging.send(message, dry_run),
    always: { ...ALWAYS, ...HTTP1_ONLY },
  },
  {
    name: "firebase-admin, sendEach",
    send: (message, dry_run) => messaging.sendEach([message], dry_run),
    always: ALWAYS,
  },
];

async function sendOurs({ to, ours, options = {} }: FcmRow): Promise<WireRequest> {
  const token = to === "fid" ? JSON.stringify({ fid: device.fid }) : device.device_token;
  const result =
    typeof to === "object"
      ? await provider.sendTopicNotification("topic" in to ? to.topic : to.condition, ours, options)
      : await provider.sendNotification(token, ours, options);
  expect(result).toMatchObject({ success: true });
  return take();
}

async function sendTheirs({ to, theirs, options }: FcmRow, client: Client): Promise<WireRequest> {
  const restore = redirectGoogle(service);
  try {
    const target = typeof to === "object" ? to : { token: to === "fid" ? device.fid : device.device_token };
    await client.send({ ...theirs(), ...target } as Message, options?.dry_run ?? false);
  } finally {
    restore();
  }
  return take();
}

const take = (): WireRequest => takeRequest(service, readJson);

describe("what goes to FCM is what firebase-admin sends, but for what a row explains", () => {
  it.each(titled(ALL))("%s", async (title, row) => {
    const ours = await sendOurs(row);
    const { differs } = row;
    const comparisons: Comparison[] = [];
    for (const client of CLIENTS) {
      const { name, always } = client;
      comparisons.push(compare(name, ours, await sendTheirs(row, client), { always, differs }));
    }
    // What a row explains is the same for both of its ways.
    await pin(`fcm/${fileName(title)}`, ours, comparisons.slice(0, 1), {
      [device.device_token]: "device_token",
      [device.fid]: "fid",
      [service.config.project_id]: "project_id",
    });
  });

  it("and there is a golden file for each, and no other", () => expectOneFileForEach("fcm", ALL));
});
