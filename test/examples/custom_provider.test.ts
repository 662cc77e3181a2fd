import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../setup/packed_project.js";
import { runOk } from "../setup/run.js";
import { startNtfyServer } from "./ntfy_server.js";
import { compileExamples, type Programs } from "./packed_examples.js";

/** Sends what the test asks for through the registered provider, and prints the results. */
const SENDER = `
import { getPushProvider, registerProvider } from "pushmux";
import { ntfy } from "./custom_provider/ntfy.js";

registerProvider(ntfy);
const { config, sends, invalid } = JSON.parse(process.env.PUSH_TEST ?? "{}");
const provider = await getPushProvider("ntfy", config);
const results = await provider.sendBulkNotifications(sends);
const valid = (invalid as unknown[]).map((token) => provider.validateDeviceToken(token));
await provider.close();
console.log(JSON.stringify({ results, valid }));
`;

/** The types say what ntfy takes. */
const TYPES = `
import { getPushProvider } from "pushmux";
import "./custom_provider/ntfy.js";

const provider = await getPushProvider("ntfy", { server: "https://ntfy.example.org", ttl_seconds: 60 });
await provider.sendNotification("topic", { title: "a", platform_data: { tags: ["tada"], markdown: true } });
await provider.sendNotification("topic", { title: "a", platform_data: { ntfy: { click: "https://example.org" } } });
// @ts-expect-error no such key in its config
await getPushProvider("ntfy", { serve: "https://ntfy.example.org" });
// @ts-expect-error tags are a list
await provider.sendNotification("topic", { title: "a", platform_data: { tags: "tada" } });
`;

let server: Awaited<ReturnType<typeof startNtfyServer>>;
let programs: Programs;
beforeAll(async () => {
  server = await startNtfyServer();
  programs = await compileExamples("custom_provider", { "sender.ts": SENDER, "types.ts": TYPES });
});
afterAll(() => server.close());

async function send(sends: unknown, config: object = {}, invalid: unknown[] = []) {
  const task = { config: { server: server.origin, ca: server.ca, ...config }, sends, invalid };
  server.received.length = 0;
  const args = [join(programs.folder, "sender.js")];
  return JSON.parse(
    await runOk(process.execPath, args, { cwd: programs.folder, env: { PUSH_TEST: JSON.stringify(task) } }),
  );
}

describe("a provider by somebody else", () => {
  it("compiles, and its config and options are typed", () => {
    expect(programs.errors).toEqual([]);
  });

  it("is small", () => {
    const lines = readFileSync(join(root, "examples/custom_provider/ntfy.ts"), "utf8").trim().split("\n");
    expect(lines.length).toBeLessThan(100);
  });

  it("5.4.8 puts everything where ntfy reads it", async () => {
    const payload = {
      title: "Backup",
      body: "**42 GB**",
      url: "https://example.org/42",
      icon: "https://example.org/i.png",
      image: "https://example.org/a.png",
      priority: "critical",
      ttl_seconds: 0,
      platform_data: { tags: ["floppy_disk"], ntfy: { markdown: true } },
    };
    const { results } = await send([["backups", payload]], { access_token: "tk_right" });
    expect(results).toMatchObject([
      { success: true, platform: "ntfy", status_code: 200, service_message_id: "hwQ2YpKdmg0k", warnings: [] },
    ]);
    expect(server.received).toMatchObject([
      {
        headers: { authorization: "Bearer tk_right", "content-type": "application/json", cache: "no" },
        message: {
          topic: "backups",
          title: "Backup",
          message: "**42 GB**",
          priority: 5,
          click: "https://example.org/42",
          icon: "https://example.org/i.png",
          attach: "https://example.org/a.png",
          tags: ["floppy_disk"],
          markdown: true,
        },
      },
    ]);
  });

  it.each([
    ["low", 2],
    ["normal", 3],
    ["high", 4],
  ])("maps priority %s to %i, and lets ntfy keep the message", async (priority, expected) => {
    await send([["topic", { title: "a", priority }]]);
    expect(server.received[0]?.message.priority).toBe(expected);
    expect(server.received[0]?.headers).not.toHaveProperty("cache");
    expect(server.received[0]?.headers).not.toHaveProperty("authorization");
  });

  it("classifies every answer, and gets retries from the engine", async () => {
    const payload = { title: "a" };
    const topics = ["good", "busy", "private", "small"];
    const { results } = await send(topics.map((topic) => [topic, payload]));
    expect(results).toMatchObject([
      { success: true, attempts: 1 },
      { success: true, attempts: 2 },
      { error_code: "AUTHENTICATION_FAILED", status_code: 403, reason: "forbidden", retryable: false },
      { error_code: "PAYLOAD_TOO_LARGE", status_code: 413, reason: "JSON body too large" },
    ]);
    const limit = {
      error_code: "RATE_LIMITED",
      reason: "limit reached: too many requests, please be nice",
      retry_after: 3600,
    };
    // The limit is the sender's: what comes after it is told so, and is not sent.
    const limited = await send(
      ["full", "good"].map((topic) => [topic, payload]),
      { max_concurrency: 1 },
    );
    expect(limited.results).toMatchObject([
      { ...limit, attempts: 1 },
      { ...limit, attempts: 0 },
    ]);
    const refused = await send([["good", payload]], { access_token: "tk_wrong" });
    expect(refused.results).toMatchObject([{ error_code: "AUTHENTICATION_FAILED", reason: "unauthorized" }]);
    const failing = ["broken", "gateway"].map((topic) => [topic, payload]);
    const failed = await send(failing, { retry: { max_attempts: 2, base_delay_ms: 1 } });
    expect(failed.results).toMatchObject([
      { error_code: "SERVICE_UNAVAILABLE", reason: "internal server error", attempts: 2 },
      // A gateway may have passed it on: a second copy could arrive twice.
      { error_code: "SERVICE_UNAVAILABLE", reason: "HTTP 502", attempts: 1, may_have_been_sent: true },
    ]);
  });

  it("refuses before sending, and warns of what ntfy cannot carry", async () => {
    const { results, valid } = await send(
      [
        ["no topic", { title: "a" }],
        ["topic", { title: "a", body: "ä".repeat(2049) }],
        ["topic", { title: "a", platform_data: { tgas: ["tada"] } }],
        ["topic", { title: "a", data: { id: 1 } }],
      ],
      {},
      ["topic", "", "a/b", null, 7],
    );
    expect(results).toMatchObject([
      { error_code: "INVALID_TOKEN", attempts: 0 },
      { error_code: "PAYLOAD_TOO_LARGE", message: "body: 4098 bytes; ntfy takes at most 4096", attempts: 0 },
      { error_code: "PAYLOAD_INVALID", attempts: 0 },
      { success: true, warnings: [{ type: "unsupported_field", field: "data" }] },
    ]);
    expect(results[2].message).toContain("tags");
    expect(valid).toEqual([true, false, false, false, false]);
    expect(server.received).toHaveLength(1);
  });
});

describe("custom_provider/send.ts", () => {
  const env = () => ({ NTFY_SERVER: server.origin, NTFY_CA: server.ca });

  it("sends", async () => {
    const { code, stdout } = await programs.run("custom_provider/send.js", {
      ...env(),
      NTFY_TOPIC: "backups",
    });
    expect(stdout).toBe("✓ accepted by ntfy as hwQ2YpKdmg0k\n");
    expect(code).toBe(0);
  });

  it("says why it could not", async () => {
    const { code, stdout } = await programs.run("custom_provider/send.js", {
      ...env(),
      NTFY_TOPIC: "private",
    });
    expect(stdout).toBe("✗ AUTHENTICATION_FAILED: forbidden\n");
    expect(code).toBe(1);
  });
});
