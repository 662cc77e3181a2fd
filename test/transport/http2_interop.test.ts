import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from "node:http2";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Transport } from "../../src/codec.js";
import { createHttp2Transport } from "../../src/transport/http2.js";
import { send, sendMany, startHttp2, tally, useHttp2 } from "./http2_support.js";
import { answered, listening, type Running, trusted } from "./support.js";

const { open, started } = useHttp2();

/** What may stand in a value: also what few know to be allowed, and often the same again. */
const value = fc.oneof(
  fc.constantFrom("", "a", "application/json", `bearer ${"x".repeat(180)}`, '{"a":1}'),
  fc
    .string({
      unit: fc
        .oneof(
          { weight: 9, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
          fc.integer({ min: 0x80, max: 0xff }),
        )
        .map((code) => String.fromCharCode(code)),
      maxLength: 60,
    })
    .map((text) => text.trim()),
);
const name = fc.oneof(
  fc.constantFrom("authorization", "ttl", "topic", "x-a", "x-b", "x-c"),
  fc
    .string({ unit: fc.constantFrom(..."abcxyz0189-_.~!#$%&'*+^`|"), minLength: 1, maxLength: 12 })
    .map((text) => `x-${text}`),
);
const headers = fc.dictionary(name, value, { maxKeys: 8 });

describe("nghttp2, by way of node:http2,", () => {
  let server: Running & { server: Http2SecureServer };
  let transport: Transport;
  let sessions: ServerHttp2Session[];
  beforeAll(async () => {
    sessions = [];
    server = await startHttp2((stream, asked, body) => {
      const { ":path": path, ...rest } = asked;
      const mine = Object.fromEntries(
        Object.entries(rest).filter(([key]) => !/^:|^content-length$/.test(key)),
      );
      // Its answer's header is what was asked for, and its body what it understood.
      stream.respond({ ":status": 200, ...(path === "/mirror" ? mine : {}) });
      stream.end(JSON.stringify({ headers: mine, body: body.toString("latin1") }));
    });
    server.server.on("session", (session) => sessions.push(session));
    transport = createHttp2Transport({ ca: trusted.cert });
  });
  afterAll(async () => {
    await transport.close();
    await server.close();
  });

  it("understands every header that we write, and we every one that it writes", async () => {
    const resize = fc.constantFrom(0, 1, 64, 200, 4096, 65_536);
    await fc.assert(
      fc.asyncProperty(
        fc.array(headers, { minLength: 1, maxLength: 6 }),
        fc.option(resize),
        async (list, size) => {
          if (size !== null) sessions.at(-1)?.settings({ headerTableSize: size });
          const outcomes = await Promise.all(
            list.map((one) => send(transport, server.origin, { path: "/mirror", headers: one })),
          );
          for (const [at, outcome] of outcomes.entries()) {
            const response = answered(outcome);
            expect(JSON.parse(response.text).headers).toEqual(list[at]);
            expect(response.headers).toMatchObject(list[at] ?? {});
          }
        },
      ),
      { numRuns: 150 },
    );
    expect(sessions).toHaveLength(1);
  });

  it("gets every body whole, whatever its size and its own windows", async () => {
    const sizes = fc.array(fc.constantFrom(0, 1, 16_383, 16_384, 16_385, 65_535, 65_536, 200_000), {
      minLength: 1,
      maxLength: 5,
    });
    const window = fc.constantFrom(0, 1000, 65_535, 1_000_000);
    await fc.assert(
      fc.asyncProperty(sizes, window, async (list, size) => {
        const sending = Promise.all(
          list.map((length, at) =>
            send(transport, server.origin, {
              body: Buffer.alloc(length, 97 + at),
              max_answer_bytes: 1_000_000,
            }),
          ),
        );
        // Also narrower than what is under way already, which makes windows negative.
        sessions.at(-1)?.settings({ initialWindowSize: size });
        if (size === 0) setImmediate(() => sessions.at(-1)?.settings({ initialWindowSize: 5000 }));
        for (const [at, outcome] of (await sending).entries()) {
          const { body } = JSON.parse(answered(outcome).text);
          expect(body === String.fromCharCode(97 + at).repeat(list[at] ?? 0)).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
    expect(sessions).toHaveLength(1);
  });
});

describe("a peer's limits", () => {
  it("may be wider than a socket is: bodies go out as it drains", async () => {
    const server = await started(
      startHttp2((stream, _headers, body) => stream.end(`${body.length}`), {
        settings: { initialWindowSize: 20_000_000 },
      }),
    );
    server.server.on("session", (session) => session.setLocalWindowSize(50_000_000));
    const body = Buffer.alloc(5_000_000);
    const transport = open();
    answered(await send(transport, server.origin));
    const outcomes = await Promise.all([1, 2, 3].map(() => send(transport, server.origin, { body })));
    expect(outcomes.map((outcome) => answered(outcome).text)).toEqual(["5000000", "5000000", "5000000"]);
  });

  it("for the size of a header are kept: what is larger is not_sent, and harms no other", async () => {
    const server = await started(startHttp2(undefined, { settings: { maxHeaderListSize: 1000 } }));
    const transport = open();
    const small = sendMany(transport, server.origin, 20);
    const large = sendMany(transport, server.origin, 20, { headers: { x: "y".repeat(1000) } });
    expect(tally(await large)).toEqual({ "not_sent HEADERS_TOO_LONG": 20 });
    expect(tally(await small)).toEqual({ 200: 20 });
    expect(server.sockets.total).toBe(1);
  });

  it("a header of several frames arrives whole", async () => {
    const server = await started(
      startHttp2(
        (stream, headers) => {
          stream.respond();
          stream.end(
            `${Object.entries(headers).filter(([key, text]) => key.startsWith("x-") && `${text}`.length === 10_000).length}`,
          );
        },
        { maxHeaderListPairs: 100, settings: { maxHeaderListSize: 200_000 } },
      ),
    );
    const headers = Object.fromEntries(["x-a", "x-b", "x-c"].map((key) => [key, "z".repeat(10_000)]));
    for (const outcome of await sendMany(open(), server.origin, 3, { headers }))
      expect(answered(outcome).text).toBe("3");
  });
});

it("when the numbers for streams are used up, the next request goes over a new connection", async () => {
  const server = await started(
    listening(createSecureServer(trusted, (_request, response) => response.end("fine"))),
  );
  const first_stream_id = 0x7fffffff - 4;
  const transport = createHttp2Transport({ ca: trusted.cert, first_stream_id });
  for (let time = 0; time < 7; time += 1) answered(await send(transport, server.origin));
  await transport.close();
  expect(server.sockets.total).toBe(3);
});
