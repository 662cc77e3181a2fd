import { createPublicKey, generateKeyPairSync, type KeyObject, randomInt } from "node:crypto";
import type { ClientCertificate, HttpConnection, ServedRequest } from "../../src/testing/kit.js";
import { type ApnsEnvironment, readPushCertificate } from "./emulator_certificates.js";
import { bearerToken, isSignedBy, type ProviderToken, readProviderToken } from "./emulator_provider_token.js";
import type { ApnsPushType } from "./emulator_topics.js";
import { TOKEN_ONLY, TOPIC_SUFFIXES } from "./emulator_topics.js";
import type { ApnsReason } from "./emulator_words.js";

/** A signing key, as a provider's config names it. */
export interface ApnsKey {
  readonly team_id: string;
  readonly key_id: string;
  /** PEM, PKCS#8: the text of a `.p8` file. */
  readonly auth_key: string;
}

/** What a signing key is good for. */
export interface ApnsKeyOptions {
  /** Where it may be used; default in both environments. */
  environment?: ApnsEnvironment | undefined;
  /** A topic-specific key: the bundle IDs that it may push to. Default all of the team's. */
  bundle_ids?: readonly string[] | undefined;
}

/** Who is allowed in, and to what. */
export interface Sender {
  /** Absent for a certificate with several topics, and with a token. */
  readonly default_topic?: string | undefined;
  allows(bundle_id: string, push_type: ApnsPushType): boolean;
}

interface KnownKey extends ApnsKeyOptions {
  readonly public_key: KeyObject;
}

/** The token that a connection goes by. */
interface Visit {
  readonly key: KnownKey;
  readonly token: ProviderToken;
  readonly since_ms: number;
}

const MAX_AGE_MS = 3_600_000;
const MAX_SKEW_MS = 60_000;
const MIN_UPDATE_MS = 1_200_000;
/** A connection has these from its first valid token on, or its certificate. Before, it has one. */
export const FULL_STREAMS = 1000;

/** Apple, "Establishing a token-based connection to APNs" and "… a certificate-based connection to APNs". */
export class Doorkeeper {
  readonly team_id = randomName();
  readonly #bundle_ids: readonly string[];
  readonly #environment: ApnsEnvironment;
  readonly #now: () => number;
  readonly #keys = new Map<string, KnownKey>();
  readonly #visits = new WeakMap<HttpConnection, Visit>();
  readonly #certified = new WeakMap<HttpConnection, Sender | ApnsReason>();
  /** Tokens that the service itself has called expired: they may be replaced at once. */
  readonly #expired = new Set<string>();

  constructor(bundle_ids: readonly string[], environment: ApnsEnvironment, now: () => number) {
    this.#bundle_ids = bundle_ids;
    this.#environment = environment;
    this.#now = now;
  }

  createKey(options: ApnsKeyOptions = {}): ApnsKey {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const key_id = randomName();
    this.#keys.set(key_id, { ...options, public_key: createPublicKey(privateKey) });
    return {
      team_id: this.team_id,
      key_id,
      auth_key: String(privateKey.export({ type: "pkcs8", format: "pem" })),
    };
  }

  /** The reason why not, or who it is. A valid token opens the connection for more than one stream. */
  admit({ headers, connection, credential_expired }: ServedRequest<string>): Sender | ApnsReason {
    if (connection.client_certificate) {
      const known = this.#certified.get(connection);
      const sender = known ?? this.#admitCertificate(connection.client_certificate);
      this.#certified.set(connection, sender);
      return sender;
    }
    const text = bearerToken(headers);
    if (text === undefined) return "MissingProviderToken";
    const token = readProviderToken(text);
    const key = token && this.#keys.get(String(token.header.kid));
    if (!key) return "InvalidProviderToken";
    const visit = this.#visits.get(connection);
    const reason = this.#checkToken(token, key, visit, credential_expired);
    if (reason) return reason;
    if (!visit) connection.limitStreams(FULL_STREAMS);
    if (visit?.token.text !== text) {
      this.#visits.set(connection, { key, token, since_ms: this.#now() });
    }
    const { bundle_ids = this.#bundle_ids } = key;
    return { allows: (bundle_id) => bundle_ids.includes(bundle_id) };
  }

  /** The service has said so, by itself or by script. */
  callExpired({ headers }: ServedRequest<string>): void {
    this.#expired.add(bearerToken(headers) ?? "");
  }

  #checkToken(
    token: ProviderToken,
    key: KnownKey,
    visit: Visit | undefined,
    is_expired: boolean,
  ): ApnsReason | undefined {
    const { iss, iat } = token.claims;
    const now_ms = this.#now();
    const is_new = visit?.token.text !== token.text;
    if (is_new && !isSignedBy(token, key.public_key)) return "InvalidProviderToken";
    if (iss !== this.team_id || typeof iat !== "number") return "InvalidProviderToken";
    if (iat * 1000 > now_ms + MAX_SKEW_MS) return "InvalidProviderToken";
    if (key.environment && key.environment !== this.#environment) return "BadEnvironmentKeyIdInToken";
    if (visit && visit.key !== key && (visit.key.bundle_ids || key.bundle_ids))
      return "UnrelatedKeyIdInToken";
    if (is_expired || now_ms - iat * 1000 > MAX_AGE_MS) return "ExpiredProviderToken";
    return visit && is_new && this.#isEarly(visit, iat) ? "TooManyProviderTokenUpdates" : undefined;
  }

  /** Neither was the new token made 20 minutes after the old one, nor does it come that long after it. */
  #isEarly({ token, since_ms }: Visit, iat: number): boolean {
    const apart_ms = Math.abs(iat - Number(token.claims.iat)) * 1000;
    const is_replaceable = this.#expired.has(token.text) || apart_ms >= MIN_UPDATE_MS;
    return !is_replaceable && this.#now() - since_ms < MIN_UPDATE_MS;
  }

  #admitCertificate({ certificate, trusted }: ClientCertificate): Sender | ApnsReason {
    if (!trusted) return "BadCertificate";
    const { environments, topics } = readPushCertificate(certificate);
    if (environments.length === 0) return "BadCertificate";
    if (!environments.includes(this.#environment)) return "BadCertificateEnvironment";
    return {
      default_topic: topics.length === 1 ? topics[0] : undefined,
      allows: (bundle_id, push_type) => {
        if (TOKEN_ONLY.includes(push_type)) return false;
        const must_be_listed = push_type === "voip" || push_type === "complication";
        return topics.includes(must_be_listed ? bundle_id + TOPIC_SUFFIXES[push_type] : bundle_id);
      },
    };
  }
}

/** Team and key ids look alike. */
function randomName(): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  return Array.from({ length: 10 }, () => letters[randomInt(letters.length)]).join("");
}
