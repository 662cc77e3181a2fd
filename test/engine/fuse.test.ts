import { afterEach, describe, expect, it } from "vitest";
import type { Transport, TransportOutcome } from "../../src/codec.js";
import { Fuses } from "../../src/engine/fuse.js";
import { closeAllProviders, getPushProvider, registerProvider } from "../../src/index.js";
import { FakeClock, plainDefinition, settle } from "./support.js";

afterEach(() => closeAllProviders({ timeout_seconds: 0 }));

const OK: TransportOutcome = {
  outcome: "response",
  response: { status: 200, headers: {}, body: new Uint8Array(), truncated: false },
};

describe("a fuse", () => {
  it("aborts its signal when its time is over, and says that it was the time", async () => {
    const clock = new FakeClock();
    const fuse = new Fuses(clock).light(1000);
    await clock.advance(999);
    expect(fuse.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(fuse).toMatchObject({ timed_out: true, signal: { aborted: true } });
  });

  it("that is blown aborts at once, and it was not the time", () => {
    const fuse = new Fuses(new FakeClock()).light(1000);
    fuse.blow();
    expect(fuse).toMatchObject({ timed_out: false, signal: { aborted: true } });
  });

  it("serves the next attempt, with all of its time", async () => {
    const clock = new FakeClock();
    const fuses = new Fuses(clock);
    const first = fuses.light(1000);
    fuses.put(first);
    expect(clock.pending).toBe(0);
    await clock.advance(900);
    expect(fuses.light(1000)).toBe(first);
    await clock.advance(999);
    expect(first.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(first.signal.aborted).toBe(true);
  });

  it("never serves two attempts at a time", () => {
    const fuses = new Fuses(new FakeClock());
    fuses.put(fuses.light(1000));
    expect(fuses.light(1000)).not.toBe(fuses.light(1000));
  });

  it("that has aborted does not serve again", () => {
    const fuses = new Fuses(new FakeClock());
    const blown = fuses.light(1000);
    blown.blow();
    fuses.put(blown);
    expect(fuses.light(1000).signal.aborted).toBe(false);
  });

  it("on whose signal somebody still listens does not serve again", () => {
    const fuses = new Fuses(new FakeClock());
    const heard = fuses.light(1000);
    heard.signal.addEventListener("abort", () => {});
    fuses.put(heard);
    expect(fuses.light(1000)).not.toBe(heard);
  });

  it("is replaced now and then: what cannot be seen on a signal must not pile up", () => {
    const fuses = new Fuses(new FakeClock());
    const seen = new Set<AbortSignal>();
    for (let i = 0; i < 1000; i++) {
      const fuse = fuses.light(1000);
      seen.add(fuse.signal);
      fuses.put(fuse);
    }
    expect(seen.size).toBe(10);
  });
});

describe("a transport that never takes its listeners back", () => {
  it("hears nothing of an attempt that is over when a later one is ended", async () => {
    const clock = new FakeClock();
    const heard: string[] = [];
    const transport: Transport = {
      send: ({ url }, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () => {
            heard.push(url);
            resolve({ outcome: "failure", reach: "maybe_sent", reason: "ABORTED" });
          });
          if (!url.endsWith("/never")) resolve(OK);
        }),
      close: async () => {},
    };
    registerProvider(plainDefinition("fuse_plain"));
    const provider = await getPushProvider("fuse_plain", { timeout_seconds: 5 }, { clock, transport });
    expect(await provider.sendNotification("h/first", { title: "t" })).toMatchObject({ success: true });
    const never = provider.sendNotification("h/never", { title: "t" });
    await settle();
    await clock.advance(5000);
    expect(await never).toMatchObject({ error_code: "TIMEOUT", may_have_been_sent: true });
    expect(heard).toEqual(["https://h/never"]);
  });
});
