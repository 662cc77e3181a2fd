import { expect, it } from "vitest";
import type { TransportOutcome } from "../../src/codec.js";
import { Exchange } from "../../src/transport/exchange.js";

const request = { method: "POST", url: "https://push.test/x", headers: {}, body: "body" };

it("an exchange lets itself be written once only, also when the client underneath would do it again", () => {
  const exchange = new Exchange(request, () => {});
  exchange.onRequestStart();
  expect(() => exchange.onRequestStart()).toThrow();
});

it("an exchange that was given up is not written", () => {
  const exchange = new Exchange(request, () => {});
  exchange.fail("not_sent", "ABORTED");
  expect(() => exchange.onRequestStart()).toThrow();
});

it("an exchange settles once", () => {
  const outcomes: TransportOutcome[] = [];
  const exchange = new Exchange(request, (outcome) => outcomes.push(outcome));
  exchange.onRequestStart();
  exchange.fail("not_sent", "ABORTED");
  exchange.onResponseError(undefined, new Error("other side closed"));
  exchange.onResponseEnd();
  expect(outcomes).toEqual([{ outcome: "failure", reach: "maybe_sent", reason: "ABORTED" }]);
});

it("the text of an error, which may quote an endpoint, never becomes a reason", () => {
  const outcomes: TransportOutcome[] = [];
  const settle = (outcome: TransportOutcome) => outcomes.push(outcome);
  const errors = [
    new Error("https://push.test/secret"),
    Object.assign(new Error("secret"), { code: "https://push.test/secret" }),
    Object.assign(new TypeError("secret"), { code: 7 }),
    Object.assign(new Error("secret"), { code: "ECONNRESET" }),
  ];
  for (const error of errors) new Exchange(request, settle).onResponseError(undefined, error);
  expect(outcomes.map((outcome) => "reason" in outcome && outcome.reason)).toEqual([
    "NETWORK_ERROR",
    "NETWORK_ERROR",
    "TypeError",
    "ECONNRESET",
  ]);
});
