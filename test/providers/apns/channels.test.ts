import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ApnsProvider } from "../../../providers/apns/index.js";
import type { ScriptedTransport } from "../../engine/support.js";
import { CHANNEL, openApns } from "./support.js";

const MANAGE = "https://api-manage-broadcast.sandbox.push.apple.com:2195/1/apps/com.example.MyApp";
const channels = "1/apps/com.example.MyApp/channels";
const all_channels = "1/apps/com.example.MyApp/all-channels";
const down = { status: 503, body: '{"reason":"ServiceUnavailable"}' };

let provider: ApnsProvider;
let transport: ScriptedTransport;
let opened: Awaited<ReturnType<typeof openApns>>;

beforeEach(async () => {
  opened = await openApns({ environment: "sandbox" });
  ({ provider, transport } = opened);
});
afterEach(() => provider.close());

/** Lets the waits between attempts pass. */
async function hurried<T>(promise: Promise<T>): Promise<T> {
  await opened.clock.advance(30_000);
  return promise;
}

describe("channels", () => {
  it("are created", async () => {
    transport.answer(channels, {
      status: 201,
      headers: { "apns-channel-id": CHANNEL, "apns-request-id": "r-1" },
    });
    expect(await provider.createChannel({ message_storage_policy: 1 })).toMatchObject({
      success: true,
      channel_id: CHANNEL,
      message_storage_policy: 1,
      service_message_id: "r-1",
      status_code: 201,
      attempts: 1,
    });
    expect(transport.sent[0]?.request).toEqual({
      method: "POST",
      url: `${MANAGE}/channels`,
      headers: { "content-type": "application/json", authorization: expect.stringMatching(/^bearer /) },
      body: '{"message-storage-policy":1,"push-type":"LiveActivity"}',
    });
  });

  it("are read", async () => {
    const body = '{"message-storage-policy":0,"push-type":"LiveActivity"}';
    transport.answer(channels, { status: 200, body });
    const result = await provider.readChannel(CHANNEL);
    expect(result).toMatchObject({ success: true, channel_id: CHANNEL, message_storage_policy: 0 });
    expect(result).not.toHaveProperty("topic");
    expect(result).not.toHaveProperty("device_token");
    expect(transport.sent[0]?.request).toEqual({
      method: "GET",
      url: `${MANAGE}/channels`,
      headers: { "apns-channel-id": CHANNEL, authorization: expect.stringMatching(/^bearer /) },
    });
  });

  it("are listed", async () => {
    transport.answer(all_channels, { status: 200, body: JSON.stringify({ channels: [CHANNEL, "b"] }) });
    expect(await provider.listChannels()).toMatchObject({ success: true, channels: [CHANNEL, "b"] });
    expect(transport.sent[0]?.request).toMatchObject({ method: "GET", url: `${MANAGE}/all-channels` });
    transport.answer(all_channels, { status: 200, body: '{"channels":[]}' });
    expect(await provider.listChannels()).toMatchObject({ success: true, channels: [] });
  });

  it("are deleted", async () => {
    transport.answer(channels, { status: 204 });
    expect(await provider.deleteChannel(CHANNEL)).toMatchObject({ success: true, channel_id: CHANNEL });
    expect(transport.sent[0]?.request).toMatchObject({
      method: "DELETE",
      url: `${MANAGE}/channels`,
      headers: { "apns-channel-id": CHANNEL },
    });
  });
});

describe("what goes wrong with a channel", () => {
  it("is a result with a code and Apple's reason", async () => {
    transport.answer(channels, { status: 400, body: '{"reason":"ChannelNotRegistered"}' });
    expect(await provider.readChannel(CHANNEL)).toMatchObject({
      success: false,
      channel_id: CHANNEL,
      error_code: "UNREGISTERED",
      reason: "ChannelNotRegistered",
      message: expect.stringContaining("not in this environment"),
    });
    expect(await provider.deleteChannel(CHANNEL)).toMatchObject({ error_code: "UNREGISTERED", attempts: 1 });
    transport.answer(channels, { status: 400, body: '{"reason":"CannotCreateChannelConfig"}' });
    const refused = await provider.createChannel({ message_storage_policy: 0 });
    expect(refused).toMatchObject({ success: false, error_code: "AUTHENTICATION_FAILED" });
    expect(refused).not.toHaveProperty("message_storage_policy");
  });

  it.each([
    ["an id that is none", () => provider.readChannel("a b"), "INVALID_TOKEN"],
    ["no id", () => provider.deleteChannel(undefined as never), "INVALID_TOKEN"],
    [
      "another policy",
      () => provider.createChannel({ message_storage_policy: 2 as never }),
      "PAYLOAD_INVALID",
    ],
    ["no policy", () => provider.createChannel(undefined as never), "PAYLOAD_INVALID"],
  ])("before anything is sent: %s", async (_what, call, error_code) => {
    expect(await call()).toMatchObject({ success: false, error_code, attempts: 0 });
    expect(transport.sent).toEqual([]);
  });

  it("an answer without what was asked for is no success", async () => {
    transport.answer(channels, { status: 201 });
    expect(await provider.createChannel({ message_storage_policy: 1 })).toMatchObject({
      success: false,
      error_code: "UNKNOWN_RESPONSE",
    });
    for (const body of ["", "[]", '{"message-storage-policy":"1"}']) {
      transport.answer(channels, { status: 200, body });
      expect(await provider.readChannel(CHANNEL)).toMatchObject({ error_code: "UNKNOWN_RESPONSE" });
    }
    for (const body of ["{}", '{"channels":[1]}', '{"channels":["a"']) {
      transport.answer(all_channels, { status: 200, body });
      expect(await provider.listChannels()).toMatchObject({ error_code: "UNKNOWN_RESPONSE" });
    }
    transport.answer(channels, { status: 200 });
    expect(await provider.deleteChannel(CHANNEL)).toMatchObject({ error_code: "UNKNOWN_RESPONSE" });
  });

  it("is retried, and a token that was refused is renewed", async () => {
    const expired = { status: 403, body: '{"reason":"ExpiredProviderToken"}' };
    transport.answer(all_channels, down, expired, { status: 200, body: '{"channels":[]}' });
    expect(await hurried(provider.listChannels())).toMatchObject({ success: true, attempts: 3 });
  });

  it("after a request that got no answer: all but a creation are repeated", async () => {
    const lost = { reach: "maybe_sent" } as const;
    transport.answer(channels, lost, { status: 201, headers: { "apns-channel-id": CHANNEL } });
    expect(await hurried(provider.createChannel({ message_storage_policy: 1 }))).toMatchObject({
      success: false,
      error_code: "NETWORK_ERROR",
      may_have_been_sent: true,
      attempts: 1,
    });
    transport.answer(channels, lost, { status: 200, body: '{"message-storage-policy":1}' });
    expect(await hurried(provider.readChannel(CHANNEL))).toMatchObject({ success: true, attempts: 2 });
    const gone = { status: 400, body: '{"reason":"ChannelNotRegistered"}' };
    transport.answer(channels, lost, gone);
    expect(await hurried(provider.deleteChannel(CHANNEL))).toMatchObject({ success: true, attempts: 2 });
    transport.answer(channels, lost, gone);
    expect(await hurried(provider.readChannel(CHANNEL))).toMatchObject({ error_code: "UNREGISTERED" });
  });

  it("a dry run is refused: there is no such thing", async () => {
    const dry = { dry_run: true } as never;
    await expect(provider.deleteChannel(CHANNEL, dry)).rejects.toMatchObject({ code: "OPTIONS_INVALID" });
    expect(transport.sent).toEqual([]);
  });

  it("a closed provider says so", async () => {
    await provider.close();
    await expect(provider.listChannels()).rejects.toMatchObject({ code: "PROVIDER_CLOSED" });
  });
});

describe("a broadcast", () => {
  const payload = {
    ttl_seconds: 0,
    platform_data: { apns: { live_activity: { event: "update", content_state: { score: 1 } } } },
  } as const;
  const broadcasts = "4/broadcasts/apps/com.example.MyApp";

  it("is sent to a channel by sendTopicNotification", async () => {
    transport.answer(broadcasts, { status: 200, headers: { "apns-request-id": "r-1" } });
    expect(await provider.sendTopicNotification(CHANNEL, payload)).toMatchObject({
      success: true,
      platform: "apns",
      topic: CHANNEL,
      service_message_id: "r-1",
    });
    const { url, headers } = transport.sent[0]?.request ?? {};
    expect(url).toBe(`https://api.sandbox.push.apple.com/${broadcasts}`);
    expect(headers).toMatchObject({
      "apns-channel-id": CHANNEL,
      "apns-expiration": "0",
      authorization: expect.stringMatching(/^bearer /),
    });
  });

  it("to a channel that is gone says so", async () => {
    transport.answer(broadcasts, { status: 400, body: '{"reason":"ChannelNotRegistered"}' });
    expect(await provider.sendTopicNotification(CHANNEL, payload)).toMatchObject({
      success: false,
      error_code: "UNREGISTERED",
      topic: CHANNEL,
    });
  });

  it("to no channel id is not sent", async () => {
    const result = await provider.sendTopicNotification("not a channel", payload);
    expect(result).toMatchObject({ error_code: "INVALID_TOKEN", attempts: 0 });
  });
});
