import { describe, expect, it } from "vitest";
import { createEncrypter, type Encrypted, type Message } from "../../../providers/web_push/encrypt.js";
import {
  EncryptionBatches,
  LEAST,
  MOST,
  type Threads,
} from "../../../providers/web_push/encryption_batches.js";
import { messageOf, messages } from "./threads_support.js";

const reference = createEncrypter("aes128gcm");

/** Threads whose batches end when a test says so. */
class HeldThreads implements Threads {
  readonly batches: { readonly messages: readonly Message[]; end(): void; lose(): void }[] = [];
  capacity = 2;

  encrypt(messages: readonly Message[]): Promise<Encrypted[]> {
    return new Promise((resolve, reject) => {
      this.batches.push({
        messages,
        end: () => resolve(messages.map(reference)),
        lose: () => reject(new Error("the thread is gone")),
      });
    });
  }
}

function open(capacity = 2) {
  const threads = new HeldThreads();
  threads.capacity = capacity;
  const here: Message[] = [];
  const batches = new EncryptionBatches(threads, (message) => {
    here.push(message);
    return reference(message);
  });
  /** All in one turn. */
  const encryptAll = (all: readonly Message[]) => all.map((message) => batches.encrypt(message));
  return { threads, here, batches, encryptAll };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const bodies = (all: readonly Encrypted[]) => all.map(({ body }) => body.toString("hex"));
const sizes = (threads: HeldThreads) => threads.batches.map((batch) => batch.messages.length);

describe("a few", () => {
  it("a message alone is encrypted here and at once", async () => {
    const { threads, batches } = open();
    for (let i = 0; i < 3; i++) {
      const message = messageOf("alone");
      const encrypted = batches.encrypt(message);
      if (encrypted instanceof Promise) throw new Error("it was made to wait");
      expect(encrypted.body).toEqual(reference(message).body);
      await turn();
    }
    expect(threads.batches).toEqual([]);
  });

  it("so few that a thread does not pay are encrypted here at the end of their turn", async () => {
    const { threads, here, encryptAll } = open();
    const all = messages(LEAST);
    const encrypted = await Promise.all(encryptAll(all));
    expect(bodies(encrypted)).toEqual(bodies(all.map(reference)));
    expect(threads.batches).toEqual([]);
    expect(here).toHaveLength(LEAST);
  });

  it("they wait for no thread, although one is busy", async () => {
    const { threads, here, encryptAll } = open();
    void encryptAll(messages(1 + LEAST));
    await turn();
    expect(sizes(threads)).toEqual([LEAST]);
    await Promise.all(encryptAll(messages(5)));
    expect(here).toHaveLength(1 + 5);
  });
});

describe("many", () => {
  it("go to a thread, all but the first, and each gets its own", async () => {
    const { threads, here, encryptAll } = open(1);
    const all = messages(1 + LEAST);
    const pending = encryptAll(all);
    expect(threads.batches).toEqual([]);
    await turn();
    expect(threads.batches.map((batch) => batch.messages)).toEqual([all.slice(1)]);
    threads.batches[0]?.end();
    expect(bodies(await Promise.all(pending))).toEqual(bodies(all.map(reference)));
    expect(here).toEqual([all[0]]);
  });

  it.each([
    [1 + 2 * LEAST, 2, [16, 16]],
    [1 + 2 * LEAST - 1, 2, [31]],
    [1 + 100, 2, [50, 50]],
    [1 + 100, 4, [25, 25, 25, 25]],
    [1 + 3 * MOST, 4, [48, 48, 48, 48]],
    [1 + 2 * MOST, 2, [MOST, MOST]],
  ])("%d at once, room for %d batches: sent as %j", async (count, capacity, expected) => {
    const { threads, encryptAll } = open(capacity);
    void encryptAll(messages(count));
    await turn();
    expect(sizes(threads)).toEqual(expected);
  });

  it("wait while all threads are busy, and go when one is free", async () => {
    const { threads, here, encryptAll } = open(1);
    const first = encryptAll(messages(1 + LEAST));
    await turn();
    const second = encryptAll(messages(1 + LEAST));
    await turn();
    expect(sizes(threads)).toEqual([LEAST]);
    threads.batches[0]?.end();
    await Promise.all(first);
    expect(sizes(threads)).toEqual([LEAST, LEAST]);
    threads.batches[1]?.end();
    await Promise.all(second);
    expect(here).toHaveLength(2);
  });

  it("never more wait than the threads can take next: the others are encrypted here and at once", async () => {
    const { threads, here, encryptAll } = open(1);
    const pending = encryptAll(messages(1 + MOST + 10));
    expect(pending.filter((one) => one instanceof Promise)).toHaveLength(MOST);
    expect(here).toHaveLength(1 + 10);
    await turn();
    threads.batches[0]?.end();
    expect(await Promise.all(pending)).toHaveLength(1 + MOST + 10);
  });
});

describe("nothing is lost", () => {
  it("a batch that is lost with its thread is encrypted here, with the same bytes", async () => {
    const { threads, here, encryptAll } = open();
    const all = messages(1 + LEAST);
    const pending = encryptAll(all);
    await turn();
    threads.batches[0]?.lose();
    expect(bodies(await Promise.all(pending))).toEqual(bodies(all.map(reference)));
    expect(here).toEqual(all);
  });

  it("those that wait for a thread are encrypted here when there is none any more", async () => {
    const { threads, here, encryptAll } = open(1);
    const pending = encryptAll(messages(1 + LEAST));
    await turn();
    pending.push(...encryptAll(messages(1 + LEAST)));
    await turn();
    threads.capacity = 0;
    threads.batches[0]?.lose();
    await Promise.all(pending);
    expect(here).toHaveLength(2 + 2 * LEAST);
  });

  it("without threads all is encrypted here and at once", () => {
    const { threads, encryptAll } = open(0);
    const made = encryptAll(messages(100));
    expect(made.some((one) => one instanceof Promise)).toBe(false);
    expect(threads.batches).toEqual([]);
  });

  it("one that cannot be encrypted fails alone", async () => {
    const { threads, encryptAll } = open();
    const all = messages(1 + LEAST);
    const bad = { ...messageOf("bad"), receiver: { p256dh: Buffer.alloc(65), auth: Buffer.alloc(16) } };
    const pending = encryptAll([...all, bad]).map((one) => Promise.resolve(one));
    const settled = Promise.allSettled(pending);
    await turn();
    threads.batches[0]?.lose();
    const states = (await settled).map(({ status }) => status);
    expect(states).toEqual([...all.map(() => "fulfilled"), "rejected"]);
  });
});
