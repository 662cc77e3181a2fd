import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startWnsService, type WnsFlow, type WnsService } from "../../../src/testing/index.js";
import { ask, goodAsk, pushWith } from "./emulator_ask.js";
import { goodPush, send } from "./emulator_push.js";
import { authorize } from "./emulator_rules.js";

const NOW_MS = Date.UTC(2026, 10, 20, 12);

let now_ms = NOW_MS;
let service: WnsService;
beforeAll(async () => {
  service = await startWnsService({ clock: { now: () => now_ms } });
});
afterEach(() => {
  service.clearReceived();
  now_ms = NOW_MS;
});
afterAll(() => service.close());

describe("the token endpoints", () => {
  it("are nowhere else, and not where the channels are", async () => {
    expect((await ask(service, "entra", (one) => Object.assign(one, { url: `${one.url}/` }))).status).toBe(
      404,
    );
    expect(
      (await ask(service, "legacy", (one) => Object.assign(one, { url: `${one.url}?a=b` }))).status,
    ).toBe(404);
    expect(service.received_token_requests.map(({ flow, status }) => [flow, status])).toEqual([
      [undefined, 404],
      [undefined, 404],
    ]);
    expect(new URL(service.config.token_endpoint).port).not.toBe(String(service.port));
  });

  it("give another token each time; the older ones stay good until they expire", async () => {
    const first = (await ask(service, "entra")).body?.access_token;
    now_ms += 1000;
    const second = (await ask(service, "entra")).body?.access_token;
    expect(second).not.toBe(first);
    expect([await pushWith(service, first), await pushWith(service, second)]).toEqual([200, 200]);
    now_ms = NOW_MS + 86_399_000;
    expect([await pushWith(service, first), await pushWith(service, second)]).toEqual([401, 200]);
  });

  it("are recorded, decoded", async () => {
    await ask(service, "legacy");
    expect(service.received_token_requests).toEqual([
      {
        flow: "legacy",
        method: "POST",
        path: "/accesstoken.srf",
        headers: expect.objectContaining({ "content-type": "application/x-www-form-urlencoded" }),
        form: goodAsk(service, "legacy").form,
        status: 200,
        timestamp: new Date(NOW_MS).toISOString(),
      },
    ]);
    expect(service.received).toEqual([]);
  });

  it.each<WnsFlow>(["entra", "legacy"])("give tokens for as long as they are told (%s)", async (flow) => {
    await using brief = await startWnsService({ clock: { now: () => now_ms }, access_token_seconds: 60 });
    const device = brief.createDevice();
    const push = goodPush(brief, device);
    authorize({ push }, brief.createAccessToken(flow));
    now_ms += 59_999;
    expect((await send(brief, push)).status).toBe(200);
    now_ms += 1;
    expect((await send(brief, push)).status).toBe(401);
  });
});

describe("a script for the token endpoints", () => {
  afterEach(() => {
    service.respond("token_endpoint");
    service.respond("*");
    service.clearFaults();
  });

  it.each<[WnsFlow, number, string | undefined, string]>([
    ["entra", 503, undefined, "temporarily_unavailable"],
    ["entra", 429, undefined, "temporarily_unavailable"],
    ["entra", 401, undefined, "invalid_client"],
    ["entra", 400, "interaction_required", "interaction_required"],
    ["legacy", 400, undefined, "invalid_request"],
  ])("puts an answer into the form of %s: %i %s", async (flow, status, reason, error) => {
    service.respond("token_endpoint", { status, reason, headers: { "Retry-After": "3" } });
    const reply = await ask(service, flow);
    expect(reply).toMatchObject({ status, body: { error }, headers: { "retry-after": "3" } });
    expect(typeof reply.body?.trace_id).toBe(flow === "entra" ? "string" : "undefined");
    expect(service.received_token_requests[0]).toMatchObject({ status, error });
  });

  it("gives answers in order, as they are, and tokens to whoever it lets in", async () => {
    service.respond(
      "token_endpoint",
      { status: 502, body: '{"down":true}', headers: { "Content-Type": "text/html" } },
      { status: 200 },
    );
    const down = await ask(service, "entra");
    expect(down).toMatchObject({
      status: 502,
      body: { down: true },
      headers: { "content-type": "text/html" },
    });
    expect(service.received_token_requests[0]?.error).toBeUndefined();
    const { status, body } = await ask(service, "entra", ({ form }) =>
      Object.assign(form, { client_secret: "guess" }),
    );
    expect([status, await pushWith(service, body?.access_token)]).toEqual([200, 200]);
    expect(
      (await ask(service, "entra", ({ form }) => Object.assign(form, { client_secret: "guess" }))).status,
    ).toBe(401);
  });

  it("is none of the devices' concern, nor theirs its", async () => {
    service.respond("*", { status: 500 });
    service.fault("close");
    expect((await ask(service, "entra")).status).toBe(200);
    service.clearFaults();
    service.respond("*");
    service.respond("token_endpoint", { status: 500 });
    service.fault("close", { device_token: "token_endpoint", times: 1 });
    expect(await pushWith(service, service.createAccessToken())).toBe(200);
    await expect(ask(service, "entra")).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(service.received_token_requests.at(-1)).toMatchObject({
      fault: "close",
      form: { scope: expect.anything() },
    });
    expect(service.received_token_requests.at(-1)?.status).toBeUndefined();
    expect((await ask(service, "entra")).status).toBe(500);
  });

  it("may lose the request before it is read, and be ended with all faults", async () => {
    service.fault("reset", { device_token: "token_endpoint", before_reading: true });
    await expect(ask(service, "entra")).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(service.received_token_requests[0]).toMatchObject({ flow: "entra", form: {}, fault: "reset" });
    service.clearFaults();
    expect((await ask(service, "entra")).status).toBe(200);
  });
});
