import { describe, expect, it } from "vitest";
import { answer, moz, reasonOf, summary } from "./answers.js";

describe("Mozilla", () => {
  it.each<[number, number | null, string, string]>([
    [400, 101, "Missing crypto headers", "PAYLOAD_INVALID"],
    [400, 108, "Invalid router type", "INVALID_TOKEN"],
    [400, 110, "Missing Content-Encoding header", "PAYLOAD_INVALID"],
    [400, 111, "Missing TTL value", "PAYLOAD_INVALID"],
    [400, 112, "Invalid TTL value", "PAYLOAD_INVALID"],
    [400, 113, "Topic must be no greater than 32 characters", "PAYLOAD_INVALID"],
    [400, 114, "TTL must be greater than 0", "PAYLOAD_INVALID"],
    [400, null, "Invalid message ID", "PAYLOAD_INVALID"],
    [401, 109, "Missing VAPID token", "AUTHENTICATION_FAILED"],
    [401, 109, "Missing VAPID public key", "AUTHENTICATION_FAILED"],
    [401, 109, "Invalid VAPID audience", "AUTHENTICATION_FAILED"],
    [401, 109, "VAPID public key mismatch", "SENDER_MISMATCH"],
    [401, 109, "The VAPID token expiration is too long", "AUTHENTICATION_FAILED"],
    [401, 109, "Unknown auth scheme", "AUTHENTICATION_FAILED"],
    [401, 109, "InvalidSignature", "AUTHENTICATION_FAILED"],
    [401, 109, "ExpiredSignature", "reauthorize AUTHENTICATION_FAILED"],
    [
      401,
      109,
      "Request did not validate Invalid bearer token: Auth expired",
      "reauthorize AUTHENTICATION_FAILED",
    ],
    [404, 102, "Invalid token", "UNREGISTERED"],
    [410, 103, "UAID not found", "UNREGISTERED"],
    [410, 105, "User was deleted during routing", "UNREGISTERED"],
    [410, 106, "No such subscription", "UNREGISTERED"],
    [
      413,
      104,
      "This message is intended for a constrained device and is limited in size.",
      "PAYLOAD_TOO_LARGE",
    ],
    [500, null, "Internal server error", "retry origin SERVICE_UNAVAILABLE"],
    [502, 900, "Bridge error", "retry origin SERVICE_UNAVAILABLE"],
    [502, 901, "Bridge authentication error", "retry origin SERVICE_UNAVAILABLE"],
    [502, 902, "Bridge connection error", "retry origin SERVICE_UNAVAILABLE"],
    [502, 903, "Bridge timeout", "retry origin SERVICE_UNAVAILABLE"],
    [503, 201, "Save failed", "retry origin SERVICE_UNAVAILABLE"],
    [503, 202, "Retry immediately", "retry token SERVICE_UNAVAILABLE"],
    [500, 999, "Unknown", "retry origin SERVICE_UNAVAILABLE"],
  ])("W1 W11 %d errno %s %s is %4$s", (status, errno, message, expected) => {
    const verdict = answer(status, moz(status, errno, message), { "content-type": "application/json" });
    expect(summary(verdict)).toBe(expected);
    if (errno !== null) expect(reasonOf(verdict)).toMatch(new RegExp(`^${errno} \\w`));
    expect(reasonOf(verdict)).toContain(message.split(" ")[0]);
  });

  it("W1 reason is its errno and its own words", () => {
    expect(reasonOf(answer(410, moz(410, 106, "No such subscription")))).toBe("106 No such subscription");
  });

  it("an errno that is new falls back on the status", () => {
    expect(summary(answer(410, moz(410, 777, "New")))).toBe("UNREGISTERED");
    expect(summary(answer(400, moz(400, 777, "New")))).toBe("PAYLOAD_INVALID");
  });
});

describe("FCM", () => {
  const gcm = (title: string) =>
    `<HTML>\n<HEAD>\n<TITLE>${title}</TITLE>\n</HEAD>\n<BODY>\n<H1>${title}</H1>\n</BODY>\n</HTML>`;

  it.each<[number, string, string]>([
    [400, "binary data passed in the request must be less than 4096 bytes", "PAYLOAD_TOO_LARGE"],
    [400, gcm("UnauthorizedRegistration"), "SENDER_MISMATCH"],
    [400, gcm("InvalidTtlParameter"), "PAYLOAD_INVALID"],
    [401, "Authorization header must be specified.\n", "AUTHENTICATION_FAILED"],
    [401, "invalid push subscription endpoint\n", "retry token SERVICE_UNAVAILABLE"],
    [401, gcm("UnauthorizedRegistration"), "SENDER_MISMATCH"],
    [403, "permission denied: invalid JWT provided\n", "AUTHENTICATION_FAILED"],
    [
      403,
      "the VAPID credentials in the authorization header do not correspond to the credentials used to create the subscriptions.\n",
      "SENDER_MISMATCH",
    ],
    [
      403,
      "the aud claim in the token MUST include the origin of the push resource URL\n",
      "AUTHENTICATION_FAILED",
    ],
    [403, "token has expired\n", "reauthorize AUTHENTICATION_FAILED"],
    [
      404,
      "A valid push subscription endpoint should be specified in the URL as such: https://fcm.googleapis.com/wp/dHIoDxE7Hdg:APA91bH1Zj0kNa...\n",
      "UNREGISTERED",
    ],
    [410, "push subscription has unsubscribed or expired.\n", "UNREGISTERED"],
    [410, gcm("NotRegistered"), "UNREGISTERED"],
    [413, "", "PAYLOAD_TOO_LARGE"],
    [429, "", "retry token RATE_LIMITED"],
    [500, "", "retry origin SERVICE_UNAVAILABLE"],
    [503, "", "retry origin SERVICE_UNAVAILABLE"],
  ])("W1 W11 %d %j is %s", (status, body, expected) => {
    const verdict = answer(status, body);
    expect(summary(verdict)).toBe(expected);
    expect(reasonOf(verdict)).not.toMatch(/[<>\n]|https:/);
    expect(reasonOf(verdict)).not.toBe("");
  });
});

describe("Apple", () => {
  it.each<[number, string, string]>([
    [400, "BadTtl", "PAYLOAD_INVALID"],
    [403, "BadTtl", "PAYLOAD_INVALID"],
    [400, "BadUrgency", "PAYLOAD_INVALID"],
    [400, "BadWebPushTopic", "PAYLOAD_INVALID"],
    [400, "BadWebPushRequest", "PAYLOAD_INVALID"],
    [400, "VapidPkHashMismatch", "SENDER_MISMATCH"],
    [403, "VapidPkHashMismatch", "SENDER_MISMATCH"],
    [400, "IdleTimeout", "retry token SERVICE_UNAVAILABLE"],
    [403, "BadAuthorizationHeader", "AUTHENTICATION_FAILED"],
    [403, "BadJwtToken", "reauthorize AUTHENTICATION_FAILED"],
    [400, "BadVapidPublicKey", "AUTHENTICATION_FAILED"],
    [403, "BadVapidPublicKey", "AUTHENTICATION_FAILED"],
    [404, "BadPath", "UNREGISTERED"],
    [405, "MethodNotAllowed", "PAYLOAD_INVALID"],
    [410, "ExpiredToken", "UNREGISTERED"],
    [410, "Unregistered", "UNREGISTERED"],
    [413, "PayloadTooLarge", "PAYLOAD_TOO_LARGE"],
    [429, "TooManyRequests", "retry token RATE_LIMITED"],
    [500, "InternalServerError", "retry origin SERVICE_UNAVAILABLE"],
    [503, "ServiceUnavailable", "retry origin SERVICE_UNAVAILABLE"],
    [503, "Shutdown", "retry origin SERVICE_UNAVAILABLE"],
  ])("W1 W11 %d %s is %s, reason verbatim", (status, reason, expected) => {
    const verdict = answer(status, { reason });
    expect(summary(verdict)).toBe(expected);
    expect(reasonOf(verdict)).toBe(reason);
  });

  it("BadJwtToken says what it is mostly about", () => {
    expect(answer(403, { reason: "BadJwtToken" })).toMatchObject({
      message: expect.stringMatching(/vapid_subject.*clock/),
    });
  });

  it("a reason that is new falls back on the status", () => {
    expect(answer(400, { reason: "BadNews" })).toMatchObject({
      code: "PAYLOAD_INVALID",
      reason: '{"reason":"BadNews"}',
    });
  });
});

describe("WNS", () => {
  const wns = (status: string, description?: string) => ({
    "x-wns-status": status,
    "x-wns-notificationstatus": status,
    ...(description ? { "x-wns-error-description": description } : {}),
  });

  it.each<[number, Record<string, string>, string, string]>([
    [201, wns("dropped"), "DROPPED", "dropped"],
    [200, { "x-wns-notificationstatus": "Dropped" }, "DROPPED", "dropped"],
    [201, wns("channelthrottled"), "retry token RATE_LIMITED", "channelthrottled"],
    [
      400,
      wns("dropped", "Ttl value conflicts with X-WNS-Cache-Policy."),
      "PAYLOAD_INVALID",
      "Ttl value conflicts with X-WNS-Cache-Policy.",
    ],
    [
      401,
      wns("dropped", "The JWT in the Authorization header is not valid."),
      "AUTHENTICATION_FAILED",
      "The JWT in the Authorization header is not valid.",
    ],
    [
      401,
      wns("dropped", "The public key used to sign JWT does not match with the one included in channel Url."),
      "SENDER_MISMATCH",
      "The public key used to sign JWT does not match with the one included in channel Url.",
    ],
    [403, wns("dropped"), "AUTHENTICATION_FAILED", "dropped"],
    [404, wns("dropped", "The channel URI is not valid."), "UNREGISTERED", "The channel URI is not valid."],
    [406, wns("appthrottled"), "retry origin RATE_LIMITED", "appthrottled"],
    [406, {}, "retry origin RATE_LIMITED", "HTTP 406"],
    [406, wns("channelthrottled"), "retry token RATE_LIMITED", "channelthrottled"],
    [410, wns("dropped"), "UNREGISTERED", "dropped"],
    [410, wns("dropped", "Domain Blocked"), "AUTHENTICATION_FAILED", "Domain Blocked"],
    [413, wns("dropped"), "PAYLOAD_TOO_LARGE", "dropped"],
    [429, wns("appthrottled"), "retry origin RATE_LIMITED", "appthrottled"],
    [500, wns("dropped"), "retry origin SERVICE_UNAVAILABLE", "dropped"],
    [503, {}, "retry origin SERVICE_UNAVAILABLE", "HTTP 503"],
  ])("W1 W11 %d %j is %s", (status, headers, expected, reason) => {
    const verdict = answer(status, "", headers);
    expect(summary(verdict)).toBe(expected);
    expect(reasonOf(verdict)).toBe(reason);
  });
});
