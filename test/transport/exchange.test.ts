import { expect, it } from "vitest";
import { Exchange } from "../../src/transport/exchange.js";

const request = { method: "POST", url: "https://push.test/x", headers: {}, body: "body" };
const { signal } = new AbortController();

/** An exchange, and how often it was settled. */
function open() {
  const settled: Exchange[] = [];
  const exchange = new Exchange(request, signal, {
    aborted: () => {},
    settled: (one) => {
      settled.push(one);
      return undefined;
    },
  });
  return { exchange, settled };
}

it("an exchange lets itself be written once only, also when the client underneath would do it again", () => {
  const { exchange } = open();
  exchange.onRequestStart();
  expect(() => exchange.onRequestStart()).toThrow();
});

it("an exchange that was given up is not written", () => {
  const { exchange } = open();
  exchange.fail("not_sent", "ABORTED");
  expect(() => exchange.onRequestStart()).toThrow();
});

it("an exchange settles once", async () => {
  const { exchange, settled } = open();
  exchange.onRequestStart();
  exchange.fail("not_sent", "ABORTED");
  exchange.onResponseError(undefined, new Error("other side closed"));
  exchange.onResponseEnd();
  expect(await exchange.outcome).toEqual({ outcome: "failure", reach: "maybe_sent", reason: "ABORTED" });
  expect(settled).toEqual([exchange]);
});

it("the text of an error, which may quote an endpoint, never becomes a reason", async () => {
  const errors = [
    new Error("https://push.test/secret"),
    Object.assign(new Error("secret"), { code: "https://push.test/secret" }),
    Object.assign(new TypeError("secret"), { code: 7 }),
    Object.assign(new Error("secret"), { code: "ECONNRESET" }),
  ];
  const outcomes = errors.map((error) => {
    const { exchange } = open();
    exchange.onResponseError(undefined, error);
    return exchange.outcome;
  });
  expect((await Promise.all(outcomes)).map((outcome) => "reason" in outcome && outcome.reason)).toEqual([
    "NETWORK_ERROR",
    "NETWORK_ERROR",
    "TypeError",
    "ECONNRESET",
  ]);
});
