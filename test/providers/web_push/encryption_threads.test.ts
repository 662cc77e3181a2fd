import type { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createEncrypter, MAX_PLAINTEXT_BYTES } from "../../../providers/web_push/encrypt.js";
import { EncryptionThreads } from "../../../providers/web_push/encryption_threads.js";
import type { Clock } from "../../../src/codec.js";
import { systemClock } from "../../../src/engine/clock.js";
import { FakeClock } from "../../engine/support.js";
import { messages } from "./threads_support.js";

const started: EncryptionThreads[] = [];
const alive = new Set<Worker>();
process.on("worker", (worker) => {
  alive.add(worker);
  worker.once("exit", () => alive.delete(worker));
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((threads) => threads.close()));
  expect(alive.size).toBe(0);
});

const MORTAL = new URL("./mortal_thread.ts", import.meta.url);

async function start(
  options: { module?: URL; encoding?: "aes128gcm" | "aesgcm"; clock?: Clock; threads?: number } = {},
): Promise<EncryptionThreads> {
  const { encoding = "aes128gcm", clock = systemClock, threads = 1, module } = options;
  const running = await EncryptionThreads.start({ threads, encoding, clock, module });
  started.push(running);
  return running;
}

/** Whose first message tells the mortal thread what to do. */
const fatal = (what: string) => messages(20, (i) => (i === 0 ? what : "hello"));
const reference = createEncrypter("aes128gcm");

async function expectToWork(threads: EncryptionThreads): Promise<void> {
  const batch = messages(16);
  expect(await threads.encrypt(batch)).toEqual(batch.map(reference));
}

describe("what threads encrypt", () => {
  it.each(["aes128gcm", "aesgcm"] as const)(
    "is the same, byte for byte, as in the calling thread: %s",
    async (encoding) => {
      const threads = await start({ encoding, threads: 2 });
      const all = messages(40, (i) => "x".repeat(Math.floor((i * MAX_PLAINTEXT_BYTES[encoding]) / 39)));
      expect(await threads.encrypt(all)).toEqual(all.map(createEncrypter(encoding)));
    },
  );

  it("comes back to the batch that it belongs to, when many are under way", async () => {
    const threads = await start({ threads: 2 });
    const batches = Array.from({ length: threads.capacity }, () => messages(16));
    const made = await Promise.all(batches.map((batch) => threads.encrypt(batch)));
    expect(made).toEqual(batches.map((batch) => batch.map(reference)));
  });
});

describe("a thread that fails", () => {
  it.each(["throw", "forget"])("%s: its batch is rejected, and it goes on with the next", async (what) => {
    const threads = await start({ module: MORTAL });
    await expect(threads.encrypt(fatal(what))).rejects.toThrow();
    expect(threads.capacity).toBe(2);
    await expectToWork(threads);
  });

  it.each(["crash", "exit"])(
    "%s: its batch is rejected at once, and another takes its place",
    async (what) => {
      const clock = new FakeClock();
      const threads = await start({ module: MORTAL, clock });
      await expect(threads.encrypt(fatal(what))).rejects.toThrow();
      await vi.waitUntil(() => threads.capacity === 0);
      await vi.waitUntil(() => threads.capacity > 0, { timeout: 15_000 });
      await expectToWork(threads);
      expect(clock.pending).toBe(0);
    },
  );

  it("hang: its batch is rejected when its time is up, and another takes its place", async () => {
    const clock = new FakeClock();
    const threads = await start({ module: MORTAL, clock });
    const told = expect(threads.encrypt(fatal("hang"))).rejects.toThrow("hangs");
    await clock.advance(4999);
    expect(threads.capacity).toBe(2);
    await clock.advance(1);
    await told;
    expect(threads.capacity).toBe(0);
    await vi.waitUntil(() => threads.capacity > 0, { timeout: 15_000 });
    await expectToWork(threads);
    expect(clock.pending).toBe(0);
  });

  it("takes along what the others have, and all are replaced once", async () => {
    const threads = await start({ module: MORTAL, threads: 2 });
    const lost = [fatal("hang"), fatal("hang"), fatal("exit")].map((batch) => threads.encrypt(batch));
    const ends = await Promise.allSettled(lost);
    expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    await vi.waitUntil(() => threads.capacity > 0, { timeout: 15_000 });
    expect(threads.capacity).toBe(4);
    await expectToWork(threads);
  });

  it("at its start is told at once, and takes nothing else along", async () => {
    const module = new URL("./no_such_thread.ts", import.meta.url);
    const clock = new FakeClock();
    await expect(start({ module, clock, threads: 3 })).rejects.toThrow("no_such_thread");
    expect([clock.pending, alive.size]).toEqual([0, 0]);
  });
});

describe("close", () => {
  it("rejects what is under way at once, and what comes later; closing again is nothing", async () => {
    const clock = new FakeClock();
    const threads = await start({ module: MORTAL, clock });
    const lost = expect(threads.encrypt(fatal("hang"))).rejects.toThrow("closed");
    expect(alive.size).toBe(1);
    await threads.close();
    expect(alive.size).toBe(0);
    await lost;
    expect(threads.capacity).toBe(0);
    expect(clock.pending).toBe(0);
    await expect(threads.encrypt(messages(16))).rejects.toThrow("no encryption thread");
    await threads.close();
  });

  it("while a new crew starts ends that too", async () => {
    const threads = await start({ module: MORTAL });
    await expect(threads.encrypt(fatal("exit"))).rejects.toThrow();
    await vi.waitUntil(() => alive.size > 0, { interval: 5 });
    expect(threads.capacity).toBe(0);
    await threads.close();
    expect([threads.capacity, alive.size]).toEqual([0, 0]);
  });
});
