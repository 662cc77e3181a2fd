/** What the service refuses by itself: each rule broken alone, with Apple's status and reason. */
import { createPrivateKey, sign } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type ApnsDevice,
  type ApnsPushType,
  type ApnsService,
  startApnsService,
} from "../../../src/testing/index.js";
import { goodPush, type Push, send } from "./emulator_push.js";

let service: ApnsService;
beforeAll(async () => {
  service = await startApnsService({ bundle_ids: ["org.example.app", "org.example.other"] });
});
afterAll(() => service.close());

type Spoil = (push: Push, device: ApnsDevice) => unknown;
type Rule = [title: string, status: number, reason: string, spoil: Spoil];

const header = (name: string, value: string | string[]) => (push: Push) => {
  push.headers[name] = value;
};
const without = (name: string) => (push: Push) => delete push.headers[name];
const path = (make: (token: string) => string) => (push: Push, device: ApnsDevice) => {
  push.path = make(device.device_token);
};
const body = (value: string | Buffer) => (push: Push) => {
  push.body = value;
};
const authorization = (make: Push["authorization"]) => (push: Push) => {
  push.authorization = make;
};
const claim = (name: string, value: unknown) => (push: Push) => {
  push.claims[name] = value;
};
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const now = () => Math.floor(Date.now() / 1000);
const background = (push: Push) =>
  Object.assign(push, { headers: { ...push.headers, "apns-push-type": "background", "apns-priority": "5" } });

const PATHS: Rule[] = [
  ["a path that is none", 404, "BadPath", path((token) => `/2/device/${token}`)],
  ["a path with more behind it", 404, "BadPath", path((token) => `/3/device/${token}/x`)],
  ["the root", 404, "BadPath", path(() => "/")],
  ["no device token", 400, "MissingDeviceToken", path(() => "/3/device/")],
  ["no device token and no slash", 400, "MissingDeviceToken", path(() => "/3/device")],
  ["a token that is not hex", 400, "BadDeviceToken", path((token) => `/3/device/${token.slice(1)}x`)],
  ["a token that is too short", 400, "BadDeviceToken", path((token) => `/3/device/${token.slice(2)}`)],
  ["a well-formed token of no device", 400, "BadDeviceToken", path(() => `/3/device/${"ab".repeat(32)}`)],
  ["a method that is not POST", 405, "MethodNotAllowed", (push) => Object.assign(push, { method: "PUT" })],
];

const TOKENS: Rule[] = [
  ["no authorization", 403, "MissingProviderToken", authorization(() => undefined)],
  ["another scheme", 403, "MissingProviderToken", authorization((token) => `Basic ${token}`)],
  ["a scheme alone", 403, "MissingProviderToken", authorization(() => "bearer")],
  ["something that is no token", 403, "InvalidProviderToken", authorization(() => "bearer abc")],
  [
    "a token of two parts",
    403,
    "InvalidProviderToken",
    authorization((token) => `bearer ${token.replace(/\.[^.]*$/, "")}`),
  ],
  [
    "a header that is no object",
    403,
    "InvalidProviderToken",
    authorization((token) => `bearer ${token.replace(/^[^.]*/, encoded([1]))}`),
  ],
  [
    "claims that are not JSON",
    403,
    "InvalidProviderToken",
    authorization((token) => `bearer ${token.replace(/\.[^.]*\./, ".e30x.")}`),
  ],
  ["padding in the token", 403, "InvalidProviderToken", authorization((token) => `bearer ${token}=`)],
  [
    "claims changed after signing",
    403,
    "InvalidProviderToken",
    authorization(
      (token) =>
        `bearer ${token.replace(/\.[^.]*\./, `.${encoded({ iss: service.config.team_id, iat: now() - 1 })}.`)}`,
    ),
  ],
  [
    "a signature in DER",
    403,
    "InvalidProviderToken",
    (push) => {
      push.authorization = (token) => {
        const signed = token.slice(0, token.lastIndexOf("."));
        return `bearer ${signed}.${sign("sha256", Buffer.from(signed), createPrivateKey(push.auth_key)).toString("base64url")}`;
      };
    },
  ],
  [
    "a signature with one bit wrong",
    403,
    "InvalidProviderToken",
    (push) => {
      push.signature = (raw) => Buffer.concat([raw.subarray(0, 63), Buffer.of((raw[63] ?? 0) ^ 1)]);
    },
  ],
  [
    "the signature of another key",
    403,
    "InvalidProviderToken",
    (push) => Object.assign(push, { auth_key: service.createKey().auth_key }),
  ],
  [
    "another algorithm in the header",
    403,
    "InvalidProviderToken",
    (push) => Object.assign(push.jwt_header, { alg: "ES384" }),
  ],
  [
    "alg none, unsigned",
    403,
    "InvalidProviderToken",
    (push) => {
      push.jwt_header.alg = "none";
      push.signature = () => Buffer.of(0);
    },
  ],
  ["no kid", 403, "InvalidProviderToken", (push) => delete push.jwt_header.kid],
  [
    "an unknown kid",
    403,
    "InvalidProviderToken",
    (push) => Object.assign(push.jwt_header, { kid: "ABCDEFGHIJ" }),
  ],
  ["no iss", 403, "InvalidProviderToken", (push) => delete push.claims.iss],
  ["another team", 403, "InvalidProviderToken", claim("iss", "ABCDEFGHIJ")],
  ["no iat", 403, "InvalidProviderToken", (push) => delete push.claims.iat],
  [
    "an iat that is text",
    403,
    "InvalidProviderToken",
    (push) => Object.assign(push.claims, { iat: String(push.claims.iat) }),
  ],
  ["an iat in milliseconds", 403, "InvalidProviderToken", claim("iat", Date.now())],
  ["an iat in the future", 403, "InvalidProviderToken", claim("iat", now() + 120)],
  ["an iat of more than an hour ago", 403, "ExpiredProviderToken", claim("iat", now() - 3660)],
];

const HEADERS: Rule[] = [
  [
    "a header that comes twice",
    400,
    "DuplicateHeaders",
    header("apns-topic", ["org.example.app", "org.example.app"]),
  ],
  ["an apns-id that is no UUID", 400, "BadMessageId", header("apns-id", "42")],
  ["an apns-id without hyphens", 400, "BadMessageId", header("apns-id", "eabeae5414a811e5b60b1697f925ec7b")],
  ["an apns-expiration that is no number", 400, "BadExpirationDate", header("apns-expiration", "tomorrow")],
  ["a negative apns-expiration", 400, "BadExpirationDate", header("apns-expiration", "-1")],
  ["a broken apns-expiration", 400, "BadExpirationDate", header("apns-expiration", "1700000000.5")],
  ["a priority that there is none of", 400, "BadPriority", header("apns-priority", "7")],
  ["a priority in words", 400, "BadPriority", header("apns-priority", "high")],
  [
    "a background push of priority 10",
    400,
    "BadPriority",
    (push) => Object.assign(background(push).headers, { "apns-priority": "10" }),
  ],
  [
    "a background push of priority 1",
    400,
    "BadPriority",
    (push) => Object.assign(background(push).headers, { "apns-priority": "1" }),
  ],
  [
    "a background push without a priority, which is 10",
    400,
    "BadPriority",
    (push) => without("apns-priority")(background(push)),
  ],
  ["a collapse id of 65 bytes", 400, "BadCollapseId", header("apns-collapse-id", "x".repeat(65))],
  ["an unknown push type", 400, "InvalidPushType", header("apns-push-type", "silent")],
  ["a push type in capitals", 400, "InvalidPushType", header("apns-push-type", "Alert")],
  ["no topic", 400, "MissingTopic", without("apns-topic")],
  ["a topic with impossible characters", 400, "BadTopic", header("apns-topic", "<org.example.app>")],
  ["a topic that is too long", 400, "BadTopic", header("apns-topic", "x".repeat(256))],
  ["a topic of somebody else", 400, "TopicDisallowed", header("apns-topic", "org.somebody.else")],
  ["the topic of another push type", 400, "TopicDisallowed", header("apns-topic", "org.example.app.voip")],
  [
    "a push type whose suffix the topic lacks",
    400,
    "TopicDisallowed",
    header("apns-push-type", "liveactivity"),
  ],
  ["the team's other app", 400, "DeviceTokenNotForTopic", header("apns-topic", "org.example.other")],
  [
    "a call on the app's own token",
    400,
    "DeviceTokenNotForTopic",
    (push) => Object.assign(push.headers, { "apns-push-type": "voip", "apns-topic": "org.example.app.voip" }),
  ],
];

const BODIES: Rule[] = [
  ["no body", 400, "PayloadEmpty", body("")],
  ["a body that is not JSON", 400, "PayloadEmpty", body("{aps")],
  ["a body that is no object", 400, "PayloadEmpty", body('["aps"]')],
  ["a compressed body", 400, "PayloadEmpty", body(Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]))],
  ["a body of 4097 bytes", 413, "PayloadTooLarge", body(padded(4097))],
];

const DEVICES: Rule[] = [
  ["a device that is gone", 410, "Unregistered", (_push, device) => device.unregister()],
  ["a token that has expired", 410, "ExpiredToken", (_push, device) => device.expire()],
];

it("takes the push that the rules below spoil", async () => {
  const device = service.createDevice();
  expect(await send(service, goodPush(service, device))).toMatchObject({ status: 200, text: "" });
  expect(device.received[0]?.payload).toEqual({ aps: { alert: { title: "Hello" } }, order: "42" });
});

describe.each([
  ["paths", PATHS],
  ["provider tokens", TOKENS],
  ["headers", HEADERS],
  ["bodies", BODIES],
  ["devices", DEVICES],
])("%s", (_what, rules) => {
  it.each(rules)("refuses %s: %i %s", async (_title, status, reason, spoil) => {
    const device = service.createDevice({ push_type: "alert" });
    const push = goodPush(service, device);
    spoil(push, device);
    const reply = await send(service, push);
    expect([reply.status, reply.reason]).toEqual([status, reason]);
    expect(device.received).toEqual([]);
    expect(service.received.at(-1)).toMatchObject({ status, reason });
  });
});

describe("tolerates", () => {
  it.each<[string, Spoil]>([
    ["Bearer with a capital", authorization((token) => `Bearer ${token}`)],
    ["typ in the token's header", (push) => Object.assign(push.jwt_header, { typ: "JWT" })],
    ["more claims than needed", claim("exp", now() + 600)],
    ["an iat a little in the future", claim("iat", now() + 30)],
    ["an iat of nearly an hour ago", claim("iat", now() - 3500)],
    ["a token in capitals", path((token) => `/3/device/${token.toUpperCase()}`)],
    ["a collapse id of 64 bytes", header("apns-collapse-id", "x".repeat(64))],
    ["an expiration of 0", header("apns-expiration", "0")],
    ["an expiration in the past", header("apns-expiration", "1")],
    ["each priority", header("apns-priority", "1")],
    ["no push type", without("apns-push-type")],
    ["a content type", header("content-type", "application/json")],
    ["a body of 4096 bytes", body(padded(4096))],
    ["a body without aps", body("{}")],
  ])("%s", async (_title, spoil) => {
    const device = service.createDevice();
    const push = goodPush(service, device);
    spoil(push, device);
    expect(await send(service, push)).toMatchObject({ status: 200, text: "" });
    expect(device.received).toHaveLength(1);
  });
});

describe("a push type", () => {
  const OWN: [Exclude<ApnsPushType, "background">, string][] = [
    ["alert", ""],
    ["complication", ".complication"],
    ["controls", ".push-type.controls"],
    ["fileprovider", ".pushkit.fileprovider"],
    ["liveactivity", ".push-type.liveactivity"],
    ["location", ".location-query"],
    ["mdm", ""],
    ["pushtotalk", ".voip-ptt"],
    ["voip", ".voip"],
    ["widgets", ".push-type.widgets"],
  ];
  const typed = (device: ApnsDevice, type: string, topic: string) => {
    const push = goodPush(service, device);
    Object.assign(push.headers, { "apns-push-type": type, "apns-topic": topic });
    return push;
  };

  it.each(OWN)(
    "%s goes to a device that was made for no push type in particular",
    async (push_type, suffix) => {
      const push = typed(service.createDevice(), push_type, `org.example.app${suffix}`);
      expect((await send(service, push)).status).toBe(200);
    },
  );

  it.each(OWN)("%s has the topic suffix %j and a token of its own", async (push_type, suffix) => {
    const device = service.createDevice({ push_type });
    expect((await send(service, typed(device, push_type, `org.example.app${suffix}`))).status).toBe(200);
    const app = service.createDevice({ push_type: push_type === "alert" ? "voip" : "alert" });
    const reply = await send(service, typed(app, push_type, `org.example.app${suffix}`));
    expect(reply.reason).toBe("DeviceTokenNotForTopic");
  });

  it("background goes to the app's own token", async () => {
    const device = service.createDevice();
    const push = background(goodPush(service, device));
    push.body = '{"aps":{"content-available":1}}';
    expect((await send(service, push)).status).toBe(200);
    expect(device.received[0]?.notes).toEqual([]);
  });

  it("is read from the topic when its header is missing", async () => {
    const device = service.createDevice({ push_type: "voip" });
    const push = typed(device, "voip", "org.example.app.voip");
    delete push.headers["apns-push-type"];
    expect((await send(service, push)).status).toBe(200);
    push.headers["apns-topic"] = "org.example.app";
    expect((await send(service, push)).reason).toBe("DeviceTokenNotForTopic");
  });

  it.each([
    [5120, 200, undefined],
    [5121, 413, "PayloadTooLarge"],
  ])("voip may have 5120 bytes: %i", async (bytes, status, reason) => {
    const push = typed(service.createDevice({ push_type: "voip" }), "voip", "org.example.app.voip");
    push.body = padded(bytes);
    expect(await send(service, push)).toMatchObject({ status, ...(reason ? { reason } : {}) });
  });
});

function padded(bytes: number): string {
  const empty = '{"aps":{"alert":""}}';
  return empty.replace('""', `"${"x".repeat(bytes - empty.length)}"`);
}
