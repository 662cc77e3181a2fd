import { generateKeyPairSync } from "node:crypto";
import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { Command } from "./arguments.js";
import { CliError, EXIT } from "./exit.js";
import { refuse } from "./files.js";
import { tell, write } from "./io.js";

/** Makes the key pair that a web push sender is known by. */
export const keys: Command = {
  name: "keys",
  summary: "Makes a pair of VAPID keys for web push.",
  options: {
    pem: { help: "as PEM, for openssl and other tools; default: lines for an environment file" },
    out: { value: "FILE", help: "write to a new file that only you can read; the private key is not shown" },
    force: { help: "replace that file if it is there" },
  },
  notes: [
    "Make one pair for your site and keep it: browsers subscribe with the public key, and a subscription works with",
    "that pair only. The private key is the power to send in your name.",
  ],
  examples: [
    "pushmux keys",
    "pushmux keys --out keys.env     # then: pushmux doctor --env-file keys.env",
    "pushmux keys --pem --out vapid.pem",
    "pushmux keys --json",
  ],
  async run(given, io) {
    const pair = makePair();
    const text = given.has("json")
      ? `${JSON.stringify(pair, null, 2)}\n`
      : given.has("pem")
        ? asPem(pair)
        : asEnv(pair);
    const path = given.text("out");
    if (path === undefined) {
      await write(io, text);
      return EXIT.OK;
    }
    writeSecret(path, text, given.has("force"));
    const { vapid_public_key } = pair;
    if (given.has("json")) await write(io, `${JSON.stringify({ vapid_public_key, file: path })}\n`);
    else {
      await write(io, `${vapid_public_key}\n`);
      tell(io, `This is the public key. Both are in ${path}, which only you can read.`);
    }
    return EXIT.OK;
  },
};

/** One pair in both forms: base64url without padding (87 and 43 characters), SPKI and PKCS#8 PEM. */
export interface KeyPair {
  readonly vapid_public_key: string;
  readonly vapid_private_key: string;
  readonly public_key_pem: string;
  readonly private_key_pem: string;
}

export function makePair(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "", d = "" } = privateKey.export({ format: "jwk" });
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
  return {
    vapid_public_key: point.toString("base64url"),
    vapid_private_key: d,
    public_key_pem: publicKey.export({ format: "pem", type: "spki" }).toString(),
    private_key_pem: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
  };
}

function asPem({ private_key_pem, public_key_pem }: KeyPair): string {
  return private_key_pem + public_key_pem;
}

function asEnv({ vapid_public_key, vapid_private_key }: KeyPair): string {
  return [
    "# The page passes the public key to pushManager.subscribe as applicationServerKey.",
    `WEB_PUSH_VAPID_PUBLIC_KEY=${vapid_public_key}`,
    "# Secret.",
    `WEB_PUSH_VAPID_PRIVATE_KEY=${vapid_private_key}`,
    "# Whom a push service may contact: mailto: or https:. Put your own and take the # away.",
    "#WEB_PUSH_VAPID_SUBJECT=mailto:you@example.org",
    "",
  ].join("\n");
}

/** A replaced file is there whole at any time: keys that were in use must not be lost half way. */
function writeSecret(path: string, text: string, replace: boolean): void {
  try {
    const written = replace ? `${path}.${process.pid}.new` : path;
    if (replace) rmSync(written, { force: true });
    writeFileSync(written, text, { mode: 0o600, flag: "wx" });
    if (replace) renameSync(written, path);
  } catch (error) {
    if (!replace && existsSync(path))
      throw new CliError(`--out ${path}: it is there already; --force replaces it`);
    refuse("--out", path, error, "cannot be written");
  }
}
