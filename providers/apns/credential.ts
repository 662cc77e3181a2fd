import { sign } from "node:crypto";
import { type Credential, type CredentialSource, processCache } from "../../src/provider_kit.js";
import type { Identity } from "./identity.js";
import { publicName } from "./keys.js";

const MINUTE_MS = 60_000;

export type TokenIdentity = Extract<Identity, { kind: "token" }>;

/** The one token of a key in this process. */
interface Kept {
  readonly credential: Credential;
  readonly made_at_ms: number;
  /** How many there have been. */
  readonly generation: number;
}

/**
 * Provider tokens
 * (https://developer.apple.com/documentation/usernotifications/establishing-a-token-based-connection-to-apns): ES256, good for
 * an hour by Apple's clock, and to be changed no more often than every 20 minutes, by a sender and not by an object: so
 * there is one for a key in a process, whichever provider asks. It is used for 50 minutes, and for 55 when no other can be had.
 *
 * One that Apple calls expired is replaced whatever its age (a machine slept, or its clock was set), and the one in its
 * place is left alone for 20 minutes.
 */
export function createTokens(identity: TokenIdentity): CredentialSource<string> {
  const { team_id, key_id, key } = identity;
  const scope = `${team_id} ${key_id}`;
  const name = `${scope} ${publicName(key)}`;
  const kept = processCache<Kept>("apns.tokens");
  return {
    scope: () => scope,
    mint: (_scope, { now_ms, refused_id }) => {
      const last = kept.get(name);
      const is_refused = last !== undefined && last.credential.id === refused_id;
      if (last && !is_refused && isFresh(last, now_ms)) return last.credential;
      const generation = (last?.generation ?? 0) + 1;
      const credential: Credential = {
        id: `${scope} ${generation}`,
        value: `bearer ${signToken(identity, Math.floor(now_ms / 1000))}`,
        renew_at_ms: now_ms + 50 * MINUTE_MS,
        expires_at_ms: now_ms + 55 * MINUTE_MS,
        ...(is_refused ? { renew_not_before_ms: now_ms + 20 * MINUTE_MS } : {}),
      };
      kept.set(name, { credential, made_at_ms: now_ms, generation });
      return credential;
    },
    apply: (request, { value }) => ({ ...request, headers: { ...request.headers, authorization: value } }),
  };
}

/** One from the future was made before the clock was set back. */
function isFresh({ credential, made_at_ms }: Kept, now_ms: number): boolean {
  return made_at_ms <= now_ms && now_ms < credential.renew_at_ms;
}

function signToken({ team_id, key_id, key }: TokenIdentity, iat: number): string {
  const signed = [
    { alg: "ES256", kid: key_id },
    { iss: team_id, iat },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  // JOSE wants r and s side by side (RFC 7518, section 3.4), not DER.
  return `${signed}.${sign("sha256", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}
