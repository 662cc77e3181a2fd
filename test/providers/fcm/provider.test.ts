import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { FcmProvider, fcm } from "../../../providers/fcm/index.js";
import { ACCOUNT, openCodec, openProvider, SEND_URL, TOKEN, toToken } from "./support.js";
import { answerOf, messagesOf, openWire } from "./wire.js";

const folder = mkdtempSync(join(tmpdir(), "fcm-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

const get_access_token = async () => "token";

describe("the codec", () => {
  it("sends to one host that the operator chose, over whatever it speaks, a thousand at once", async () => {
    const codec = await openCodec();
    const connection = { key: "https://fcm.googleapis.com", protocol: "alpn", guard: "fixed" };
    expect(codec.connection(toToken)).toEqual(connection);
    expect(codec.connection({ kind: "topic", value: "a" })).toEqual(connection);
    expect(codec.limits).toEqual({
      max_payload_bytes: 4096,
      max_ttl_seconds: 2_419_200,
      max_concurrency: 1000,
    });
  });

  it("sends to the endpoint of the config", async () => {
    const codec = await openCodec({ service_account: ACCOUNT, endpoint: "https://localhost:8443" });
    expect(codec.connection(toToken).key).toBe("https://localhost:8443");
  });

  it("1.9 2.fcm tells who sends and what it can do, without the key", async () => {
    const { info, topic_kinds } = await openCodec();
    expect(info).toEqual({
      sender: { project_id: "demo-project", client_email: ACCOUNT.client_email },
      capabilities: {
        conditions: true,
        topic_subscriptions: "v1",
        max_topic_payload_bytes: 2048,
        dry_run: "validate_only",
      },
    });
    expect(topic_kinds).toEqual(["topic", "condition"]);
  });

  it.each([
    ["the config", { service_account: ACCOUNT, project_id: "own" }, "own"],
    ["the service account", { service_account: ACCOUNT }, "demo-project"],
    [
      "the app",
      { app: { options: { credential: { getAccessToken: () => {} }, projectId: "of-app" } } },
      "of-app",
    ],
  ])("the project is that of %s", async (_whose, config, project_id) => {
    expect((await openCodec(config)).info?.sender).toMatchObject({ project_id });
  });

  it("a project that nobody names is missing", async () => {
    const { client_email, private_key } = ACCOUNT;
    await expect(openCodec({ service_account: { client_email, private_key } })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: "fcm: project_id: missing; the credentials name no project (environment: FCM_PROJECT_ID)",
    });
  });

  it("default credentials of another kind are used through firebase-admin", async () => {
    const path = join(folder, "default.json");
    writeFileSync(path, JSON.stringify({ type: "authorized_user", client_id: "a" }));
    vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", path);
    const codec = await openCodec({ service_account_path: path, project_id: "p" });
    expect(codec.info?.sender).toEqual({ project_id: "p" });
    await expect(openCodec({ service_account_path: path })).rejects.toThrow("project_id: missing");
  });
});

describe("the provider", () => {
  it("1.9 2.fcm opens with its name, its limits and its sender", async () => {
    const provider = await openProvider();
    expect(provider).toBeInstanceOf(FcmProvider);
    expect(provider.getPlatformInfo()).toMatchObject({
      platform: "fcm",
      limits: { max_payload_bytes: 4096, max_ttl_seconds: 2_419_200, max_concurrency: 1000 },
      capabilities: { topics: true, conditions: true },
      sender: { project_id: "demo-project" },
    });
    expect(inspect(provider, { depth: 9 })).not.toContain(ACCOUNT.private_key.slice(30, 60));
    await provider.close();
  });

  it("1.9 2.fcm sends a message and gives the service's id for it", async () => {
    const wire = await openWire();
    const result = await wire.provider.sendNotification(TOKEN, { title: "Hello", ttl_seconds: 600 });
    expect(result).toMatchObject({
      success: true,
      platform: "fcm",
      device_token: TOKEN,
      service_message_id: "projects/demo-project/messages/1",
      status_code: 200,
      attempts: 1,
    });
    expect(wire.sent[0]?.url).toBe(SEND_URL);
    expect(messagesOf(wire)[0]).toMatchObject({ token: TOKEN, android: { ttl: "600s" } });
    await wire.provider.close();
  });

  it("1.9 2.fcm five in one call, each with its own token", async () => {
    const wire = await openWire();
    const tokens = ["a", "b", "c", "d", "e"];
    const results = await wire.provider.sendMulticastNotification(tokens, { title: "Hello" });
    expect(results.map(({ success, device_token }) => [success, device_token])).toEqual(
      tokens.map((token) => [true, token]),
    );
    expect(new Set(messagesOf(wire).map(({ token }) => token))).toEqual(new Set(tokens));
    await wire.provider.close();
  });

  it.each(["fcm", "fcm_linux", "fcm_android"])(
    "C5 1.9 platform_data.%s is FCM's own, and an unknown key in it is refused",
    async (name) => {
      const wire = await openWire();
      const send = (options: object) =>
        wire.provider.sendNotification(TOKEN, { title: "t", platform_data: { [name]: options } } as never);
      await send({ android: { collapseKey: "k" } });
      expect(messagesOf(wire)[0].android).toEqual({ ttl: "300s", priority: "NORMAL", collapse_key: "k" });
      expect(await send({ andriod: {} })).toMatchObject({
        success: false,
        error_code: "PAYLOAD_INVALID",
        message: expect.stringContaining(`platform_data.${name}.andriod: unknown key; valid: notification`),
        attempts: 0,
      });
      await wire.provider.close();
    },
  );

  it("what browsers and Apple's devices read flat is not FCM's: a warning, not a mistake", async () => {
    const wire = await openWire();
    const platform_data = { icon: "/i.png", mutable_content: true } as never;
    const result = await wire.provider.sendNotification(TOKEN, { title: "t", platform_data });
    expect(result.warnings.map(({ field }) => field)).toEqual([
      "platform_data.icon",
      "platform_data.mutable_content",
    ]);
    await wire.provider.close();
  });

  it("a dry run asks FCM to check and not to send", async () => {
    const wire = await openWire();
    wire.answer = () => answerOf(200, { name: "projects/demo-project/messages/fake_message_id" });
    const result = await wire.provider.sendNotification(TOKEN, { title: "t" }, { dry_run: true });
    expect(JSON.parse(String(wire.sent[0]?.body))).toMatchObject({ validate_only: true });
    expect(result).toMatchObject({ success: true, attempts: 1 });
    await wire.provider.close();
  });

  it.each([
    ["weather", { topic: "weather" }],
    ["/topics/weather", { topic: "weather" }],
    ["'a' in topics && 'b' in topics", { condition: "'a' in topics && 'b' in topics" }],
  ])("C7 1.9 2.fcm sends to %s", async (topic, target) => {
    const wire = await openWire();
    const result = await wire.provider.sendTopicNotification(topic, { title: "t" });
    expect(result).toMatchObject({ success: true, topic });
    expect(messagesOf(wire)[0]).toMatchObject(target);
    expect(messagesOf(wire)[0].token).toBeUndefined();
    await wire.provider.close();
  });

  it("C7 a topic that is none is refused without a request", async () => {
    const wire = await openWire();
    expect(await wire.provider.sendTopicNotification("two words", { title: "t" })).toMatchObject({
      success: false,
      error_code: "PAYLOAD_INVALID",
      attempts: 0,
    });
    expect(wire.sent).toEqual([]);
    await wire.provider.close();
  });

  it("1.9 2.fcm validateDeviceToken says what could be a token", async () => {
    const provider = await openProvider({ service_account: undefined, project_id: "p", get_access_token });
    expect(
      [TOKEN, { fid: "abc" }, "", "a b", 7, undefined].map((token) => provider.validateDeviceToken(token)),
    ).toEqual([true, true, false, false, false, false]);
    await provider.close();
  });
});

it("the definition names its aliases and its environment; none of its options is flat", () => {
  expect(fcm.platform).toBe("fcm");
  expect(fcm.aliases).toEqual(["fcm_linux", "fcm_android"]);
  expect(fcm.environment?.project_id).toEqual(["FCM_PROJECT_ID"]);
  expect(Object.keys(fcm.platform_data?.shape ?? {})).toEqual([]);
});
