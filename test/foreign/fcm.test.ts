/**
 * firebase-admin 13, which nobody here wrote, sends through its own code to the FCM emulator, over HTTP/2 and over
 * HTTP/1.1, with access tokens that google-auth-library fetches.
 */
import http2 from "node:http2";
import tls from "node:tls";
import { type App, cert, deleteApp, initializeApp, type ServiceAccount } from "firebase-admin/app";
import { getMessaging, type Message, type Messaging, type TokenMessage } from "firebase-admin/messaging";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type FcmDevice, type FcmService, startFcmService } from "../../src/testing/index.js";
import { EVERYTHING_READ, everything } from "./fcm_message.js";
import { redirectGoogle } from "./fcm_redirect.js";

let service: FcmService;
let restore: () => void;
let app: App;
let messaging: Messaging;
let device: FcmDevice;
const originals = { tls: tls.connect, http2: http2.connect };

beforeAll(async () => {
  service = await startFcmService();
  restore = redirectGoogle(service);
});
beforeEach(() => {
  service.clearReceived();
  device = service.createDevice();
  app = newApp("own");
  messaging = getMessaging(app);
});
afterEach(async () => {
  service.respond("*");
  await deleteApp(app);
});
afterAll(async () => {
  restore();
  expect({ tls: tls.connect, http2: http2.connect }).toEqual(originals);
  await service.close();
});

function newApp(name: string): App {
  return initializeApp({ credential: cert(service.config.service_account as ServiceAccount) }, name);
}

/** The three ways in which the SDK sends: the last is its HTTP/2 client. */
const WAYS: [
  way: string,
  http_version: "1.1" | "2",
  send: (message: Message, dry_run?: boolean) => Promise<string>,
][] = [
  ["send", "1.1", (message, dry_run) => messaging.send(message, dry_run)],
  [
    "sendEach over HTTP/1.1",
    "1.1",
    (message, dry_run) => {
      messaging.enableLegacyHttpTransport();
      return one(messaging.sendEach([message], dry_run));
    },
  ],
  ["sendEach over HTTP/2", "2", (message, dry_run) => one(messaging.sendEach([message], dry_run))],
];

async function one(sending: ReturnType<Messaging["sendEach"]>): Promise<string> {
  const { responses } = await sending;
  expect(responses).toHaveLength(1);
  const [response] = responses;
  if (!response?.success) throw response?.error;
  return response.messageId ?? "";
}

describe.each(WAYS)("%s of firebase-admin", (_way, http_version, send) => {
  it("is accepted with a message name, and the device gets all of it", async () => {
    const name = await send({ ...everything(), token: device.device_token });
    expect(name).toMatch(new RegExp(`^projects/${service.config.project_id}/messages/0:`));
    expect(device.received).toMatchObject([{ http_version, name, status: 200, validate_only: false }]);
    const { token, ...message } = device.received[0]?.message ?? {};
    expect(token).toBe(device.device_token);
    expect(message).toEqual(EVERYTHING_READ);
  });

  it("may be a dry run", async () => {
    const name = await send({ token: device.device_token, data: { a: "b" } }, true);
    expect(name).toBe(`projects/${service.config.project_id}/messages/fake_message_id`);
    expect(device.received).toEqual([]);
  });

  it("reaches the devices of a topic and of a condition", async () => {
    device.subscribeToTopic("news");
    await send({ topic: "/topics/news", data: { a: "b" } });
    await send({ condition: "'news' in topics && !('sport' in topics)", data: { a: "b" } });
    expect(device.received.map(({ message }) => message?.topic ?? message?.condition)).toEqual([
      "news",
      "'news' in topics && !('sport' in topics)",
    ]);
  });

  it.each<
    [
      title: string,
      code: string,
      words: string,
      message: () => Omit<TokenMessage, "token"> & { token?: string },
    ]
  >([
    [
      "a bad token",
      "messaging/invalid-argument",
      "The registration token is not a valid FCM registration token",
      () => ({ token: "bad-token" }),
    ],
    [
      "a device whose app is gone",
      "messaging/registration-token-not-registered",
      "Requested entity was not found.",
      () => {
        device.unregister();
        return {};
      },
    ],
    [
      "a device of another project",
      "messaging/mismatched-credential",
      "SenderId mismatch",
      () => ({ token: service.createDevice({ project_id: "another" }).device_token }),
    ],
    [
      "an iOS device that APNs does not know any more",
      "messaging/invalid-argument",
      "APNs device token is disabled.",
      () => ({ token: service.createDevice({ platform: "ios", apns_error: "Unregistered" }).device_token }),
    ],
    [
      "a reserved key",
      "messaging/invalid-argument",
      "Invalid data payload key: from",
      () => ({ data: { from: "me" } }),
    ],
    [
      "too much",
      "messaging/invalid-argument",
      "Android message is too big",
      () => ({ data: { a: "x".repeat(4096) } }),
    ],
    [
      "a field that does not exist",
      "messaging/invalid-argument",
      "Invalid JSON payload received. Unknown name \"x\" at 'message': Cannot find field.",
      () => ({ x: 1 }) as object,
    ],
  ])("is told of %s", async (_title, code, words, message) => {
    const sending = send({ token: device.device_token, ...message() });
    await expect(sending).rejects.toMatchObject({ code, message: words });
    expect(device.received).toEqual([]);
  });

  it.each([
    ["QUOTA_EXCEEDED", "messaging/message-rate-exceeded"],
    ["THIRD_PARTY_AUTH_ERROR", "messaging/third-party-auth-error"],
    ["INTERNAL", "messaging/internal-error"],
    ["UNSPECIFIED_ERROR", "messaging/unknown-error"],
    ["ACCESS_TOKEN_EXPIRED", "messaging/third-party-auth-error"],
  ])("is told of %s, when a test asks for it", async (reason, code) => {
    service.respond("*", { reason });
    await expect(send({ token: device.device_token })).rejects.toMatchObject({ code });
  });
});

describe("sendEach of firebase-admin", () => {
  it("sends many over one HTTP/2 connection and tells their fates apart", async () => {
    const devices = Array.from({ length: 150 }, () => service.createDevice());
    devices.forEach((each, index) => {
      if (index % 10 === 3) each.unregister();
    });
    const { responses, successCount, failureCount } = await messaging.sendEach(
      devices.map(({ device_token: token }) => ({ token, notification: { title: "Hi" } })),
    );
    expect([successCount, failureCount]).toEqual([135, 15]);
    responses.forEach(({ success, messageId, error }, index) => {
      expect(success).toBe(index % 10 !== 3);
      expect(messageId).toBe(devices[index]?.received[0]?.name);
      if (!success) expect(error?.code).toBe("messaging/registration-token-not-registered");
    });
    expect(service.received).toHaveLength(150);
    expect(new Set(service.received.map(({ connection_id }) => connection_id)).size).toBe(1);
  });

  it("for many tokens at once", async () => {
    const other = service.createDevice();
    other.unregister();
    const tokens = [device.device_token, other.device_token];
    const { responses } = await messaging.sendEachForMulticast({ tokens, android: { priority: "high" } });
    expect(responses.map(({ success }) => success)).toEqual([true, false]);
  });
});

describe("what firebase-admin's google-auth-library asks the token endpoint", () => {
  it("is a grant that it takes", async () => {
    const account = service.config.service_account;
    // Otherwise firebase-admin would hand out the credential of the tests above, with its token.
    const credential = cert({ ...account, client_id: "another" } as ServiceAccount);
    const { access_token, expires_in } = await credential.getAccessToken();
    expect(access_token).toMatch(/^ya29\./);
    expect(Math.abs(expires_in - 3599)).toBeLessThan(5);
    expect(service.received_token_requests).toMatchObject([
      {
        grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
        claims: { iss: account.client_email, aud: "https://oauth2.googleapis.com/token" },
        status: 200,
      },
    ]);
  });

  it("is refused for an account that Google does not know", async () => {
    const other = await startFcmService();
    const stranger = cert(other.config.service_account as ServiceAccount);
    await expect(stranger.getAccessToken()).rejects.toThrow(
      "invalid_grant: Invalid grant: account not found",
    );
    await other.close();
  });
});

describe("subscribeToTopic of firebase-admin", () => {
  it("and unsubscribeFromTopic are served by the Instance ID API, with a result for each token", async () => {
    const gone = service.createDevice();
    gone.unregister();
    const tokens = [device.device_token, gone.device_token, "bad-token"];
    const { successCount, failureCount, errors } = await messaging.subscribeToTopic(tokens, "news");
    expect([successCount, failureCount]).toEqual([1, 2]);
    expect(errors.map(({ index, error }) => [index, error.code])).toEqual([
      [1, "messaging/registration-token-not-registered"],
      [2, "messaging/invalid-registration-token"],
    ]);
    expect(device.topics).toEqual(["news"]);
    await messaging.send({ topic: "news", data: { a: "b" } });
    expect(device.received).toHaveLength(1);
    expect(await messaging.unsubscribeFromTopic(device.device_token, "/topics/news")).toMatchObject({
      successCount: 1,
    });
    expect(device.topics).toEqual([]);
  });
});
