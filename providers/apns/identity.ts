import type { KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type ClientCertificate, configInvalid } from "../../src/provider_kit.js";
import type { OpenConfig } from "./config.js";
import {
  checkPair,
  KeyProblem,
  readCertificate,
  readPfx,
  readPrivateKey,
  readSigningKey,
  unescaped,
} from "./keys.js";

/** How a sender proves who it is: by signed tokens, or by a certificate in TLS. */
export type Identity =
  | { readonly kind: "token"; readonly team_id: string; readonly key_id: string; readonly key: KeyObject }
  | { readonly kind: "certificate"; readonly client_certificate: ClientCertificate };

/** Reads the keys that a checked config names. Rejects with `CONFIG_INVALID`, naming the field; no key is in its text. */
export async function openIdentity(config: OpenConfig, now_ms: number): Promise<Identity> {
  const {
    team_id = "",
    key_id = "",
    auth_key_path,
    auth_key,
    pfx,
    certificate,
    private_key,
    passphrase,
  } = config;
  if (pfx !== undefined) {
    return { kind: "certificate", client_certificate: read("pfx", () => readPfx(pfx, passphrase)) };
  }
  if (certificate !== undefined && private_key !== undefined) {
    const leaf = read("certificate", () => readCertificate(certificate));
    const key = read("private_key", () => readPrivateKey(private_key, "of its private key", passphrase));
    read("certificate", () => checkPair(leaf, key, now_ms));
    const pair = { certificate: unescaped(certificate), private_key: unescaped(private_key) };
    return {
      kind: "certificate",
      client_certificate: passphrase === undefined ? pair : { ...pair, passphrase },
    };
  }
  const [field, text] =
    auth_key_path === undefined
      ? (["auth_key", auth_key ?? ""] as const)
      : (["auth_key_path", await readKeyFile(auth_key_path)] as const);
  return { kind: "token", team_id, key_id, key: read(field, () => readSigningKey(text)) };
}

async function readKeyFile(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? "unreadable";
    // The path itself stays out of the text: it may be a key in the wrong place.
    throw problem("auth_key_path", `the file cannot be read (${why})`, new Error(why));
  }
}

function read<T>(path: string, reader: () => T): T {
  try {
    return reader();
  } catch (cause) {
    if (cause instanceof KeyProblem) throw problem(path, cause.message, cause.cause ?? cause);
    throw cause;
  }
}

function problem(path: string, message: string, cause: unknown): Error {
  return configInvalid("apns", [{ path, message }], cause);
}
