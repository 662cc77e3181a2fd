import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { FcmProvider } from "../../../providers/fcm/index.js";
import { getPushProvider } from "../../../src/index.js";
import { type FcmService, startFcmService } from "../../../src/testing/index.js";
import { error } from "./error_bodies.js";
import { TOKEN } from "./support.js";
import { answerOf, openWire } from "./wire.js";

let service: FcmService;
let provider: FcmProvider;

beforeAll(async () => {
  service = await startFcmService();
});
afterEach(() => {
  service.clearFaults();
  service.respond("*");
  service.clearReceived();
});
afterAll(() => service.close());

function open(topic_api: "v1" | "legacy") {
  beforeAll(async () => {
    provider = await getPushProvider("fcm", { ...service.config, topic_api });
  });
  afterAll(() => provider.close());
}

describe.each(["v1", "legacy"] as const)("C7 topic subscriptions over %s", (topic_api) => {
  open(topic_api);

  it("begin and end, one result for each token, in order", async () => {
    const devices = Array.from({ length: 5 }, () => service.createDevice());
    const tokens = devices.map(({ device_token }) => device_token);
    const begun = await provider.subscribeToTopic(tokens, "/topics/weather");
    expect(begun).toMatchObject(
      tokens.map((device_token, index) => ({
        success: true,
        platform: "fcm",
        device_token,
        index,
        message: "The token is subscribed to the topic.",
      })),
    );
    expect(begun.every((result) => !("topic" in result))).toBe(true);
    expect(devices.map(({ topics }) => topics)).toEqual(devices.map(() => ["weather"]));
    await provider.sendTopicNotification("weather", { title: "Rain" });
    expect(devices.map(({ received }) => received.length)).toEqual([1, 1, 1, 1, 1]);
    const ended = await provider.unsubscribeFromTopic(tokens.slice(1), "weather");
    expect(ended.map(({ success, index, message }) => [success, index, message])).toEqual(
      [0, 1, 2, 3].map((index) => [true, index, "The token is not subscribed to the topic any more."]),
    );
    expect(devices.map(({ topics }) => topics.length)).toEqual([1, 0, 0, 0, 0]);
  });

  it("that were so before are as good as done", async () => {
    const { device_token, topics } = service.createDevice();
    const twice = async (method: "subscribeToTopic" | "unsubscribeFromTopic") => {
      const results = [
        await provider[method]([device_token], "a"),
        await provider[method]([device_token], "a"),
      ];
      return results.flat().map(({ success }) => success);
    };
    expect(await twice("unsubscribeFromTopic")).toEqual([true, true]);
    expect(await twice("subscribeToTopic")).toEqual([true, true]);
    expect(topics).toEqual([]);
  });

  it("tell of each token what is wrong with it, and take the others", async () => {
    const [good, gone] = [service.createDevice(), service.createDevice()];
    gone.unregister();
    const stranger = service.createDevice({ project_id: "other" });
    const tokens = ["a b", gone.device_token, good.device_token, 7, stranger.device_token, "no-token"];
    const results = await provider.subscribeToTopic(tokens, "weather");
    expect(results.map(({ device_token, index }) => [device_token, index])).toEqual(
      tokens.map((token, index) => [token, index]),
    );
    expect(results.map(({ error_code, remove_token }) => [error_code, remove_token])).toEqual([
      ["INVALID_TOKEN", false],
      ["UNREGISTERED", true],
      [undefined, undefined],
      ["INVALID_TOKEN", false],
      ["SENDER_MISMATCH", false],
      ["INVALID_TOKEN", false],
    ]);
    expect(good.topics).toEqual(["weather"]);
  });

  it("a name that no topic has is refused for each, without a request", async () => {
    const tokens = [service.createDevice().device_token, "b"];
    for (const topic of ["two words", "", "'a' in topics", 7 as never]) {
      const results = await provider.subscribeToTopic(tokens, topic);
      expect(
        results.map(({ error_code, device_token, attempts }) => [error_code, device_token, attempts]),
      ).toEqual(tokens.map((token) => ["PAYLOAD_INVALID", token, 0]));
    }
    expect(service.received).toEqual([]);
  });

  it("no token is no request", async () => {
    expect(await provider.subscribeToTopic([], "weather")).toEqual([]);
    expect(service.received).toEqual([]);
  });

  it.each([
    ["a bare token", TOKEN, undefined, "device_tokens: expected an array"],
    ["nothing", undefined, undefined, "device_tokens: expected an array"],
    ["a dry run, which there is none of", [TOKEN], { dry_run: true }, "options.dry_run"],
    ["progress", [TOKEN], { on_progress: () => {} }, "options.on_progress"],
    ["an option that nobody has", [TOKEN], { timeout: 3 }, "options.timeout"],
  ])("%s is a wrong call", async (_what, tokens, options, words) => {
    await expect(provider.subscribeToTopic(tokens as never, "a", options as never)).rejects.toMatchObject({
      code: "OPTIONS_INVALID",
      message: expect.stringContaining(words),
    });
    expect(service.received).toEqual([]);
  });

  it("a failure of the whole is everybody's", async () => {
    service.respond("*", { status: 403, reason: "PERMISSION_DENIED" });
    const results = await provider.subscribeToTopic(["a", "b"], "weather");
    expect(results.map(({ error_code, device_token, index }) => [error_code, device_token, index])).toEqual([
      ["AUTHENTICATION_FAILED", "a", 0],
      ["AUTHENTICATION_FAILED", "b", 1],
    ]);
  });

  it("C2 an expired access token is renewed", async () => {
    const { device_token } = service.createDevice();
    await provider.subscribeToTopic([device_token], "a");
    service.fault("expired_credentials");
    expect(await provider.subscribeToTopic([device_token], "b")).toMatchObject([
      { success: true, attempts: 2 },
    ]);
  });

  it("an abort settles each", async () => {
    const results = await provider.subscribeToTopic(["a", "b"], "weather", { signal: AbortSignal.abort() });
    expect(results.map(({ error_code }) => error_code)).toEqual(["ABORTED", "ABORTED"]);
  });
});

describe("v1", () => {
  open("v1");

  it("takes installation ids, and topics with any character that they may have", async () => {
    const device = service.createDevice();
    const topic = "a-Z_0.~%";
    expect(await provider.subscribeToTopic([{ fid: device.fid }], topic)).toMatchObject([{ success: true }]);
    expect(device.topics).toEqual([topic]);
    expect(await provider.unsubscribeFromTopic([device.device_token], topic)).toMatchObject([
      { success: true },
    ]);
    expect(device.topics).toEqual([]);
  });

  it("asks for each token on its own, a hundred at a time", async () => {
    let most = 0;
    const wire = await openWire();
    wire.answer = () => {
      most = Math.max(most, Number(wire.provider.getPlatformInfo().counters.in_flight));
      return answerOf(200, {});
    };
    const tokens = Array.from({ length: 250 }, (_, i) => `token-${i}`);
    await wire.provider.subscribeToTopic(tokens, "weather");
    expect(wire.sent).toHaveLength(250);
    expect(most).toBe(100);
    expect(wire.sent[0]).toMatchObject({
      method: "POST",
      url: "https://fcm.googleapis.com/v1/projects/demo-project/registrations/token-0/topicSubscriptions?topicName=weather",
      body: "{}",
    });
    await wire.provider.close();
  });

  it("a token's colon is escaped in the address", async () => {
    const wire = await openWire();
    await wire.provider.unsubscribeFromTopic(["a:b/c"], "x%y");
    expect(wire.sent[0]).toMatchObject({
      method: "DELETE",
      url: "https://fcm.googleapis.com/v1/projects/demo-project/registrations/a%3Ab%2Fc/topicSubscriptions/x%25y?allowMissing=true",
    });
    expect(wire.sent[0]?.body).toBeUndefined();
    await wire.provider.close();
  });

  it("only ALREADY_EXISTS is a good 409, and no 404 without a code of FCM's is a dead token", async () => {
    const wire = await openWire();
    const answer = async (status: number, name: string) => {
      wire.answer = () => answerOf(status, error(status, name, "no"));
      return (await wire.provider.subscribeToTopic(["a"], "weather"))[0];
    };
    expect(await answer(409, "ALREADY_EXISTS")).toMatchObject({ success: true });
    expect(await answer(409, "ABORTED")).toMatchObject({ error_code: "UNKNOWN_RESPONSE" });
    expect(await answer(404, "NOT_FOUND")).toMatchObject({
      error_code: "AUTHENTICATION_FAILED",
      remove_token: false,
    });
    await wire.provider.close();
  });

  it("what got no answer is asked again: done twice is done once", async () => {
    const wire = await openWire();
    wire.answer = () => (wire.sent.length === 1 ? { reach: "maybe_sent" } : answerOf(200, {}));
    const subscribing = wire.provider.subscribeToTopic(["a"], "weather");
    await wire.clock.advance(60_000);
    expect(await subscribing).toMatchObject([{ success: true, attempts: 2 }]);
    await wire.provider.close();
  });
});

describe("legacy", () => {
  it("sends a thousand tokens in one request, to its own host", async () => {
    const wire = await openWire({ topic_api: "legacy" });
    wire.answer = ({ body }) => {
      const { registration_tokens } = JSON.parse(String(body));
      return answerOf(200, { results: registration_tokens.map(() => ({})) });
    };
    const tokens = Array.from({ length: 2001 }, (_, i) => (i === 5 ? "a b" : `token-${i}`));
    const results = await wire.provider.subscribeToTopic(tokens, "weather");
    const bodies = wire.sent.map(({ body }) => JSON.parse(String(body)));
    expect(bodies.map(({ registration_tokens }) => registration_tokens.length)).toEqual([1000, 1000]);
    expect(bodies[0].to).toBe("/topics/weather");
    expect(wire.sent[0]).toMatchObject({
      method: "POST",
      url: "https://iid.googleapis.com/iid/v1:batchAdd",
      headers: { access_token_auth: "true", authorization: "Bearer token-1" },
    });
    expect(results.map(({ device_token }) => device_token)).toEqual(tokens);
    expect(results.filter(({ success }) => !success).map(({ index }) => index)).toEqual([5]);
    await wire.provider.unsubscribeFromTopic(["a"], "weather");
    expect(wire.sent.at(-1)?.url).toBe("https://iid.googleapis.com/iid/v1:batchRemove");
    await wire.provider.close();
  });

  it.each([
    ["NOT_FOUND", "UNREGISTERED", false, true],
    ["INVALID_ARGUMENT", "INVALID_TOKEN", false, false],
    ["PERMISSION_DENIED", "SENDER_MISMATCH", false, false],
    ["TOO_MANY_TOPICS", "PAYLOAD_INVALID", false, false],
    ["RESOURCE_EXHAUSTED", "RATE_LIMITED", true, false],
    ["INTERNAL", "SERVICE_UNAVAILABLE", true, false],
    ["DEADLINE_EXCEEDED", "SERVICE_UNAVAILABLE", true, false],
  ])("C7 an item's %s is %s", async (reason, error_code, retryable, remove_token) => {
    const wire = await openWire({ topic_api: "legacy" });
    wire.answer = () => answerOf(200, { results: [{}, { error: reason }] });
    expect(await wire.provider.subscribeToTopic(["a", "b"], "weather")).toMatchObject([
      { success: true, device_token: "a" },
      {
        success: false,
        device_token: "b",
        index: 1,
        error_code,
        reason,
        retryable,
        remove_token,
        attempts: 1,
      },
    ]);
    await wire.provider.close();
  });

  it.each([
    ["an error that is new", { results: [{}, { error: "MOON" }] }, [undefined, "UNKNOWN_RESPONSE"]],
    ["an item that is nothing", { results: [null, {}] }, [undefined, undefined]],
    ["too few results", { results: [{}] }, ["UNKNOWN_RESPONSE", "UNKNOWN_RESPONSE"]],
    ["no results", {}, ["UNKNOWN_RESPONSE", "UNKNOWN_RESPONSE"]],
  ])("%s is what it is", async (_what, body, codes) => {
    const wire = await openWire({ topic_api: "legacy" });
    wire.answer = () => answerOf(200, body);
    const results = await wire.provider.subscribeToTopic(["a", "b"], "weather");
    expect(results.map(({ error_code }) => error_code)).toEqual(codes);
    await wire.provider.close();
  });
});
