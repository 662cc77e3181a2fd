import { expect, it } from "vitest";
import { type Differs, differencesOf, weigh } from "./differences.js";
import { readJson, takeRequest, type WireRequest } from "./wire_request.js";

const REQUEST: WireRequest = {
  method: "POST",
  path: "/push",
  headers: { ttl: "300", urgency: "normal" },
  authorization: { scheme: "bearer", head: { alg: "ES256" } },
  answer: "accepted",
  body: { aps: { alert: { title: "t" }, list: [1, 2] } },
  text: "text for people",
};

it.each<[what: string, place: string, theirs: Partial<WireRequest>]>([
  ["a method", "method", { method: "PUT" }],
  ["a path", "path", { path: "/push/" }],
  ["a header's value", "ttl", { headers: { ttl: "0", urgency: "normal" } }],
  ["a header that they lack", "urgency", { headers: { ttl: "300" } }],
  ["a header that we lack", "topic", { headers: { ...REQUEST.headers, topic: "t" } }],
  [
    "a member of a signed token",
    "authorization.head.typ",
    { authorization: { scheme: "bearer", head: { alg: "ES256", typ: "JWT" } } },
  ],
  ["an answer", "answer", { answer: "400 BadPriority" }],
  ["a body that they lack", "body", { body: undefined }],
  ["a member's value", "body.aps.alert.title", { body: { aps: { alert: { title: "T" }, list: [1, 2] } } }],
  ["a member that they lack, with all that is in it", "body.aps.alert", { body: { aps: { list: [1, 2] } } }],
  ["a member that we lack", "body.order", { body: { ...(REQUEST.body as object), order: 42 } }],
  ["a list", "body.aps.list", { body: { aps: { alert: { title: "t" }, list: [2, 1] } } }],
  ["a type", "body.aps.list", { body: { aps: { alert: { title: "t" }, list: { 0: 1, 1: 2 } } } }],
])("finds %s", (_what, place, theirs) => {
  expect(Object.keys(differencesOf(REQUEST, { ...REQUEST, ...theirs }))).toEqual([place]);
});

it("finds nothing in another order of headers and members, and in what is written for people", () => {
  const body = { aps: { list: [1, 2], alert: { title: "t" } } };
  const headers = { urgency: "normal", ttl: "300" };
  expect(differencesOf(REQUEST, { ...REQUEST, headers, body, text: "other text" })).toEqual({});
});

it.each<[what: string, documented: Differs, verdict: object]>([
  ["each is explained", { ttl: "why", urgency: "why" }, { undocumented: {}, vanished: [] }],
  [
    "one is not",
    { ttl: "why" },
    { undocumented: { urgency: { ours: "normal", theirs: "high" } }, vanished: [] },
  ],
  [
    "one that is explained is there no more",
    { ttl: "why", urgency: "why", topic: "why" },
    { undocumented: {}, vanished: ["topic"] },
  ],
])("tells of differences whether %s", (_what, documented, verdict) => {
  const found = differencesOf(REQUEST, { ...REQUEST, headers: { ttl: "0", urgency: "high" } });
  expect(weigh(found, documented)).toEqual(verdict);
});

it("believes a length only when it is that of the body", () => {
  const lengthOf = (length: string) => {
    const entry = {
      method: "POST",
      path: "/",
      headers: { "content-length": length },
      body: Buffer.from("{}"),
      status: 200,
    };
    return takeRequest({ received: [entry], clearReceived: () => {} }, readJson).headers["content-length"];
  };
  expect([lengthOf("2"), lengthOf("3")]).toEqual(["{bytes of the body}", "3"]);
});

it("takes one request, and not one of several", () => {
  const entry = { method: "POST", path: "/", headers: {}, body: Buffer.from("{}"), status: 200 };
  for (const received of [[], [entry, entry]]) {
    expect(() => takeRequest({ received, clearReceived: () => {} }, readJson)).toThrow(
      "expected one request",
    );
  }
});
