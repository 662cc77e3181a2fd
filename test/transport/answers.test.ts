import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createSecureServer } from "node:http2";
import { expect, it } from "vitest";
import { createHttp2Transport } from "../../src/transport/http2.js";
import { answered, listening, post, trusted, useHttp1 } from "./support.js";

const http1 = useHttp1();

it("each answer is announced with its status and date, and nothing else of it, which may be a secret", async () => {
  const http2 = await http1.started(
    listening(
      createSecureServer({ ...trusted, allowHTTP1: false }, (_request, response) => {
        response.writeHead(201, { location: "secret", date: "Fri, 20 Nov 2026 08:00:00 GMT" }).end("secret");
      }),
    ),
  );
  const over_2 = createHttp2Transport({ ca: trusted.cert });
  const heard: unknown[] = [];
  const listen = (message: unknown) => void heard.push(message);
  subscribe("pushmux:answer", listen);
  try {
    answered(await post(http1.open(), http1.echo.origin));
    answered(await post(over_2, http2.origin));
  } finally {
    unsubscribe("pushmux:answer", listen);
    await over_2.close();
  }
  answered(await post(http1.open(), http1.echo.origin));
  expect(heard).toEqual([
    { status: 200, date: expect.stringMatching(/ GMT$/) },
    { status: 201, date: "Fri, 20 Nov 2026 08:00:00 GMT" },
  ]);
});
