/**
 * What Google says when it refuses: the envelope of google.rpc.Status with its details, and the words.
 * firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode, google/rpc/error_details.proto.
 */
import type { Answer } from "../../src/testing/kit.js";
import type { Violation } from "./emulator_proto.js";

/** `error` of the envelope. */
export interface GoogleError {
  readonly code: number;
  readonly message: string;
  readonly status: string;
  readonly details?: readonly ErrorDetail[] | undefined;
}

export interface ErrorDetail {
  readonly "@type": string;
  readonly [name: string]: unknown;
}

/** google.rpc.Code's names of HTTP statuses. */
export const STATUS_NAMES: readonly (readonly [status: number, name: string])[] = [
  [400, "INVALID_ARGUMENT"],
  [401, "UNAUTHENTICATED"],
  [403, "PERMISSION_DENIED"],
  [404, "NOT_FOUND"],
  [409, "ALREADY_EXISTS"],
  [429, "RESOURCE_EXHAUSTED"],
  [500, "INTERNAL"],
  [501, "UNIMPLEMENTED"],
  [503, "UNAVAILABLE"],
  [504, "DEADLINE_EXCEEDED"],
];

const PLAIN_WORDS: Readonly<Record<number, string>> = {
  401: "Request had invalid authentication credentials.",
  403: "The caller does not have permission",
  404: "Requested entity was not found.",
  409: "Requested entity already exists",
  429: "Resource has been exhausted (e.g. check quota).",
  504: "Deadline expired before operation could complete.",
};

/** What any Google API says with this status. */
export function plainWords(status = 0): string {
  return PLAIN_WORDS[status] ?? "Unknown error.";
}

export function googleError(code: number, message: string, ...details: readonly ErrorDetail[]): GoogleError {
  const status = STATUS_NAMES.find(([number]) => number === code)?.[1] ?? "UNKNOWN";
  return { code, message, status, ...(details.length > 0 ? { details } : {}) };
}

/** What is sent, and for the records why it was refused. */
export interface Reply extends Answer {
  readonly reason?: string | undefined;
  readonly error?: string | undefined;
}

export function refusal(error: GoogleError): Reply {
  const { code, status, message, details = [] } = error;
  const { body, headers } = jsonReply(code, { error });
  const has_expired = details.some(({ reason }) => reason === "ACCESS_TOKEN_EXPIRED");
  const challenge = `Bearer realm="https://accounts.google.com/"${has_expired ? ', error="invalid_token"' : ""}`;
  const errorCode = details.find((detail) => "errorCode" in detail)?.errorCode;
  return {
    status: code,
    headers: { ...headers, ...(code === 401 ? { "www-authenticate": challenge } : {}) },
    body,
    reason: String(errorCode ?? status),
    error: message,
  };
}

export function success(value: object): Reply {
  return jsonReply(200, value);
}

/** Google prints it over several lines. */
export function jsonReply(status: number, value: object): Reply {
  return { status, headers: JSON_UTF8, body: `${JSON.stringify(value, undefined, 2)}\n` };
}

const JSON_UTF8 = { "content-type": "application/json; charset=UTF-8" };

/** Google's page for what never reaches a service. */
function page(status: number, title: string, sentence: string, allow?: string): Reply {
  return {
    status,
    headers: { "content-type": "text/html; charset=UTF-8", ...(allow === undefined ? {} : { allow }) },
    body: `<!DOCTYPE html>\n<html lang=en>\n  <meta charset=utf-8>\n  <title>Error ${status} (${title})!!1</title>\n  <p><b>${status}.</b> <ins>That’s an error.</ins>\n  <p>${sentence}  <ins>That’s all we know.</ins>\n`,
    reason: title,
    error: sentence,
  };
}

export function pathUnknown(path: string): Reply {
  const shown = (path.split("?")[0] ?? "").replaceAll(/[<>&"]/g, "");
  return page(404, "Not Found", `The requested URL <code>${shown}</code> was not found on this server.`);
}

export function methodUnknown(method: string, allow: string): Reply {
  const sentence = `The request method <code>${method}</code> is inappropriate for the URL.`;
  return page(405, "Method Not Allowed", sentence, allow);
}

/** The front end found no service behind it. */
export function gatewayError(status: number): Reply {
  const sentence =
    "The server encountered a temporary error and could not complete your request.<p>Please try again in 30 seconds.";
  return page(status, "Server Error", sentence);
}

/** What the oldest servers say to who is not let in. */
export function unauthorizedPage(): Reply {
  const body =
    '<HTML>\n<HEAD>\n<TITLE>Unauthorized</TITLE>\n</HEAD>\n<BODY BGCOLOR="#FFFFFF" TEXT="#000000">\n<H1>Unauthorized</H1>\n<H2>Error 401</H2>\n</BODY>\n</HTML>\n';
  const headers = { "content-type": "text/html; charset=UTF-8" };
  return { status: 401, headers, body, reason: "Unauthorized", error: "Unauthorized" };
}

/** What the transcoder could not read: all of it in one answer, and no word of FCM's own. */
export function unreadable(violations: readonly Violation[]): GoogleError {
  return googleError(
    400,
    violations.map(({ description }) => description).join("\n"),
    badRequest(violations),
  );
}

/** What FCM itself will not take. */
export function invalid(message: string, field: string): GoogleError {
  return googleError(
    400,
    message,
    badRequest([{ field, description: message }]),
    fcmError("INVALID_ARGUMENT"),
  );
}

export function badRequest(violations?: readonly Violation[]): ErrorDetail {
  return {
    "@type": "type.googleapis.com/google.rpc.BadRequest",
    ...(violations ? { fieldViolations: violations } : {}),
  };
}

export function fcmError(errorCode: string): ErrorDetail {
  return { "@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", errorCode };
}

export function apnsError(statusCode: number, reason: string): ErrorDetail {
  return { "@type": "type.googleapis.com/google.firebase.fcm.v1.ApnsError", statusCode, reason };
}

export function quotaFailure(subject: string, description: string): ErrorDetail {
  return { "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations: [{ subject, description }] };
}

export function errorInfo(reason: string, metadata: Readonly<Record<string, string>>): ErrorDetail {
  const domain =
    reason === "IAM_PERMISSION_DENIED" ? "cloudresourcemanager.googleapis.com" : "googleapis.com";
  return { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain, metadata };
}

/** Of a device that is gone. */
export function unregistered(): GoogleError {
  return googleError(404, "Requested entity was not found.", fcmError("UNREGISTERED"));
}

export function notOurProject(project: string): GoogleError {
  const permission = "cloudmessaging.messages.create";
  const resource = `projects/${project}`;
  return googleError(
    403,
    `Permission '${permission}' denied on resource '//cloudresourcemanager.googleapis.com/${resource}' (or it may not exist).`,
    errorInfo("IAM_PERMISSION_DENIED", { permission, resource }),
  );
}

export function senderMismatch(): GoogleError {
  return googleError(403, "SenderId mismatch", fcmError("SENDER_ID_MISMATCH"));
}

const METHOD = { method: "google.firebase.fcm.v1.FcmService.SendMessage", service: "fcm.googleapis.com" };
const EXPECTED =
  "Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.";

export const CREDENTIALS_MISSING = googleError(
  401,
  `Request is missing required authentication credential. ${EXPECTED}`,
  errorInfo("CREDENTIALS_MISSING", METHOD),
);
export const CREDENTIALS_UNKNOWN = googleError(
  401,
  `Request had invalid authentication credentials. ${EXPECTED}`,
);
export const CREDENTIALS_EXPIRED = googleError(
  401,
  CREDENTIALS_UNKNOWN.message,
  errorInfo("ACCESS_TOKEN_EXPIRED", METHOD),
);
export const SCOPE_INSUFFICIENT = googleError(
  403,
  "Request had insufficient authentication scopes.",
  errorInfo("ACCESS_TOKEN_SCOPE_INSUFFICIENT", METHOD),
);
