import { generateKeyPair, type KeyObject, randomBytes, randomInt } from "node:crypto";
import { promisify } from "node:util";

/** A service account's key as the Firebase console hands it out. */
export type FcmServiceAccount = {
  readonly type: "service_account";
  readonly project_id: string;
  readonly private_key_id: string;
  /** PEM, PKCS #8, RSA 2048. */
  readonly private_key: string;
  readonly client_email: string;
  readonly client_id: string;
  readonly auth_uri: string;
  readonly token_uri: string;
  readonly auth_provider_x509_cert_url: string;
  readonly client_x509_cert_url: string;
  readonly universe_domain: "googleapis.com";
};

/** A project with one service account, as Google knows it. */
export interface Project {
  readonly id: string;
  /** May stand for the id in URLs. */
  readonly number: string;
  readonly client_email: string;
  readonly private_key_id: string;
  readonly key: KeyObject;
}

export async function createProject(): Promise<Project> {
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  const id = `pushmux-${randomBytes(3).toString("hex")}`;
  return {
    id,
    number: digits(12),
    client_email: `firebase-adminsdk-${randomBytes(3).toString("hex")}@${id}.iam.gserviceaccount.com`,
    private_key_id: randomBytes(20).toString("hex"),
    key: privateKey,
  };
}

export function serviceAccount(project: Project, token_uri: string): FcmServiceAccount {
  const { id, client_email, private_key_id, key } = project;
  return {
    type: "service_account",
    project_id: id,
    private_key_id,
    private_key: key.export({ type: "pkcs8", format: "pem" }).toString(),
    client_email,
    client_id: digits(21),
    auth_uri: "https://accounts.google.com/o/oauth2/auth",
    token_uri,
    auth_provider_x509_cert_url: "https://www.googleapis.com/oauth2/v1/certs",
    client_x509_cert_url: `https://www.googleapis.com/robot/v1/metadata/x509/${encodeURIComponent(client_email)}`,
    universe_domain: "googleapis.com",
  };
}

/** The access tokens that were given out. */
export class AccessTokens {
  readonly #issued = new Map<string, { scopes: readonly string[]; expires_at_ms: number }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  issue(scopes: readonly string[], lifetime_seconds: number): string {
    const token = `ya29.c.${randomBytes(120).toString("base64url")}`;
    this.#issued.set(token, { scopes, expires_at_ms: this.#now() + lifetime_seconds * 1000 });
    return token;
  }

  /** What a token allows, or why it allows nothing. */
  read(token: string): readonly string[] | "unknown" | "expired" {
    const issued = this.#issued.get(token);
    if (!issued) return "unknown";
    return issued.expires_at_ms > this.#now() ? issued.scopes : "expired";
  }
}

function digits(count: number): string {
  return String(randomInt(1, 10)) + Array.from({ length: count - 1 }, () => randomInt(10)).join("");
}
