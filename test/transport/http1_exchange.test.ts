import { getEventListeners } from "node:events";
import { expect, it } from "vitest";
import { Http1Exchange } from "../../src/transport/http1_exchange.js";

const request = { method: "POST", url: "https://push.test/x", headers: {}, body: "body" };
const bytes = Buffer.from("POST /x");

function open(signal = new AbortController().signal) {
  const aborted: Http1Exchange[] = [];
  const exchange = new Http1Exchange(bytes, request, signal, { abort: (one) => void aborted.push(one) });
  return { exchange, aborted };
}

it("an exchange lets itself be written once only, also when a connection would do it again", () => {
  const { exchange } = open();
  expect(exchange.take()).toBe(bytes);
  expect(() => exchange.take()).toThrow();
});

it("an exchange that was given up is not written", () => {
  const { exchange } = open();
  exchange.fail("not_sent", "ABORTED");
  expect(() => exchange.take()).toThrow();
});

it("an exchange settles once", async () => {
  const { exchange } = open();
  exchange.take();
  exchange.fail("not_sent", "ABORTED");
  exchange.fail("not_sent", "UND_ERR_SOCKET");
  exchange.answer(() => {});
  expect(await exchange.outcome).toEqual({ outcome: "failure", reach: "maybe_sent", reason: "ABORTED" });
});

it("an exchange that was not written yet got as far as its owner says", async () => {
  for (const reach of ["not_sent", "connect_failed"] as const) {
    const { exchange } = open();
    exchange.fail(reach, "CLOSED");
    expect(await exchange.outcome).toEqual({ outcome: "failure", reach, reason: "CLOSED" });
  }
});

it("an exchange tells its owner of an abort, and listens no more once it is settled", () => {
  const abort = new AbortController();
  const [one, other] = [open(abort.signal), open(abort.signal)];
  other.exchange.fail("not_sent", "CLOSED");
  abort.abort();
  expect([one.aborted, other.aborted]).toEqual([[one.exchange], []]);
  one.exchange.fail("not_sent", "ABORTED");
  expect(getEventListeners(abort.signal, "abort")).toEqual([]);
});
