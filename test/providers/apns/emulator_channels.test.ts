/** Broadcast channels: each rule broken alone, with Apple's status and reason. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApnsChannel, type ApnsService, startApnsService } from "../../../src/testing/index.js";
import { connectHttp2 } from "../../testing/http2_client.js";
import { goodPush, type Push, send } from "./emulator_push.js";

const APP = "org.example.app";
const UUID = "eabeae54-14a8-11e5-b60b-1697f925ec7b";
const ANY_UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

let service: ApnsService;
beforeAll(async () => {
  service = await startApnsService({ bundle_ids: [APP, "org.example.other"] });
});
afterAll(() => service.close());

function call(method: string, path: string, headers: Record<string, string> = {}, body: unknown = ""): Push {
  const push = goodPush(service, { device_token: "" });
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { ...push, method, path, headers, body: text };
}
const create = (body: unknown = { "message-storage-policy": 1, "push-type": "LiveActivity" }) =>
  call("POST", `/1/apps/${APP}/channels`, {}, body);
const read = (channel_id: string, method = "GET") =>
  call(method, `/1/apps/${APP}/channels`, { "apns-channel-id": channel_id });
const broadcast = ({ channel_id }: ApnsChannel) =>
  call(
    "POST",
    `/4/broadcasts/apps/${APP}`,
    {
      "apns-channel-id": channel_id,
      "apns-push-type": "liveactivity",
      "apns-expiration": "0",
      "apns-priority": "10",
    },
    { aps: { event: "update", timestamp: 1_790_000_000, "content-state": { goals: 1 } } },
  );

describe("channels", () => {
  it("are created, read, listed and deleted", async () => {
    const created = await send(service, create());
    expect(created).toMatchObject({ status: 201, text: "" });
    const channel_id = String(created.headers["apns-channel-id"]);
    expect(Buffer.from(channel_id, "base64").toString("base64")).toBe(channel_id);
    const other = service.createChannel({ bundle_id: "org.example.other" });

    const found = await send(service, read(channel_id));
    expect([found.status, JSON.parse(found.text)]).toEqual([
      200,
      { "message-storage-policy": 1, "push-type": "LiveActivity" },
    ]);
    const listed = await send(service, call("GET", `/1/apps/${APP}/all-channels`));
    expect(JSON.parse(listed.text).channels).toContain(channel_id);
    expect(JSON.parse(listed.text).channels).not.toContain(other.channel_id);
    expect(await send(service, read(channel_id, "DELETE"))).toMatchObject({ status: 204, text: "" });
    expect(await send(service, read(channel_id))).toMatchObject({
      status: 400,
      reason: "ChannelNotRegistered",
    });
    expect(service.received.slice(-5).map(({ channel_id: id }) => id)).toEqual([
      channel_id,
      channel_id,
      undefined,
      channel_id,
      channel_id,
    ]);
  });

  it.each(["LiveActivity", "Liveactivity", "liveactivity"])("may be for %s", async (push_type) => {
    const reply = await send(service, create({ "message-storage-policy": 0, "push-type": push_type }));
    const found = await send(service, read(String(reply.headers["apns-channel-id"])));
    expect(JSON.parse(found.text)["message-storage-policy"]).toBe(0);
  });

  it("get back the request id, or one of APNs' own, also with an error", async () => {
    const named = create();
    named.headers["apns-request-id"] = UUID;
    expect((await send(service, named)).headers["apns-request-id"]).toBe(UUID);
    expect((await send(service, create())).headers["apns-request-id"]).toMatch(ANY_UUID);
    expect((await send(service, create("{"))).headers["apns-request-id"]).toMatch(ANY_UUID);
  });

  it("are limited in number for each app", async () => {
    await using small = await startApnsService({ max_channels: 1 });
    const push = (): Push => {
      const { jwt_header, claims, auth_key } = goodPush(small, { device_token: "" });
      return { ...create(), jwt_header, claims, auth_key };
    };
    expect((await send(small, push())).status).toBe(201);
    expect(await send(small, push())).toMatchObject({ status: 400, reason: "CannotCreateChannelConfig" });
  });

  it("need the capability", async () => {
    await using plain = await startApnsService({ broadcasts: false });
    const { jwt_header, claims, auth_key } = goodPush(plain, { device_token: "" });
    const reply = await send(plain, { ...create(), jwt_header, claims, auth_key });
    expect(reply).toMatchObject({ status: 400, reason: "FeatureNotEnabled" });
  });

  it("can be had with a certificate of the app, and no other", async () => {
    const outcome = async (bundle_id: string) => {
      const { certificate: cert, private_key: key } = await service.createCertificate({ bundle_id });
      await using client = await connectHttp2(service.origin, service.ca, { cert, key });
      const reply = await send(service, { ...create(), authorization: () => undefined }, client);
      return reply.reason ?? reply.status;
    };
    expect(await outcome(APP)).toBe(201);
    expect(await outcome("org.example.other")).toBe("TopicMismatch");
  });
});

type Spoil = (push: Push, channel: ApnsChannel) => unknown;
const header = (name: string, value: string) => (push: Push) => {
  push.headers[name] = value;
};
const without = (name: string) => (push: Push) => {
  delete push.headers[name];
};
const body = (value: unknown) => (push: Push) => {
  push.body = typeof value === "string" ? value : JSON.stringify(value);
};

describe("the creation of a channel is refused for", () => {
  it.each<[string, number, string, Spoil]>([
    ["another method", 405, "MethodNotAllowed", (push) => Object.assign(push, { method: "PUT" })],
    [
      "a path that is none",
      404,
      "BadPath",
      (push) => Object.assign(push, { path: `/1/apps/${APP}/channel` }),
    ],
    [
      "no token",
      403,
      "MissingProviderToken",
      (push) => Object.assign(push, { authorization: () => undefined }),
    ],
    [
      "a wrong token",
      403,
      "InvalidProviderToken",
      (push) => Object.assign(push.claims, { iss: "ABCDEFGHIJ" }),
    ],
    [
      "an old token",
      403,
      "ExpiredProviderToken",
      (push) => Object.assign(push.claims, { iat: 1_700_000_000 }),
    ],
    ["a request id that is no UUID", 400, "BadMessageId", header("apns-request-id", "42")],
    [
      "an app of somebody else",
      400,
      "TopicDisallowed",
      (push) => Object.assign(push, { path: "/1/apps/org.somebody.else/channels" }),
    ],
    [
      "a header that comes twice",
      400,
      "BadRequestParams",
      (push) => Object.assign(push.headers, { "x-a": ["1", "2"] }),
    ],
    ["no body", 400, "PayloadEmpty", body("")],
    ["a body that is not JSON", 400, "BadRequestPayload", body("{")],
    ["no push type", 400, "MissingPushType", body({ "message-storage-policy": 1 })],
    [
      "another push type",
      400,
      "InvalidPushType",
      body({ "message-storage-policy": 1, "push-type": "alert" }),
    ],
    ["no storage policy", 400, "BadRequestPayload", body({ "push-type": "LiveActivity" })],
    [
      "another storage policy",
      400,
      "BadRequestPayload",
      body({ "message-storage-policy": 2, "push-type": "LiveActivity" }),
    ],
  ])("%s: %i %s", async (_title, status, reason, spoil) => {
    const push = create();
    spoil(push, service.createChannel());
    expect(await send(service, push)).toMatchObject({ status, reason });
    expect(service.received.at(-1)).toMatchObject({ status, reason });
  });
});

describe.each(["GET", "DELETE"])("a %s of a channel is refused for", (method) => {
  it.each<[string, number, string, Spoil]>([
    ["no channel", 400, "MissingChannelId", without("apns-channel-id")],
    ["an id that is no base64", 400, "BadChannelId", header("apns-channel-id", "a channel")],
    [
      "a channel that there is none of",
      400,
      "ChannelNotRegistered",
      header("apns-channel-id", "dHN0LXNyY2gtY2hubA=="),
    ],
    [
      "a channel of another app",
      400,
      "ChannelNotRegistered",
      (push) => {
        push.headers["apns-channel-id"] = service.createChannel({
          bundle_id: "org.example.other",
        }).channel_id;
      },
    ],
  ])("%s: %i %s", async (_title, status, reason, spoil) => {
    const channel = service.createChannel();
    const push = read(channel.channel_id, method);
    spoil(push, channel);
    expect(await send(service, push)).toMatchObject({ status, reason });
    expect((await send(service, read(channel.channel_id))).status).toBe(200);
  });
});

describe("a broadcast", () => {
  it("reaches its channel, and no other", async () => {
    const [channel, other] = [service.createChannel(), service.createChannel()];
    const arrival = channel.waitForMessages();
    const push = broadcast(channel);
    push.headers["apns-request-id"] = UUID;
    expect(await send(service, push)).toMatchObject({
      status: 200,
      text: "",
      headers: { "apns-request-id": UUID },
    });
    expect(await arrival).toMatchObject([
      {
        channel_id: channel.channel_id,
        push_type: "liveactivity",
        expiration: 0,
        aps: { event: "update" },
        notes: [],
      },
    ]);
    expect(other.received).toEqual([]);
  });

  it("may be stored on a channel that stores", async () => {
    const push = broadcast(service.createChannel());
    push.headers["apns-expiration"] = "1900000000";
    expect((await send(service, push)).status).toBe(200);
  });

  it.each([
    [5120, 200, undefined],
    [5121, 413, "PayloadTooLarge"],
  ])("may have 5120 bytes: %i", async (bytes, status, reason) => {
    const push = broadcast(service.createChannel());
    push.body = `{"aps":"${"x".repeat(bytes - 10)}"}`;
    expect(await send(service, push)).toMatchObject({ status, ...(reason ? { reason } : {}) });
  });

  it.each<[string, number, string, Spoil]>([
    ["another method", 405, "MethodNotAllowed", (push) => Object.assign(push, { method: "GET", body: "" })],
    [
      "the topic in place of the bundle ID",
      400,
      "TopicDisallowed",
      (push) => Object.assign(push, { path: `/4/broadcasts/apps/${APP}.push-type.liveactivity` }),
    ],
    ["no channel", 400, "MissingChannelId", without("apns-channel-id")],
    [
      "a channel that there is none of",
      400,
      "ChannelNotRegistered",
      header("apns-channel-id", "dHN0LXNyY2gtY2hubA=="),
    ],
    ["no push type", 400, "MissingPushType", without("apns-push-type")],
    ["another push type", 400, "InvalidPushType", header("apns-push-type", "alert")],
    ["an expiration that is no number", 400, "BadExpirationDate", header("apns-expiration", "soon")],
    ["priority 1", 400, "BadPriority", header("apns-priority", "1")],
    ["no body", 400, "PayloadEmpty", body("")],
    ["a body that is not JSON", 400, "BadRequestPayload", body("{")],
    [
      "an expiration where nothing is stored",
      400,
      "BadExpirationDate",
      (push) => {
        const { channel_id } = service.createChannel({ message_storage_policy: 0 });
        Object.assign(push.headers, { "apns-channel-id": channel_id, "apns-expiration": "1900000000" });
      },
    ],
  ])("is refused for %s: %i %s", async (_title, status, reason, spoil) => {
    const channel = service.createChannel();
    const push = broadcast(channel);
    spoil(push, channel);
    expect(await send(service, push)).toMatchObject({ status, reason });
    expect(channel.received).toEqual([]);
  });

  it("answers by script, for its channel", async () => {
    const channel = service.createChannel();
    service.respond(channel.channel_id, [{ status: 429 }]);
    expect(await send(service, broadcast(service.createChannel()))).toMatchObject({ status: 200 });
    expect(await send(service, broadcast(channel))).toMatchObject({ status: 429, reason: "TooManyRequests" });
    expect(await send(service, broadcast(channel))).toMatchObject({ status: 200 });
  });
});
