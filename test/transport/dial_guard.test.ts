import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Transport } from "../../src/codec.js";
import { createHttp1Transport, type Http1TransportOptions } from "../../src/transport/http1.js";
import { answered, post, type Running, startHttps, startTcp, trusted, until } from "./support.js";

const FORBIDDEN = { outcome: "forbidden", reason: "ADDRESS_NOT_PUBLIC" };
const PUBLIC = { address: "8.8.8.8", family: 4 };
const LOOPBACK = { address: "127.0.0.1", family: 4 };

let echo: Running;
/** Nothing may ever connect here. */
let canary: Running;
const transports: Transport[] = [];

beforeAll(async () => {
  echo = await startHttps((_request, response) => response.end("fine"));
  canary = await startTcp(() => {});
});

afterEach(async () => {
  await Promise.all(transports.splice(0).map((transport) => transport.close()));
  expect(canary.sockets.total).toBe(0);
});

afterAll(async () => {
  await echo.close();
  await canary.close();
});

function open(options: Http1TransportOptions): Transport {
  const transport = createHttp1Transport({ ca: trusted.cert, ...options });
  transports.push(transport);
  return transport;
}

const asStranger = (transport: Transport, origin: string) => post(transport, origin, { guard: "public" });

describe("a stranger's host", () => {
  it.each([
    ["a private address", [LOOPBACK]],
    ["a private address behind a public one", [PUBLIC, LOOPBACK]],
    ["a public address behind a private one", [LOOPBACK, PUBLIC]],
    ["the metadata address", [{ address: "169.254.169.254", family: 4 }]],
    ["IPv6 loopback", [{ address: "::1", family: 6 }]],
    ["mapped loopback", [{ address: "::ffff:127.0.0.1", family: 6 }]],
    ["NAT64", [{ address: "64:ff9b::7f00:1", family: 6 }]],
    ["link-local with a zone", [{ address: "fe80::1%lo", family: 6 }]],
    ["something that is no address", [PUBLIC, { address: "localhost", family: 4 }]],
  ])("is not dialled when its name leads to %s", async (_title, addresses) => {
    const transport = open({ lookup: async () => addresses });
    expect(await asStranger(transport, `https://push.test:${canary.port}`)).toEqual(FORBIDDEN);
  });

  it.each(["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "localhost"])(
    "is not dialled when it is %s",
    async (host) => {
      expect(await asStranger(open({}), `https://${host}:${canary.port}`)).toEqual(FORBIDDEN);
    },
  );

  it("is refused for every one of 100 at once", async () => {
    const transport = open({ lookup: async () => [LOOPBACK], max_connections_per_origin: 4 });
    const origin = `https://push.test:${canary.port}`;
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => asStranger(transport, origin)));
    for (const outcome of outcomes) expect(outcome).toEqual(FORBIDDEN);
  });

  it("gains nothing by answering differently the second time: the checked address is the one that is dialled", async () => {
    const answers = [[PUBLIC], [LOOPBACK]];
    let questions = 0;
    const lookup = async () => {
      questions += 1;
      return answers.shift() ?? [LOOPBACK];
    };
    const transport = open({ lookup });
    const origin = `https://push.test:${canary.port}`;

    const dialled = await withDialsTo(echo.port, async () => {
      expect(answered(await asStranger(transport, origin)).text).toBe("fine");
    });
    expect(dialled).toEqual([{ port: canary.port, addresses: [PUBLIC] }]);
    expect(questions).toBe(1);

    for (const socket of echo.sockets.open) socket.destroy();
    await until(() => transport.connections?.() === 0);
    expect(await asStranger(transport, origin)).toEqual(FORBIDDEN);
    expect(questions).toBe(2);
  });

  it("is dialled at all of its addresses when all are public", async () => {
    const addresses = [{ address: "2606:4700::1111", family: 6 }, PUBLIC];
    const transport = open({ lookup: async () => addresses });
    const dialled = await withDialsTo(echo.port, async () => {
      answered(await asStranger(transport, "https://push.test"));
    });
    expect(dialled).toEqual([{ port: 443, addresses }]);
  });
});

describe("the operator's host", () => {
  it("may be private, and its name is asked for once for a connection", async () => {
    let questions = 0;
    const lookup = async () => {
      questions += 1;
      return [LOOPBACK];
    };
    const transport = open({ lookup });
    for (const _time of [1, 2, 3]) answered(await post(transport, `https://push.test:${echo.port}`));
    expect(questions).toBe(1);
  });

  it("is tried at its next address when one refuses", async () => {
    const lookup = async () => [{ address: "127.0.0.2", family: 4 }, LOOPBACK];
    expect(answered(await post(open({ lookup }), `https://push.test:${echo.port}`)).text).toBe("fine");
  });

  it("is connect_failed when all of its addresses refuse", async () => {
    const closed = await startTcp(() => {});
    await closed.close();
    const lookup = async () => [{ address: "127.0.0.2", family: 4 }, LOOPBACK];
    const outcome = await post(open({ lookup }), `https://push.test:${closed.port}`);
    expect(outcome).toEqual({ outcome: "failure", reach: "connect_failed", reason: "ECONNREFUSED" });
  });
});

/**
 * No public address can be dialled from a test. So `net.connect` itself is watched: what it would dial is what its
 * `lookup` answers, however often it is asked; the connection is then made to `port` here.
 */
async function withDialsTo(port: number, work: () => Promise<void>) {
  const dialled: { port: number; addresses: unknown }[] = [];
  const real = net.connect;
  const watched = (options: net.TcpNetConnectOpts) => {
    expect(net.isIP(options.host ?? "")).toBe(0);
    for (const _time of [1, 2]) {
      options.lookup?.(options.host ?? "", { all: true }, (_error, addresses) => {
        if (_time === 1) dialled.push({ port: options.port, addresses });
        else expect(addresses).toEqual(dialled.at(-1)?.addresses);
      });
    }
    return real({ host: "127.0.0.1", port });
  };
  net.connect = watched as typeof net.connect;
  syncBuiltinESMExports();
  try {
    await work();
  } finally {
    net.connect = real;
    syncBuiltinESMExports();
  }
  return dialled;
}
