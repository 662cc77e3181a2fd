/** The older API by which devices are subscribed to topics. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type FcmService, startFcmService } from "../../../src/testing/index.js";
import { call } from "./emulator_push.js";

let service: FcmService;
beforeAll(async () => {
  service = await startFcmService();
});
afterEach(() => service.clearReceived());
afterAll(() => service.close());

describe("the Instance ID API", () => {
  const OLD = { access_token_auth: "true" };
  const batch = (what: "Add" | "Remove", registration_tokens: unknown, to: unknown = "/topics/weather") =>
    call(service, "POST", `/iid/v1:batch${what}`, { to, registration_tokens }, OLD);

  it("subscribes and unsubscribes, with a result for each token in order", async () => {
    const [device, gone, full] = [service.createDevice(), service.createDevice(), service.createDevice()];
    const stranger = service.createDevice({ project_id: "another" });
    gone.unregister();
    for (let at = 0; at < 2000; at++) full.subscribeToTopic(`t${at}`);
    const tokens = [device, gone, full, stranger].map(({ device_token }) => device_token);
    const { status, json } = await batch("Add", [...tokens, "bad", device.fid]);
    const results = [
      {},
      { error: "NOT_FOUND" },
      { error: "TOO_MANY_TOPICS" },
      { error: "PERMISSION_DENIED" },
      { error: "INVALID_ARGUMENT" },
      {},
    ];
    expect([status, json]).toEqual([200, { results }]);
    expect(device.topics).toEqual(["weather"]);
    expect(service.received[0]).toMatchObject({
      kind: "instance_id",
      json: { to: "/topics/weather" },
      status: 200,
    });
    expect((await batch("Remove", tokens.slice(0, 1))).json).toEqual({ results: [{}] });
    expect(device.topics).toEqual([]);
  });

  it("takes a topic that a full device has, and 1000 tokens", async () => {
    const device = service.createDevice();
    for (let at = 0; at < 2000; at++) device.subscribeToTopic(`t${at}`);
    const { json } = await batch("Add", Array(1000).fill(device.device_token), "/topics/t7");
    expect(json.results).toEqual(Array(1000).fill({}));
    expect((await batch("Remove", [device.device_token], "/topics/other")).json).toEqual({ results: [{}] });
  });

  it.each<[string, unknown, unknown]>([
    ["1001 tokens", Array(1001).fill("x"), "/topics/a"],
    ["no tokens", [], "/topics/a"],
    ["a token that is not in a list", "x", "/topics/a"],
    ["a topic without its prefix", ["x"], "a"],
    ["a topic with a space", ["x"], "/topics/a b"],
  ])("refuses %s", async (_title, tokens, to) => {
    const { status, json } = await batch("Add", tokens, to);
    expect([status, json]).toEqual([400, { error: "INVALID_ARGUMENT" }]);
  });

  it("tells of a token", async () => {
    const device = service.createDevice({ platform: "ios" });
    device.subscribeToTopic("weather");
    const facts = {
      application: "com.example.app",
      applicationVersion: "1",
      authorizedEntity: service.project_number,
      platform: "IOS",
    };
    const info = (token: string, query = "") =>
      call(service, "GET", `/iid/info/${encodeURIComponent(token)}${query}`, undefined, OLD);
    expect((await info(device.device_token)).json).toEqual(facts);
    const { json } = await info(device.device_token, "?details=true");
    const addDate = expect.stringMatching(/^\d{4}-\d\d-\d\d$/);
    expect(json).toEqual({ ...facts, rel: { topics: { weather: { addDate } } } });
    expect((await info(service.createDevice().device_token, "?details=true")).json).not.toHaveProperty("rel");
    expect(await info("bad")).toMatchObject({ status: 400, json: { error: "InvalidToken" } });
    device.unregister();
    const gone = { status: 404, json: { error: "No information found about this instance id." } };
    expect(await info(device.device_token)).toMatchObject(gone);
    const stranger = service.createDevice({ project_id: "another" });
    expect(await info(stranger.device_token)).toMatchObject({
      status: 403,
      json: { error: "PERMISSION_DENIED" },
    });
  });

  it.each([
    ["no access token", { ...OLD, authorization: "" }],
    ["an access token that does not say that it is one", {}],
    ["an access token that nobody gave out", { ...OLD, authorization: "Bearer ya29.stranger" }],
  ])("lets nobody in with %s", async (_title, headers) => {
    const { status, text, json } = await call(
      service,
      "POST",
      "/iid/v1:batchAdd",
      {},
      headers as Record<string, string>,
    );
    expect([status, json]).toEqual([401, {}]);
    expect(text).toContain("<TITLE>Unauthorized</TITLE>");
  });

  it("wants the scope for it, the right method and a path that exists", async () => {
    const scopes = ["https://www.googleapis.com/auth/userinfo.email"];
    const authorization = `Bearer ${service.createAccessToken({ scopes })}`;
    const denied = await call(service, "POST", "/iid/v1:batchAdd", {}, { ...OLD, authorization });
    expect([denied.status, denied.json]).toEqual([403, { error: "PERMISSION_DENIED" }]);
    expect((await call(service, "GET", "/iid/v1:batchAdd", undefined, OLD)).headers.allow).toBe("POST");
    expect((await call(service, "POST", "/iid/info/x", {}, OLD)).headers.allow).toBe("GET");
    expect((await call(service, "POST", "/iid/v1:batchSend", {}, OLD)).status).toBe(404);
  });
});
