import { describe, expect, it } from "vitest";
import type { Http2Exchange } from "../../src/transport/http2_exchange.js";
import { OpenStreams } from "../../src/transport/http2_streams.js";

const streamOf = (id: number) => ({ id }) as Http2Exchange;

describe("the open streams of a connection", () => {
  it("keep one that stays open while thousands come and go", () => {
    const open = new OpenStreams();
    const old = [1, 3, 4099].map(streamOf);
    for (const stream of old.slice(0, 2)) open.add(stream);
    for (let id = 5; id < 20_001; id += 2) {
      const stream = id === 4099 ? old[2] : streamOf(id);
      if (!stream) throw new Error("no stream");
      open.add(stream);
      expect(open.get(id)).toBe(stream);
      if (id !== 4099) expect(open.delete(stream)).toBe(true);
    }
    expect(open.size).toBe(3);
    expect([1, 3, 4099].map((id) => open.get(id))).toEqual(old);
    expect(open.get(5)).toBeUndefined();
    expect(open.get(4097)).toBeUndefined();
    expect(open.all()).toEqual(old);
    for (const stream of old) expect([open.delete(stream), open.delete(stream)]).toEqual([true, false]);
    expect([open.size, open.all()]).toEqual([0, []]);
  });

  it("keep more than there are places for", () => {
    const open = new OpenStreams();
    const streams = Array.from({ length: 5000 }, (_, i) => streamOf(2 * i + 1));
    for (const stream of streams) open.add(stream);
    expect(open.size).toBe(5000);
    expect(open.all()).toEqual(streams);
    for (const stream of streams) expect(open.get(stream.id)).toBe(stream);
    open.clear();
    expect([open.size, open.get(1), open.get(9999)]).toEqual([0, undefined, undefined]);
  });
});
