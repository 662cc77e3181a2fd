import { channel } from "node:diagnostics_channel";
import { inspect } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import type { HttpResponse } from "../../src/codec.js";
import { getPushProvider, type PushError, type PushLogger, redactResult } from "../../src/index.js";
import { caught, QUICK } from "./support.js";
import type { Harness, Script } from "./world.js";

const CHANNELS = [
  "pushmux:credential",
  ...["send", "attempt"].flatMap((name) =>
    ["start", "end", "asyncStart", "asyncEnd", "error"].map((event) => `tracing:pushmux:${name}:${event}`),
  ),
];

/** Nothing leaks, nothing disturbs, nothing throws. */
export function describeQuiet(harness: Harness, open: Harness["open"]): void {
  describe(`${harness.platform} conforms: quiet and unshaken`, () => {
    it("a listener or logger that throws, or rejects, disturbs nothing", async () => {
      const broken = () => {
        throw new Error("listener");
      };
      const rejecting = (async () => broken()) as () => void;
      const logger: PushLogger = { debug: rejecting, info: broken, warn: broken, error: broken };
      const { provider, tokens } = await open({}, {}, { on_event: broken, logger });
      const results = await provider.sendMulticastNotification(tokens(10), harness.payload, {
        on_progress: broken,
      });
      expect(results.every((result) => result.success)).toBe(true);
    });

    it("keys, tokens and payloads appear in no log, event, channel, statistic, error or inspection", async () => {
      const heard: unknown[] = [];
      const hear = (...args: unknown[]) => void heard.push(args);
      for (const name of CHANNELS) channel(name).subscribe(hear);
      onTestFinished(() => {
        for (const name of CHANNELS) channel(name).unsubscribe(hear);
      });
      const logger: PushLogger = { debug: hear, info: hear, warn: hear, error: hear };
      const script: Script = { ann: ["accept"], gone: ["gone"], slow: [{ code: "SERVICE_UNAVAILABLE" }] };
      const { provider, token, secrets } = await open(script, QUICK, { on_event: hear, logger });
      const payload = { title: "canary-title", body: "canary-body", data: { key: "canary-data" } };
      const list = ["ann", "gone", "slow"].map(token);
      const results = await provider.sendMulticastNotification(
        [...list, "canary-token {", { endpoint: "canary-token" }],
        payload,
      );
      await provider.sendNotification(token("ann"), { ...payload, nonsense: "canary-field" } as never);
      await provider.sendTopicNotification("canary-topic", payload);
      heard.push(
        provider,
        provider.getPlatformInfo(),
        provider.stats(),
        await provider.healthCheck(),
        results.map(redactResult),
      );
      heard.push(
        await caught(getPushProvider(harness.platform, harness.wrongConfig("canary-config") as never)),
      );
      heard.push(
        await caught(provider.sendNotification(token("ann"), payload, { "canary-option": 1 } as never)).then(
          redactOption,
        ),
      );
      expect(heard.length).toBeGreaterThan(10);
      const everything = heard
        .map((entry) => inspect(entry, { depth: 20, showHidden: true, maxStringLength: 1e6 }))
        .join("\n");
      for (const secret of ["canary-", ...secrets]) expect(everything).not.toContain(secret);
    });

    it("F6 healthCheck proves that credentials can be had, and sends nothing", async () => {
      const { provider, total } = await open();
      expect(await provider.healthCheck()).toMatchObject({ status: "healthy", platform: harness.platform });
      expect(total()).toBe(0);
    });

    it("W12 counters add up, and a snapshot does not change", async () => {
      const { provider, token, tokens } = await open({ gone: ["gone"] });
      const before = provider.getPlatformInfo().counters;
      await provider.sendMulticastNotification(
        [token("gone"), harness.invalid_token, ...tokens(3)],
        harness.payload,
      );
      const { counters } = provider.getPlatformInfo();
      expect(counters).toMatchObject({
        taken: 5,
        accepted: 3,
        failed: 2,
        in_flight: 0,
        queued: 0,
        parked: 0,
      });
      expect(counters.codes).toEqual({ UNREGISTERED: 1, INVALID_TOKEN: 1 });
      expect(counters.last_settled).toMatch(/Z$/);
      expect(before).toMatchObject({ taken: 0, last_settled: null });
    });

    it("stats() adds up, and is plain JSON", async () => {
      const { provider, token, tokens, total } = await open({ gone: ["gone"] });
      await provider.sendMulticastNotification(
        [token("gone"), harness.invalid_token, ...tokens(3)],
        harness.payload,
      );
      const stats = provider.stats();
      expect(stats).toMatchObject({
        platform: harness.platform,
        taken: 5,
        accepted: 3,
        failed: 2,
        retries: 0,
      });
      expect([stats.attempts, stats.attempt_latency.count]).toEqual([total(), total()]);
      expect(stats.notification_latency.count).toBe(5);
      expect(stats.origins).toMatchObject({ paused: 0, down: 0 });
      expect(stats.origins.known).toBeGreaterThan(0);
      expect(stats.connections > 0).toBe(harness.platform !== "simulation");
      expect(JSON.parse(JSON.stringify(stats))).toEqual(stats);
    });

    it("decode answers for every status with empty, HTML, truncated and long bodies, and never throws", async () => {
      const codec = await harness.codec();
      const target = { kind: "token" as const, token: codec.parseToken(await anyToken(harness)) };
      const encoder = new TextEncoder();
      const bodies = [
        "",
        "<html><body><h1>502 Bad Gateway</h1></body></html>",
        '{"code":410,"err',
        "null",
        "[]",
        '"x"',
        "x".repeat(65_536),
      ];
      for (let status = 100; status <= 599; status++) {
        for (const [i, body] of bodies.entries()) {
          const response: HttpResponse = {
            status,
            headers: {},
            body: encoder.encode(body),
            truncated: i === bodies.length - 1,
          };
          const verdict = codec.decode(response, {
            target,
            url: "https://example.org/",
            attempt: 1,
            now_ms: Date.now(),
          });
          expect(["accepted", "rejected", "retry", "reauthorize"]).toContain(verdict.verdict);
          if (verdict.verdict === "accepted") expect(status).toBeLessThan(300);
        }
      }
    });
  });
}

async function anyToken(harness: Harness): Promise<string> {
  const world = await harness.open({ ann: ["accept"] });
  const token = world.token("ann");
  await world.end();
  return token;
}

/** An unknown option's name is the caller's code, not data: it is meant to be named. */
function redactOption(error: unknown): unknown {
  expect((error as PushError).message).toContain("canary-option");
  return (error as PushError).code;
}
