import { expect, it } from "vitest";
import { startHttpService } from "../../src/testing/kit.js";
import { connectRaw, headersFrame } from "./http2_raw.js";

it.each([
  undefined,
  "rst",
  "refused_stream",
  "goaway",
  "goaway_unprocessed",
  "stream_limit",
  "half_response",
  "split",
  "garbage",
  "close",
  "reset",
] as const)("a client that hangs up on many streams is no error of the process: %s", async (kind) => {
  let served = 0;
  const service = await startHttpService(0, {
    identify: ({ path }) => ({ device: path, credential: undefined }),
    serve: () => {
      served += 1;
      return { status: 200, body: "accepted" };
    },
  });
  if (kind) service.fault(kind, {});
  for (let round = 0; round < 10; round++) {
    const connection = await connectRaw(service);
    connection.write(...Array.from({ length: 50 }, (_, i) => headersFrame(2 * i + 1)));
    connection.end();
    await connection.closed;
  }
  await service.close();
  expect(served).toBeGreaterThan(0);
});
