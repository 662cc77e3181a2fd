/** Bodies of refusals, as google.rpc.Status has them. */
export const detail = (type: string, members: object = {}) => ({
  "@type": `type.googleapis.com/${type}`,
  ...members,
});
export const fcm = (errorCode: string) => detail("google.firebase.fcm.v1.FcmError", { errorCode });
export const apns = (statusCode: number, reason: string) =>
  detail("google.firebase.fcm.v1.ApnsError", { statusCode, reason });
export const badRequest = (...fields: string[]) =>
  detail("google.rpc.BadRequest", { fieldViolations: fields.map((field) => ({ field, description: "no" })) });
export const quota = (subject: string, description: string) =>
  detail("google.rpc.QuotaFailure", { violations: [{ subject, description }] });
export const info = (reason: string) => detail("google.rpc.ErrorInfo", { reason, domain: "googleapis.com" });

export const error = (code: number, status: string, message: string, ...details: object[]) => ({
  error: { code, message, status, ...(details.length > 0 ? { details } : {}) },
});

export const HTML =
  "<!DOCTYPE html>\n<html lang=en>\n<title>Error (Not Found)!!1</title>\n<p>That’s an error.";

/** Title, status, body, verdict. */
export type Row = readonly [title: string, status: number, body: unknown, verdict: object];
