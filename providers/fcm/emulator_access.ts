import type { AccessTokens } from "./emulator_account.js";
import {
  CREDENTIALS_EXPIRED,
  CREDENTIALS_MISSING,
  CREDENTIALS_UNKNOWN,
  type GoogleError,
  SCOPE_INSUFFICIENT,
} from "./emulator_words.js";

export const MESSAGING_SCOPE = "https://www.googleapis.com/auth/firebase.messaging";
const SCOPES = [MESSAGING_SCOPE, "https://www.googleapis.com/auth/cloud-platform"];

type Headers = Readonly<Record<string, string>>;

/** Why these headers do not let anybody in; `undefined` when they do. `expired`: whatever the token says. */
export function judgeAccess(
  headers: Headers,
  tokens: AccessTokens,
  expired: boolean,
): GoogleError | undefined {
  if (!headers.authorization) return CREDENTIALS_MISSING;
  const scopes = tokens.read(bearerToken(headers) ?? "");
  if (expired || scopes === "expired") return CREDENTIALS_EXPIRED;
  if (scopes === "unknown") return CREDENTIALS_UNKNOWN;
  return SCOPES.some((scope) => scopes.includes(scope)) ? undefined : SCOPE_INSUFFICIENT;
}

export function bearerToken({ authorization = "" }: Headers): string | undefined {
  return /^bearer +(\S+)$/i.exec(authorization)?.[1];
}
