/** Answers and faults that a test asks of the token endpoint. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type FcmService, startFcmService } from "../../../src/testing/index.js";
import { ask, goodGrant, goodPush, send } from "./emulator_push.js";

const BAD_SCOPE = "Invalid OAuth scope or ID token audience provided.";

let service: FcmService;
beforeAll(async () => {
  service = await startFcmService();
});
afterEach(() => {
  service.clearFaults();
  service.clearReceived();
});
afterAll(() => service.close());

describe("a script for the token endpoint", () => {
  afterEach(() => service.respond("token_endpoint"));

  it.each<[object, number, object]>([
    [{ reason: "invalid_grant" }, 400, { error: "invalid_grant" }],
    [
      { status: 400, reason: "invalid_scope", message: BAD_SCOPE },
      400,
      { error: "invalid_scope", error_description: BAD_SCOPE },
    ],
    [{ status: 401 }, 401, { error: "invalid_client" }],
    [{ status: 500 }, 500, { error: "internal_failure" }],
    [{ status: 503 }, 503, { error: "temporarily_unavailable" }],
  ])("%j", async (answer, status, json) => {
    service.respond("token_endpoint", answer);
    expect(await ask(service, goodGrant(service))).toMatchObject({ status, json });
    expect(service.token_requests).toBe(1);
  });

  it("may give out a token in spite of all, or one of its own making", async () => {
    service.respond(
      "token_endpoint",
      { status: 200 },
      { status: 200, body: '{"access_token":"mine"}', headers: { "X-A": "b" } },
    );
    const { json } = await ask(service, { ...goodGrant(service), method: "PUT" });
    const push = goodPush(service, service.createDevice());
    push.headers.authorization = `Bearer ${json.access_token}`;
    expect((await send(service, push)).status).toBe(200);
    const own = await ask(service, goodGrant(service));
    expect([own.json, own.headers["x-a"]]).toEqual([{ access_token: "mine" }, "b"]);
    expect((await ask(service, goodGrant(service))).json.expires_in).toBe(3599);
  });

  it("may be a fault; what is meant for all devices does not reach it", async () => {
    service.fault("close");
    service.respond("*", { status: 500 });
    expect((await ask(service, goodGrant(service))).status).toBe(200);
    service.respond("*");
    service.clearFaults();
    service.fault("reset", { device_token: "token_endpoint", times: 1 });
    await expect(ask(service, goodGrant(service))).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(service.received_token_requests.at(-1)).toMatchObject({ fault: "reset" });
    expect(service.received_token_requests.at(-1)?.status).toBeUndefined();
    service.fault("close", { device_token: "token_endpoint", before_reading: true });
    await expect(ask(service, goodGrant(service))).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(service.received_token_requests.at(-1)?.claims).toBeUndefined();
    service.clearFaults();
    expect((await ask(service, goodGrant(service))).status).toBe(200);
    expect((await send(service, goodPush(service, service.createDevice()))).status).toBe(200);
  });
});
