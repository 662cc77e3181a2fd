import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apns } from "../../../providers/apns/index.js";
import { configFromEnvironment } from "../../../src/environment.js";
import { PushError } from "../../../src/errors.js";
import * as pem from "./certificates.js";
import { CONFIG, newKey, openCodec } from "./support.js";

const PAIR = { certificate: pem.CERTIFICATE, private_key: pem.PRIVATE_KEY, bundle_id: "com.example.app" };
const ARCHIVE = { pfx: pem.PFX, passphrase: pem.PASSPHRASE, bundle_id: "com.example.app" };

/** Why it does not open: each field with what is said of it. */
async function problems(
  config: object,
  base: object = CONFIG,
  now_ms?: number,
): Promise<Record<string, string>> {
  const error = await openCodec(config, base, now_ms).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!PushError.is(error)) throw error ?? new Error("it opened");
  expect(error.code).toBe("CONFIG_INVALID");
  return Object.fromEntries((error.issues ?? []).map(({ path, message }) => [path, message]));
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "apns-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("a sender with a key", () => {
  it.each([
    ["as the file has it", CONFIG.auth_key],
    ["with literal \\n, as an environment variable has it", CONFIG.auth_key.replaceAll("\n", "\\n")],
    ["between blank lines", `\n\n  ${CONFIG.auth_key}\n\n`],
    ["with Windows' line ends", CONFIG.auth_key.replaceAll("\n", "\r\n")],
    ["SEC 1", pem.SEC1_KEY],
  ])("A7 opens with its text: %s", async (_form, auth_key) => {
    expect((await openCodec({ auth_key })).credential).toBeDefined();
  });

  it("1.11 2.apns opens with the path of its file", async () => {
    const path = join(folder, "AuthKey.p8");
    await writeFile(path, CONFIG.auth_key);
    const codec = await openCodec({ auth_key: undefined, auth_key_path: path });
    expect(codec.info?.sender).toEqual({
      team_id: "DEF123GHIJ",
      key_id: "ABC123DEFG",
      bundle_id: "com.example.MyApp",
      environment: "production",
    });
  });

  it("1.11 2.apns a file that is not there is told by its field and the system's code", async () => {
    const told = await problems({ auth_key: undefined, auth_key_path: join(folder, "nothing.p8") });
    expect(told).toEqual({ auth_key_path: "the file cannot be read (ENOENT)" });
  });

  it("1.11 a file with something else in it is told by its field", async () => {
    const path = join(folder, "wrong.p8");
    await writeFile(path, "not a key");
    const told = await problems({ auth_key: undefined, auth_key_path: path });
    expect(told.auth_key_path).toMatch(/BEGIN PRIVATE KEY/);
  });

  it.each<[string, object, string, RegExp]>([
    ["a path as the text", { auth_key: "/etc/AuthKey.p8" }, "auth_key", /auth_key_path/],
    [
      "a text as the path",
      { auth_key: undefined, auth_key_path: CONFIG.auth_key },
      "auth_key_path",
      /auth_key/,
    ],
    ["another curve", { auth_key: pem.P384_KEY }, "auth_key", /P-256/],
    ["half a key", { auth_key: CONFIG.auth_key.slice(0, 90) }, "auth_key", /private key/],
    ["a key under a password", { auth_key: pem.ENCRYPTED_KEY }, "auth_key", /password/],
    ["a certificate", { auth_key: pem.CERTIFICATE }, "auth_key", /BEGIN PRIVATE KEY/],
    ["a short team", { team_id: "DEF123" }, "team_id", /10 letters and digits/],
    ["a long key id", { key_id: "ABC123DEFGH" }, "key_id", /10 letters and digits/],
    ["no team", { team_id: undefined }, "team_id", /missing/],
    ["no bundle", { bundle_id: undefined }, "bundle_id", /missing/],
    ["a bundle with a slash", { bundle_id: "com/example" }, "bundle_id", /bundle id/],
    ["text and path", { auth_key_path: "a.p8" }, "auth_key_path", /not together with auth_key/],
    ["a certificate too", { certificate: pem.CERTIFICATE }, "certificate", /key or a certificate/],
    ["an archive too", { pfx: pem.PFX }, "pfx", /key or a certificate/],
    ["another environment", { environment: "development" }, "environment", /production/],
    ["an endpoint with a path", { endpoint: "https://api.push.apple.com/3" }, "endpoint", /origin/],
    ["an endpoint without TLS", { manage_endpoint: "http://localhost" }, "manage_endpoint", /origin/],
    ["an endpoint that is none", { broadcast_endpoint: "apple" }, "broadcast_endpoint", /origin/],
  ])("does not open with %s", async (_what, config, field, message) => {
    const told = await problems(config);
    expect(Object.keys(told)).toEqual([field]);
    expect(told[field]).toMatch(message);
  });

  it("1.11 2.apns everything that is missing is told at once", async () => {
    const told = await problems({}, { environment: "nowhere", auth_key: "x", team: "y" });
    expect(Object.keys(told).sort()).toEqual([
      "auth_key",
      "bundle_id",
      "environment",
      "key_id",
      "team",
      "team_id",
    ]);
    expect(Object.keys(await problems({}, {})).sort()).toEqual([
      "auth_key",
      "bundle_id",
      "key_id",
      "team_id",
    ]);
  });
});

describe("a sender with a certificate", () => {
  it("opens with PEM, literal \\n too, and shows it on every connection as one object", async () => {
    const escaped = {
      certificate: pem.CERTIFICATE.replaceAll("\n", "\\n"),
      private_key: pem.PRIVATE_KEY.replaceAll("\n", "\\n"),
    };
    for (const codec of [await openCodec({}, PAIR), await openCodec(escaped, PAIR)]) {
      expect(codec.credential).toBeUndefined();
      const device = codec.connection({ kind: "token", token: "a" });
      expect(device.client_certificate).toEqual({
        certificate: pem.CERTIFICATE.trim(),
        private_key: pem.PRIVATE_KEY.trim(),
      });
      const channel = codec.connection({ kind: "channel", value: "b" });
      expect(channel.client_certificate).toBe(device.client_certificate);
      const listed = codec.channels.list();
      expect(listed.connection.client_certificate).toBe(device.client_certificate);
    }
  });

  it("opens with a key under a password", async () => {
    const codec = await openCodec({ private_key: pem.ENCRYPTED_KEY, passphrase: pem.PASSPHRASE }, PAIR);
    expect(codec.connection({ kind: "token", token: "a" }).client_certificate).toMatchObject({
      passphrase: pem.PASSPHRASE,
    });
  });

  it.each([
    ["bytes", Buffer.from(pem.PFX, "base64")],
    ["an Uint8Array", new Uint8Array(Buffer.from(pem.PFX, "base64"))],
    ["base64", pem.PFX],
    ["base64 in lines", pem.PFX.replaceAll(/.{64}/g, "$&\n")],
  ])("opens with a PFX archive: %s", async (_form, pfx) => {
    const codec = await openCodec({ pfx }, ARCHIVE);
    const { client_certificate } = codec.connection({ kind: "token", token: "a" });
    if (!client_certificate || !("pfx" in client_certificate)) throw new Error("no archive");
    expect(Buffer.from(client_certificate.pfx).toString("base64")).toBe(pem.PFX);
    expect(client_certificate.passphrase).toBe(pem.PASSPHRASE);
    expect(codec.info?.sender).toEqual({ bundle_id: "com.example.app", environment: "production" });
  });

  it("a PFX that Node cannot read gets the openssl line that converts it", async () => {
    const { pfx } = await problems({ pfx: pem.LEGACY_PFX }, ARCHIVE);
    expect(pfx).toMatch(/openssl pkcs12 -legacy -in \S+ -nodes -out \S+ && openssl pkcs12 -export/);
  });

  it.each<[string, object, object, string, RegExp]>([
    [
      "another key",
      PAIR,
      { private_key: pem.OTHER_KEY },
      "certificate",
      /not the certificate of private_key/,
    ],
    ["no key", PAIR, { private_key: undefined }, "private_key", /missing/],
    ["no certificate", PAIR, { certificate: undefined }, "certificate", /missing/],
    ["a path", PAIR, { certificate: "/etc/apns.pem" }, "certificate", /BEGIN CERTIFICATE/],
    [
      "a damaged one",
      PAIR,
      { certificate: pem.CERTIFICATE.replace("MII", "M!!") },
      "certificate",
      /readable/,
    ],
    ["a key that is none", PAIR, { private_key: "secret text" }, "private_key", /BEGIN PRIVATE KEY/],
    ["a locked key", PAIR, { private_key: pem.ENCRYPTED_KEY }, "private_key", /password/],
    ["the wrong password", ARCHIVE, { passphrase: "wrong" }, "pfx", /passphrase/],
    ["an archive without key", ARCHIVE, { pfx: pem.KEYLESS_PFX }, "pfx", /no private key/],
    ["an archive that is none", ARCHIVE, { pfx: Buffer.from("hello") }, "pfx", /not a readable/],
    ["an archive's path", ARCHIVE, { pfx: "./apns.p12" }, "pfx", /base64/],
    ["archive and PEM", ARCHIVE, PAIR, "certificate", /pfx/],
  ])("does not open with %s", async (_what, base, config, field, message) => {
    const told = await problems(config, base);
    expect(Object.keys(told)).toEqual([field]);
    expect(told[field]).toMatch(message);
  });

  it("does not open with one that has expired", async () => {
    expect((await problems({}, PAIR, Date.UTC(2200, 0))).certificate).toMatch(/expired on .* 2126/);
  });
});

describe("no secret is told", () => {
  it.each<[string, object, object]>([
    ["a key in the wrong place", CONFIG, { auth_key: undefined, auth_key_path: "x".repeat(9) }],
    ["a damaged key", CONFIG, { auth_key: CONFIG.auth_key.replace("\n", "\n!!") }],
    ["a pair that is none", PAIR, { private_key: pem.OTHER_KEY }],
    ["a wrong password", ARCHIVE, { passphrase: "canary-password" }],
    ["an old archive", ARCHIVE, { pfx: pem.LEGACY_PFX }],
  ])("by the refusal of %s", async (_what, base, config) => {
    const given = { ...base, ...config } as Record<string, string | undefined>;
    const error = await openCodec(config, base).catch((reason: unknown) => reason);
    const text = inspect(error, { depth: 5, showHidden: true }) + JSON.stringify(error);
    for (const key of ["auth_key", "private_key", "pfx", "passphrase", "auth_key_path"]) {
      const secret = given[key]?.split("\n").sort((a, b) => b.length - a.length)[0];
      if (secret) expect(text).not.toContain(secret.slice(0, 40));
    }
  });

  it("by what a provider says of itself", async () => {
    const auth_key = newKey();
    const codec = await openCodec({ auth_key });
    expect(JSON.stringify(codec.info)).not.toContain(auth_key.split("\n")[1]);
  });
});

describe("from the environment", () => {
  it("1.11 every variable has its key", () => {
    const config = configFromEnvironment(apns as never, {
      APNS_TEAM_ID: "DEF123GHIJ",
      APNS_KEY_ID: "ABC123DEFG",
      APNS_AUTH_KEY_PATH: "/etc/AuthKey.p8",
      APNS_BUNDLE_ID: "com.example.MyApp",
      APNS_TOPIC: "com.example.MyApp.voip",
      APNS_ENVIRONMENT: "sandbox",
      APNS_TTL_SECONDS: "60",
    });
    expect(config).toMatchObject({
      team_id: "DEF123GHIJ",
      key_id: "ABC123DEFG",
      auth_key_path: "/etc/AuthKey.p8",
      bundle_id: "com.example.MyApp",
      topic: "com.example.MyApp.voip",
      environment: "sandbox",
      ttl_seconds: 60,
    });
    expect(configFromEnvironment(apns as never, { ...environmentOf(CONFIG) })).toMatchObject(CONFIG);
  });

  it("what is missing is told by the names of the variables", () => {
    expect(() => configFromEnvironment(apns as never, {})).toThrow(
      /APNS_TEAM_ID.*APNS_KEY_ID.*APNS_AUTH_KEY|APNS_BUNDLE_ID.*APNS_TEAM_ID.*APNS_KEY_ID.*APNS_AUTH_KEY/,
    );
  });
});

function environmentOf({ team_id, key_id, auth_key, bundle_id }: typeof CONFIG) {
  return { APNS_TEAM_ID: team_id, APNS_KEY_ID: key_id, APNS_AUTH_KEY: auth_key, APNS_BUNDLE_ID: bundle_id };
}

describe("where it connects to", () => {
  const keysOf = async (config: object) => {
    const codec = await openCodec(config);
    return [
      codec.connection({ kind: "token", token: "a" }).key,
      codec.connection({ kind: "channel", value: "b" }).key,
      codec.channels.list().connection.key,
    ];
  };

  it.each([
    [
      "1.11 2.apns production, the default",
      {},
      [
        "https://api.push.apple.com",
        "https://api.push.apple.com",
        "https://api-manage-broadcast.push.apple.com:2196",
      ],
    ],
    [
      "1.11 2.apns sandbox",
      { environment: "sandbox" },
      [
        "https://api.sandbox.push.apple.com",
        "https://api.sandbox.push.apple.com",
        "https://api-manage-broadcast.sandbox.push.apple.com:2195",
      ],
    ],
    [
      "an endpoint, which broadcasts follow",
      { endpoint: "https://api.push.apple.com:2197/" },
      [
        "https://api.push.apple.com:2197",
        "https://api.push.apple.com:2197",
        "https://api-manage-broadcast.push.apple.com:2196",
      ],
    ],
    [
      "three of one's own",
      { endpoint: "https://a:1", broadcast_endpoint: "https://b:2", manage_endpoint: "https://c:3" },
      ["https://a:1", "https://b:2", "https://c:3"],
    ],
  ])("%s", async (_what, config, keys) => {
    expect(await keysOf(config)).toEqual(keys);
  });

  it("only by HTTP/2, to a host that the operator chose", async () => {
    expect((await openCodec()).connection({ kind: "token", token: "a" })).toEqual({
      key: "https://api.push.apple.com",
      protocol: "h2",
      guard: "fixed",
    });
  });

  it("says which limits it has and what it can do", async () => {
    const codec = await openCodec();
    expect(codec.limits).toEqual({
      max_payload_bytes: 4096,
      max_ttl_seconds: 2_592_000,
      max_concurrency: 1000,
    });
    expect(codec.topic_kinds).toEqual(["channel"]);
    expect(codec.info?.capabilities).toMatchObject({ authentication: "token" });
  });
});
