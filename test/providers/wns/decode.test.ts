import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode } from "../../../providers/wns/decode.js";
import type { Verdict } from "../../../src/codec.js";
import { PushErrorCode } from "../../../src/error_codes.js";
import { NOW_MS } from "./support.js";

function answer(
  status: number,
  headers: Record<string, string> = {},
  body: string | Uint8Array = "",
): Verdict {
  return decode({ status, headers, body: Buffer.from(body), truncated: false }, { now_ms: NOW_MS });
}

/** `code`, or how it is not final: `retry token RATE_LIMITED`, `reauthorize AUTHENTICATION_FAILED`. */
function summary(verdict: Verdict): string {
  if (verdict.verdict === "accepted") return "accepted";
  if (verdict.verdict === "retry") return `retry ${verdict.scope} ${verdict.code}`;
  return verdict.verdict === "rejected" ? verdict.code : `reauthorize ${verdict.code}`;
}

const reasonOf = (verdict: Verdict) => (verdict.verdict === "accepted" ? undefined : verdict.reason);
const messageOf = (verdict: Verdict) => (verdict.verdict === "accepted" ? undefined : verdict.message);

describe("accepted", () => {
  it("2.wns 1.10 200 received, with the message's id", () => {
    const headers = {
      "x-wns-status": "received",
      "x-wns-notificationstatus": "received",
      "x-wns-msg-id": "7A3C1B0D5E6F0142",
      "x-wns-debug-trace": "DB3WNS4011532",
      "x-wns-deviceconnectionstatus": "connected",
    };
    expect(answer(200, headers)).toEqual({
      verdict: "accepted",
      service_message_id: "7A3C1B0D5E6F0142",
      warnings: [],
    });
  });

  it("200 without a word, and another success that says received", () => {
    expect(answer(200)).toEqual({ verdict: "accepted", service_message_id: undefined, warnings: [] });
    expect(summary(answer(201, { "x-wns-status": "received" }))).toBe("accepted");
    expect(summary(answer(202, { "x-wns-notificationstatus": "Received " }))).toBe("accepted");
  });

  it.each(["disconnected", "tempconnected", "tempdisconnected"])(
    "N4 a device that is %s becomes a warning",
    (connection) => {
      const headers = { "x-wns-status": "received", "x-wns-deviceconnectionstatus": connection };
      expect(answer(200, headers)).toMatchObject({
        verdict: "accepted",
        warnings: [
          { type: "device_not_connected", field: null, details: `WNS says that the device is ${connection}` },
        ],
      });
    },
  );

  it("a status that Microsoft does not document is told", () => {
    expect(answer(200, { "x-wns-status": "queued" })).toMatchObject({
      verdict: "accepted",
      warnings: [{ type: "unknown_status", details: "WNS calls the notification queued" }],
    });
  });
});

describe("N3 a 200 is not always a success", () => {
  it.each([
    ["x-wns-status", "dropped", "DROPPED"],
    ["x-wns-notificationstatus", "dropped", "DROPPED"],
    ["x-wns-status", " Dropped ", "DROPPED"],
    ["x-wns-status", "channelthrottled", "retry token RATE_LIMITED"],
    ["x-wns-notificationstatus", "channelthrottled", "retry token RATE_LIMITED"],
    ["x-wns-status", "appthrottled", "retry origin RATE_LIMITED"],
  ])("N3 1.10 %s: %s is %s", (header, state, expected) => {
    const verdict = answer(200, { [header]: state });
    expect(summary(verdict)).toBe(expected);
    expect(reasonOf(verdict)).toBe(state.trim().toLowerCase());
    expect(summary(answer(201, { [header]: state }))).toBe(expected);
  });

  it("N3 X-WNS-Status is read before its older name", () => {
    const headers = { "x-wns-status": "dropped", "x-wns-notificationstatus": "received" };
    expect(summary(answer(200, headers))).toBe("DROPPED");
  });

  it("N3 its words are the reason", () => {
    const headers = { "x-wns-status": "dropped", "x-wns-error-description": "Notifications are disabled" };
    expect(reasonOf(answer(200, headers))).toBe("Notifications are disabled");
  });
});

describe("each documented answer", () => {
  it.each<[number, string, string]>([
    [400, "One or more headers were specified incorrectly", "PAYLOAD_INVALID"],
    [401, "The token is missing, invalid or expired", "reauthorize AUTHENTICATION_FAILED"],
    [403, "The token belongs to another app than the channel", "SENDER_MISMATCH"],
    [404, "The channel URI is not valid or is not recognized", "UNREGISTERED"],
    [405, "Invalid method; only POST is allowed", "PAYLOAD_INVALID"],
    [406, "The cloud service exceeded its throttle limit", "retry origin RATE_LIMITED"],
    [410, "Channel expired", "UNREGISTERED"],
    [410, "Domain Blocked", "AUTHENTICATION_FAILED"],
    [413, "The notification payload exceeds the 5000 byte size limit", "PAYLOAD_TOO_LARGE"],
    [429, "Too many requests", "retry origin RATE_LIMITED"],
    [500, "An internal failure", "retry origin SERVICE_UNAVAILABLE"],
    [503, "The server is currently unavailable", "retry origin SERVICE_UNAVAILABLE"],
  ])("2.wns 1.10 %d %s: %s", (status, description, expected) => {
    const headers = { "x-wns-status": "dropped", "x-wns-error-description": description };
    const verdict = answer(status, headers);
    expect(summary(verdict)).toBe(expected);
    expect(reasonOf(verdict)).toBe(description);
    expect(messageOf(verdict)).toMatch(/^(WNS|The channel) .+\.$/);
    if (description !== "Domain Blocked") expect(summary(answer(status))).toBe(expected);
  });

  it.each([
    [410, { "x-wns-error-description": "the sending domain is blocked" }, "", "UNREGISTERED"],
    [410, {}, "<h1>410 Domain Blocked</h1>", "AUTHENTICATION_FAILED"],
    [403, { "x-wns-error-description": "DOMAIN BLOCKED for abuse" }, "", "AUTHENTICATION_FAILED"],
    [503, { "x-wns-error-description": "Domain Blocked" }, "", "retry origin SERVICE_UNAVAILABLE"],
    [200, { "x-wns-error-description": "Domain Blocked" }, "", "accepted"],
  ])("a sender that is blocked is no dead channel: %d %j %s", (status, headers, body, expected) => {
    expect(summary(answer(status, headers as Record<string, string>, body))).toBe(expected);
  });

  it.each([
    [406, "appthrottled", "retry origin RATE_LIMITED"],
    [406, "channelthrottled", "retry token RATE_LIMITED"],
    [429, "channelthrottled", "retry token RATE_LIMITED"],
    [410, "channelthrottled", "UNREGISTERED"],
    [404, "received", "UNREGISTERED"],
  ])("%d with X-WNS-Status %s is %s", (status, state, expected) => {
    const verdict = answer(status, { "x-wns-status": state });
    expect(summary(verdict)).toBe(expected);
    expect(reasonOf(verdict)).toBe(state === "received" ? `HTTP ${status}` : state);
  });

  it.each([
    [502, "retry origin SERVICE_UNAVAILABLE"],
    [504, "retry origin SERVICE_UNAVAILABLE"],
    [599, "retry origin SERVICE_UNAVAILABLE"],
    [100, "UNKNOWN_RESPONSE"],
    [204, "UNKNOWN_RESPONSE"],
    [301, "UNKNOWN_RESPONSE"],
    [307, "UNKNOWN_RESPONSE"],
    [402, "UNKNOWN_RESPONSE"],
    [418, "UNKNOWN_RESPONSE"],
  ])("%d, which is not documented, is %s", (status, expected) => {
    expect(summary(answer(status))).toBe(expected);
    expect(reasonOf(answer(status))).toBe(`HTTP ${status}`);
    expect(reasonOf(answer(status, {}, `<h1>No\n tea</h1> for ${"A1b2".repeat(20)}`))).toBe("No tea for …");
  });
});

describe("how long to wait", () => {
  it.each<[Record<string, string>, number | undefined]>([
    [{}, undefined],
    [{ "retry-after": "120" }, 120_000],
    [{ "retry-after": " 120 " }, 120_000],
    [{ "retry-after": new Date(NOW_MS + 7000).toUTCString() }, 7000],
    [{ "retry-after": new Date(NOW_MS - 7000).toUTCString() }, undefined],
    [{ "retry-after": "soon" }, undefined],
    [{ "x-wns-continue-after": "60" }, 60_000],
    [{ "x-wns-continue-after": "-1" }, undefined],
    [{ "retry-after": "10", "x-wns-continue-after": "60" }, 60_000],
    [{ "retry-after": "90", "x-wns-continue-after": "60" }, 90_000],
    [{ "retry-after": "soon", "x-wns-continue-after": "0" }, 0],
  ])("N4 1.10 %j is %s ms", (headers, retry_after_ms) => {
    for (const verdict of [
      answer(406, headers),
      answer(429, headers),
      answer(503, headers),
      answer(200, { ...headers, "x-wns-status": "channelthrottled" }),
    ]) {
      expect(verdict).toMatchObject({ verdict: "retry", retry_after_ms });
    }
  });
});

describe("what Microsoft asks for in a report", () => {
  it("stands in the message of a failure", () => {
    const headers = {
      "x-wns-msg-id": "1F0D23A95E6C0107",
      "x-wns-debug-trace": "DB3WNS4011532",
      "ms-cv": "tul4NUsfs9Cl7mOf.1",
    };
    const said =
      " For Microsoft's support: X-WNS-Msg-ID 1F0D23A95E6C0107, X-WNS-Debug-Trace DB3WNS4011532, MS-CV tul4NUsfs9Cl7mOf.1.";
    for (const verdict of [
      answer(400, headers),
      answer(401, headers),
      answer(503, headers),
      answer(418, headers),
    ]) {
      expect(messageOf(verdict)?.endsWith(said)).toBe(true);
    }
    expect(messageOf(answer(400))).not.toContain("support");
  });

  it("is left out when it is no identifier", () => {
    const headers = { "x-wns-msg-id": "<script>", "x-wns-debug-trace": "x".repeat(65), "ms-cv": "a b" };
    expect(messageOf(answer(400, headers))).not.toContain("support");
  });
});

describe("whatever comes", () => {
  const codes = new Set<string>(Object.keys(PushErrorCode));
  const isAnswer = (verdict: Verdict) =>
    verdict.verdict === "accepted" ||
    (codes.has(verdict.code) && verdict.reason.length > 0 && verdict.reason.length <= 220);

  it("every status from 100 to 599 has an answer, and only 404 and 410 say that a channel is dead", () => {
    const bodies = [
      "",
      "<html><h1>404 Gone UNREGISTERED</h1></html>",
      "\0\ufffd".repeat(1000),
      "x".repeat(65_536),
    ];
    for (let status = 100; status < 600; status++) {
      for (const body of bodies) {
        const verdict = answer(status, {}, body);
        expect(isAnswer(verdict)).toBe(true);
        expect(summary(verdict) === "UNREGISTERED").toBe(status === 404 || status === 410);
      }
    }
  });

  it("decoding answers and does not throw", () => {
    const headers = fc.dictionary(
      fc.constantFrom(
        ...["x-wns-status", "x-wns-notificationstatus", "x-wns-error-description", "x-wns-msg-id", "ms-cv"],
        ...["x-wns-continue-after", "x-wns-deviceconnectionstatus", "x-wns-debug-trace", "retry-after"],
      ),
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.constantFrom("constructor", "__proto__", "toString", "dropped"),
      ),
    );
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), headers, fc.uint8Array(), (status, given, body) => {
        expect(isAnswer(answer(status, given, body))).toBe(true);
      }),
    );
  });
});
