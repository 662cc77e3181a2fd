import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readJson } from "../../src/http/body.js";
import { eventStream } from "../../src/http/event_stream.js";
import { ORIGIN } from "./support.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = () => new Promise<void>(() => {});

async function read(reader: ReadableStreamDefaultReader<Uint8Array>) {
  const { value } = await reader.read();
  return new TextDecoder().decode(value);
}

function readerOf({ body }: Response) {
  if (!body) throw new Error("no body");
  return body.getReader();
}

describe("a stream of events", () => {
  it("carries each as one line of JSON, and ends when its writer does", async () => {
    const response = eventStream(async ({ send }) => {
      send("one", { text: "a\nb" });
      send("two", {});
    });
    expect(await response.text()).toBe('event: one\ndata: {"text":"a\\nb"}\n\nevent: two\ndata: {}\n\n');
    expect(vi.getTimerCount()).toBe(0);
  });

  it("says every 15 seconds that it is still there", async () => {
    const reader = readerOf(eventStream(never));
    await vi.advanceTimersByTimeAsync(14_999);
    const waiting = read(reader);
    await vi.advanceTimersByTimeAsync(1);
    expect(await waiting).toBe(": still there\n\n");
    await reader.cancel();
  });

  it("leaves out for a slow reader what is only offered, and nothing else", async () => {
    const response = eventStream(async ({ send, offer }) => {
      for (const step of [1, 2, 3]) offer("progress", { step });
      send("result", {});
    });
    expect(await response.text()).toBe('event: progress\ndata: {"step":1}\n\nevent: result\ndata: {}\n\n');
  });

  it("tells its writer when the reader has left, and keeps no timer; what is written then goes nowhere", async () => {
    const told: boolean[] = [];
    let write = () => {};
    const response = eventStream(async ({ send }, signal) => {
      signal.addEventListener("abort", () => told.push(signal.aborted));
      write = () => send("late", {});
      await never();
    });
    await response.body?.cancel();
    write();
    expect([told, vi.getTimerCount()]).toEqual([[true], 0]);
  });

  it("ends when its writer fails", async () => {
    const response = eventStream(async () => {
      throw new Error("a bug");
    });
    expect(await response.text()).toBe("");
  });
});

it("a body that does not arrive within 30 seconds is 408, and is not waited for any more", async () => {
  let is_cancelled = false;
  const body = new ReadableStream({
    cancel() {
      is_cancelled = true;
    },
  });
  const headers = { "content-type": "application/json" };
  const request = new Request(ORIGIN, { method: "POST", headers, body, duplex: "half" } as RequestInit);
  const reading = readJson(request, 100).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(29_999);
  expect(is_cancelled).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await reading).toMatchObject({ code: 408 });
  expect([is_cancelled, vi.getTimerCount()]).toEqual([true, 0]);
});
