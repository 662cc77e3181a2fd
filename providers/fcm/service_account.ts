import { createPrivateKey, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { configInvalid } from "../../src/provider_kit.js";
import { isHttps, type OpenConfig } from "./config.js";

/** What signs for a sender. */
export interface ServiceAccount {
  readonly client_email: string;
  readonly private_key: KeyObject;
  readonly private_key_id?: string | undefined;
  readonly project_id?: string | undefined;
  readonly token_uri?: string | undefined;
}

/** Credentials of another kind than a service account's key, in the file that stands for Google's default credentials. */
export const OTHER_CREDENTIALS = "other_credentials";

/**
 * The service account of the config; undefined when the config has none.
 *
 * @throws PushError `CONFIG_INVALID` naming what is wrong. Its text and its cause quote nothing of the file.
 */
export async function openServiceAccount(
  { service_account, service_account_path: path }: OpenConfig,
  default_path: string | undefined,
): Promise<ServiceAccount | typeof OTHER_CREDENTIALS | undefined> {
  if (service_account !== undefined) {
    const content =
      typeof service_account === "string" ? parse("service_account", service_account) : service_account;
    return readServiceAccount("service_account", content);
  }
  if (path === undefined) return undefined;
  const content = parse("service_account_path", await read(path));
  if (path === default_path && isOtherKind(content)) return OTHER_CREDENTIALS;
  return readServiceAccount("service_account_path", content);
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code = "not readable" } = error as { code?: string };
    throw refuse("service_account_path", `the file cannot be read: ${code}`, error);
  }
}

/** What JSON.parse says quotes the text, so it is not passed on. */
function parse(key: string, text: string): Readonly<Record<string, unknown>> {
  try {
    return { ...JSON.parse(text) };
  } catch {
    throw refuse(key, "expected JSON, the content of a service account's key file");
  }
}

function isOtherKind({ type }: Readonly<Record<string, unknown>>): boolean {
  return type !== undefined && type !== "service_account";
}

/** firebase-admin's spelling (`privateKey`) is taken as well. */
function readServiceAccount(key: string, content: Readonly<Record<string, unknown>>): ServiceAccount {
  if (isOtherKind(content)) {
    throw refuse(
      `${key}.type`,
      'expected "service_account"; other kinds of credentials are found by firebase-admin as application default credentials',
    );
  }
  const field = (name: string, camel: string) => {
    const value = content[name] ?? content[camel];
    return typeof value === "string" && value.trim() !== "" ? value : undefined;
  };
  const client_email = field("client_email", "clientEmail");
  const pem = field("private_key", "privateKey");
  const token_uri = field("token_uri", "tokenUri");
  if (client_email === undefined) throw refuse(`${key}.client_email`, "missing");
  if (pem === undefined) throw refuse(`${key}.private_key`, "missing");
  if (token_uri !== undefined && !isHttps(token_uri))
    throw refuse(`${key}.token_uri`, "expected an https URL");
  return {
    client_email,
    private_key: readPrivateKey(`${key}.private_key`, pem),
    private_key_id: field("private_key_id", "privateKeyId"),
    project_id: field("project_id", "projectId"),
    token_uri,
  };
}

/** A key that came through an environment variable may have its newlines spelled out. */
function readPrivateKey(key: string, pem: string): KeyObject {
  let private_key: KeyObject;
  try {
    private_key = createPrivateKey(pem.replaceAll("\\n", "\n"));
  } catch (error) {
    throw refuse(key, "expected an RSA private key as PEM", error);
  }
  if (private_key.asymmetricKeyType === "rsa") return private_key;
  throw refuse(key, "expected an RSA private key, this is a key of another kind");
}

function refuse(path: string, message: string, cause?: unknown) {
  return configInvalid("fcm", [{ path, message }], cause);
}
