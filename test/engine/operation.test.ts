import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Operation } from "../../src/codec.js";
import { isRejection, reject } from "../../src/codec.js";
import { CodecProvider } from "../../src/codec_provider.js";
import { defineProvider } from "../../src/definition.js";
import type { OperationRequest } from "../../src/engine/errand.js";
import { getPushProvider, type PushEvent, registerProvider } from "../../src/index.js";
import type { BulkOptions } from "../../src/options.js";
import { FakeClock, plainCodec, ScriptedTransport } from "./support.js";

/** A provider that can do something besides sending: ask for what is at `host/name`. */
class Asking extends CodecProvider {
  ask(names: readonly unknown[], options?: BulkOptions, idempotent = false) {
    return this.operate(
      names.map((name) => this.#request(name, idempotent)),
      options,
    );
  }

  override operate(requests: readonly OperationRequest[], options?: BulkOptions) {
    return super.operate(requests, options);
  }

  #request(name: unknown, idempotent: boolean): OperationRequest {
    const token = this.codec.parseToken(name);
    if (isRejection(token)) return { operation: token, device_token: name };
    const target = { kind: "token", token } as const;
    const operation: Operation = {
      target,
      connection: this.codec.connection(target),
      request: { method: "GET", url: `https://${token}`, headers: {} },
      decode: (response, context) =>
        response.status === 200
          ? { verdict: "accepted", details: { answer: Buffer.from(response.body).toString() } }
          : this.codec.decode(response, context),
      idempotent,
    };
    return { operation, device_token: name };
  }
}

let serial = 0;

async function openAsking(max_concurrency = 10) {
  const platform = `asking_${serial++}`;
  registerProvider(
    defineProvider({ platform, config: z.object({}), codec: () => plainCodec(), provider: Asking }),
  );
  const clock = new FakeClock();
  const transport = new ScriptedTransport(clock);
  const events: PushEvent[] = [];
  const provider = await getPushProvider(
    platform,
    { max_concurrency },
    { clock, transport, random: () => 0.5, on_event: (event) => events.push(event) },
  );
  return { provider: provider as Asking, clock, transport, events };
}

describe("an operation", () => {
  it("gives what was asked for, and a result per request in their order", async () => {
    const { provider, transport } = await openAsking();
    transport.answer("a", { status: 200, body: "first" });
    transport.answer("b", { status: 410 });
    const [a, b, c] = await provider.ask(["h/a", "h/b", 7]);
    expect(a).toMatchObject({ details: { answer: "first" }, result: { success: true, index: 0 } });
    expect(b?.result).toMatchObject({ error_code: "UNREGISTERED", device_token: "h/b", index: 1 });
    expect(b?.details).toBeUndefined();
    expect(c?.result).toMatchObject({ error_code: "INVALID_TOKEN", device_token: 7, index: 2, attempts: 0 });
  });

  it("is retried like a notification, with the service's time as a floor", async () => {
    const { provider, transport, clock } = await openAsking();
    transport.answer("a", { status: 429, headers: { "retry-after": "3" } }, { status: 200, body: "x" });
    const asked = provider.ask(["h/a"]);
    await clock.advance(2999);
    expect(transport.countFor("a")).toBe(1);
    await clock.advance(1);
    expect((await asked)[0]?.result).toMatchObject({ success: true, attempts: 2 });
  });

  it.each([
    [true, 2, { success: true }],
    [false, 1, { error_code: "NETWORK_ERROR", may_have_been_sent: true }],
  ] as const)(
    "without an answer is repeated only when it is idempotent (%s)",
    async (idempotent, count, end) => {
      const { provider, transport, clock } = await openAsking();
      transport.answer("a", { reach: "maybe_sent" }, { status: 200 });
      const asked = provider.ask(["h/a"], {}, idempotent);
      await clock.advance(60_000);
      expect((await asked)[0]?.result).toMatchObject(end);
      expect(transport.countFor("a")).toBe(count);
    },
  );

  it("takes a slot: never more on the wire than max_concurrency, the call's own included", async () => {
    const { provider, transport, clock } = await openAsking(3);
    transport.hold = true;
    const asked = provider.ask(["h/a", "h/b", "h/c", "h/d", "h/e"], { max_concurrency: 2 });
    await clock.advance(0);
    expect(transport.in_flight).toBe(2);
    transport.hold = false;
    transport.release();
    expect((await asked).map(({ result }) => result.success)).toEqual([true, true, true, true, true]);
  });

  it("ends at its deadline, at an abort and at close, each with its result", async () => {
    const { provider, transport, clock } = await openAsking();
    transport.answer("a", "never");
    const late = provider.ask(["h/a"], { deadline_seconds: 5 });
    await clock.advance(5000);
    expect((await late)[0]?.result).toMatchObject({ error_code: "TIMEOUT", duration_ms: 5000 });
    const controller = new AbortController();
    const aborted = provider.ask(["h/a"], { signal: controller.signal });
    await clock.advance(0);
    controller.abort();
    expect((await aborted)[0]?.result.error_code).toBe("ABORTED");
    const cut = provider.ask(["h/a"]);
    await clock.advance(0);
    const closing = provider.close({ timeout_seconds: 1 });
    await clock.advance(1000);
    expect((await cut)[0]?.result).toMatchObject({ error_code: "ABORTED", may_have_been_sent: true });
    await closing;
    await expect(provider.ask(["h/a"])).rejects.toMatchObject({ code: "PROVIDER_CLOSED" });
  });

  it("is no notification: the counters of those do not move, its attempts and events are told", async () => {
    const { provider, events } = await openAsking();
    await provider.ask(["h/a"]);
    const { counters } = provider.getPlatformInfo();
    expect(counters).toMatchObject({ taken: 0, accepted: 0, failed: 0, attempts: 1 });
    expect(events.map(({ type }) => type)).toEqual(["attempt", "settled"]);
    expect(JSON.stringify(events)).not.toContain("h/a");
  });

  it("whose decoding throws is an INTERNAL_ERROR of its own; the others go on", async () => {
    const { provider, transport } = await openAsking();
    transport.answer("a", "throws");
    const [a, b] = await provider.ask(["h/a", "h/b"]);
    expect(a?.result.error_code).toBe("INTERNAL_ERROR");
    expect(b?.result.success).toBe(true);
  });

  it("refused before it was made keeps the reason why", async () => {
    const { provider } = await openAsking();
    const rejection = reject("PAYLOAD_INVALID", "topic: expected a name");
    const [answer] = await provider.operate([{ operation: rejection, topic: "t" }]);
    expect(answer?.result).toMatchObject({ error_code: "PAYLOAD_INVALID", topic: "t" });
    expect(answer?.result).not.toHaveProperty("device_token");
  });
});
