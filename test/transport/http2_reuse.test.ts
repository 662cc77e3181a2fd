import { describe, expect, it } from "vitest";
import { send, startFrames, startHttp2, useHttp2 } from "./http2_support.js";
import { answered, until } from "./support.js";

const { open, started } = useHttp2();

describe("connections", () => {
  it("are kept: requests one after the other share one", async () => {
    const server = await started(startHttp2());
    const own = open();
    for (let time = 0; time < 20; time += 1) answered(await send(own, server.origin));
    expect([server.sockets.total, own.connections?.()]).toEqual([1, 1]);
  });

  it("to the same host resume their TLS session", async () => {
    const resumed: boolean[] = [];
    const server = await started(
      startFrames({
        onConnection: ({ socket }) => resumed.push(socket.isSessionReused()),
        onRequest: (peer, id) => {
          peer.answer(id);
          peer.goaway(id);
          peer.socket.end();
        },
      }),
    );
    const own = open();
    for (const _time of [1, 2, 3]) {
      answered(await send(own, server.origin));
      await until(() => own.connections?.() === 0);
    }
    expect(resumed).toEqual([false, true, true]);
  });

  it("are closed when there are too many idle ones to different hosts", async () => {
    const server = await started(startHttp2());
    const lookup = async () => [{ address: "127.0.0.1", family: 4 }];
    const own = open({ lookup });
    const origin = (number: number) => `https://host-${number}.push.test:${server.port}`;
    for (let number = 0; number < 258; number += 1) answered(await send(own, origin(number)));
    await until(() => own.connections?.() === 256);
  });
});
