import { createPrivateKey, createPublicKey } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { describe, expect, it } from "vitest";
import { getPushProvider } from "../../src/index.js";
import { cli, useFolder } from "./support.js";

const folder = useFolder();

/** Opens with such keys; what pages would subscribe with. */
async function open(vapid_public_key: string | undefined, vapid_private_key: string | undefined) {
  await using push = await getPushProvider("web_push", {
    vapid_public_key,
    vapid_private_key,
    vapid_subject: "mailto:ops@example.org",
  });
  return push.getVapidPublicKey();
}

describe("pushmux keys", () => {
  it("5.1.s1 3.4.keys makes a pair that the provider takes, as lines of an environment file", async () => {
    const { code, stdout, stderr } = await cli(["keys"]);
    const {
      WEB_PUSH_VAPID_PUBLIC_KEY: public_key,
      WEB_PUSH_VAPID_PRIVATE_KEY: private_key,
      ...rest
    } = parseEnv(stdout);
    expect([code, stderr, rest]).toEqual([0, "", {}]);
    expect([public_key?.length, private_key?.length]).toEqual([87, 43]);
    expect(await open(public_key, private_key)).toBe(public_key);
  });

  it("3.4.keys gives the same pair as base64url and as PEM", async () => {
    const pair = JSON.parse((await cli(["keys", "--json"])).stdout);
    expect(Object.keys(pair)).toEqual([
      "vapid_public_key",
      "vapid_private_key",
      "public_key_pem",
      "private_key_pem",
    ]);
    expect(await open(pair.public_key_pem, pair.private_key_pem)).toBe(pair.vapid_public_key);
    expect(await open(pair.vapid_public_key, pair.vapid_private_key)).toBe(pair.vapid_public_key);
  });

  it("3.4.keys writes PEM that other tools read", async () => {
    const { stdout } = await cli(["keys", "--pem"]);
    const [, private_pem = "", public_pem = ""] = /^(.*END PRIVATE KEY-----\n)(.*)$/s.exec(stdout) ?? [];
    const derived = createPublicKey(createPrivateKey(private_pem)).export({ format: "pem", type: "spki" });
    expect(derived).toBe(public_pem);
  });

  it("makes another pair each time", async () => {
    expect((await cli(["keys"])).stdout).not.toBe((await cli(["keys"])).stdout);
  });

  it("writes a file that only its owner can read, and shows the public key only", async () => {
    const path = folder.path("keys.env");
    const { code, stdout, stderr } = await cli(["keys", "--out", path]);
    const { WEB_PUSH_VAPID_PUBLIC_KEY, WEB_PUSH_VAPID_PRIVATE_KEY = "" } = parseEnv(
      readFileSync(path, "utf8"),
    );
    expect([code, stdout, statSync(path).mode & 0o777]).toEqual([0, `${WEB_PUSH_VAPID_PUBLIC_KEY}\n`, 0o600]);
    expect(WEB_PUSH_VAPID_PRIVATE_KEY).toHaveLength(43);
    expect(stdout + stderr).not.toContain(WEB_PUSH_VAPID_PRIVATE_KEY);
  });

  it("--json --out: the pair in the file, the public key on stdout", async () => {
    const path = folder.path("keys.json");
    const { stdout } = await cli(["keys", "--json", "--out", path]);
    const { vapid_public_key } = JSON.parse(readFileSync(path, "utf8"));
    expect(JSON.parse(stdout)).toEqual({ vapid_public_key, file: path });
  });

  it("never replaces a file without --force; with it, the new one is private too", async () => {
    const path = folder.path("keys.env");
    writeFileSync(path, "precious", { mode: 0o644 });
    const refused = await cli(["keys", "--out", path]);
    expect([refused.code, refused.stdout, readFileSync(path, "utf8")]).toEqual([2, "", "precious"]);
    expect(refused.stderr).toContain("it is there already; --force replaces it");
    const forced = await cli(["keys", "--out", path, "--force"]);
    expect([forced.code, statSync(path).mode & 0o777]).toEqual([0, 0o600]);
    expect(readFileSync(path, "utf8")).toContain(forced.stdout.trim());
  });

  it("says why a file cannot be written", async () => {
    const { code, stderr } = await cli(["keys", "--out", folder.path("none/keys.env")]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("cannot be written: no such file or folder")]);
  });
});
