import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import type { OpenConfig } from "../../../providers/fcm/config.js";
import { OTHER_CREDENTIALS, openServiceAccount } from "../../../providers/fcm/service_account.js";
import { ACCOUNT, PUBLIC_KEY } from "./support.js";

const folder = mkdtempSync(join(tmpdir(), "fcm-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const open = (config: Partial<OpenConfig>, default_path?: string) =>
  openServiceAccount(config as OpenConfig, default_path);
const path = file("account.json", JSON.stringify(ACCOUNT, undefined, 2));
const { privateKey: ec } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const ec_pem = ec.export({ type: "pkcs8", format: "pem" }).toString();

async function read(config: Partial<OpenConfig>) {
  const account = await open(config);
  if (!account || account === OTHER_CREDENTIALS) throw new Error("no account");
  return account;
}

describe("a service account", () => {
  it.each([
    ["an object", { service_account: { ...ACCOUNT } }],
    ["JSON text", { service_account: JSON.stringify(ACCOUNT) }],
    ["1.9 2.fcm a file", { service_account_path: path }],
    [
      "firebase-admin's spelling",
      {
        service_account: {
          projectId: ACCOUNT.project_id,
          clientEmail: ACCOUNT.client_email,
          privateKey: ACCOUNT.private_key,
        },
      },
    ],
    [
      "a key with its newlines spelled out",
      { service_account: { ...ACCOUNT, private_key: ACCOUNT.private_key.replaceAll("\n", "\\n") } },
    ],
  ])("is given as %s", async (_what, config) => {
    const account = await read(config);
    expect(account).toMatchObject({
      client_email: ACCOUNT.client_email,
      project_id: "demo-project",
    });
    expect(account.private_key.export({ format: "jwk" }).n).toBe(PUBLIC_KEY.export({ format: "jwk" }).n);
  });

  it("may leave out everything but its address and its key", async () => {
    const { client_email, private_key } = ACCOUNT;
    expect(await read({ service_account: { client_email, private_key } })).toMatchObject({
      project_id: undefined,
      private_key_id: undefined,
      token_uri: undefined,
    });
  });

  it("is not there when the config has none", async () => {
    expect(await open({})).toBeUndefined();
  });
});

const without = (key: keyof typeof ACCOUNT) => ({ ...ACCOUNT, [key]: undefined });

describe("what is wrong is said when the provider opens, and nothing of the file with it", () => {
  it.each([
    [
      "a file that is not there",
      { service_account_path: join(folder, "none.json") },
      "service_account_path: the file cannot be read: ENOENT",
    ],
    ["a folder", { service_account_path: folder }, "service_account_path: the file cannot be read: EISDIR"],
    [
      "a file that is no JSON",
      { service_account_path: file("key.pem", ACCOUNT.private_key) },
      "service_account_path: expected JSON",
    ],
    ["text that is no JSON", { service_account: ACCOUNT.private_key }, "service_account: expected JSON"],
    ["JSON that is no object", { service_account: "null" }, "service_account.client_email: missing"],
    ["no address", { service_account: without("client_email") }, "service_account.client_email: missing"],
    ["no key", { service_account: without("private_key") }, "service_account.private_key: missing"],
    [
      "credentials of another kind",
      { service_account: { ...ACCOUNT, type: "authorized_user" } },
      'service_account.type: expected "service_account"',
    ],
    [
      "a key that is none",
      { service_account: { ...ACCOUNT, private_key: ACCOUNT.private_key.slice(0, 400) } },
      "service_account.private_key: expected an RSA private key as PEM",
    ],
    [
      "a key of another kind",
      { service_account: { ...ACCOUNT, private_key: ec_pem } },
      "service_account.private_key: expected an RSA private key, this is a key of another kind",
    ],
    [
      "a public key",
      {
        service_account: {
          ...ACCOUNT,
          private_key: PUBLIC_KEY.export({ type: "spki", format: "pem" }).toString(),
        },
      },
      "service_account.private_key: expected an RSA private key as PEM",
    ],
    [
      "a token_uri without TLS",
      { service_account: { ...ACCOUNT, token_uri: "http://oauth2.googleapis.com/token" } },
      "service_account.token_uri: expected an https URL",
    ],
  ])("1.9 2.fcm %s", async (_what, config, words) => {
    const error = await open(config).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining(`fcm: ${words}`),
    });
    const shown = inspect(error, { depth: 9 });
    expect(shown).not.toContain(ACCOUNT.private_key.slice(30, 60));
    expect(shown).not.toContain(ec_pem.slice(30, 60));
    expect(shown).not.toContain("PRIVATE KEY-----");
  });
});

describe("Google's default credentials", () => {
  it("of another kind in their own file are left to firebase-admin", async () => {
    const other = file("default.json", JSON.stringify({ type: "external_account", audience: "a" }));
    expect(await open({ service_account_path: other }, other)).toBe(OTHER_CREDENTIALS);
    await expect(open({ service_account_path: other }, path)).rejects.toThrow("service_account_path.type");
    await expect(open({ service_account_path: other })).rejects.toThrow("service_account_path.type");
  });

  it("that are a service account's key sign here", async () => {
    expect(await open({ service_account_path: path }, path)).toMatchObject({
      client_email: ACCOUNT.client_email,
    });
  });
});
