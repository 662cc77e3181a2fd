import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { apns } from "../../providers/apns/index.js";
import { CODES } from "../../providers/fcm/decode.js";
import { fcm } from "../../providers/fcm/index.js";
import { wns } from "../../providers/wns/index.js";
import { findBinary } from "../../scripts/system_packages.mjs";
import { checkConfig } from "../../src/config.js";
import { PushErrorCode, THROWN_CODES } from "../../src/error_codes.js";
import { getPushProvider } from "../../src/index.js";
import { payloadSchema } from "../../src/payload.js";
import { LEGACY_PFX, PASSPHRASE, PFX } from "../providers/apns/certificates.js";
import { packedProject, root } from "../setup/packed_project.js";
import { runOk } from "../setup/run.js";
import { chapterOf, GUIDES, guide, namesIn } from "./guide_pages.js";
import { anchors, codeBlocks, localLinks, promisedOutput, readMarkdown } from "./markdown.js";
import { compileTexts, type Programs } from "./packed_examples.js";

const programs = GUIDES.flatMap((name) =>
  codeBlocks(guide(name))
    .filter(({ language }) => language === "js")
    .map((block) => ({ ...block, file: `${name}_${block.line}.mjs` })),
);
/** It says what it found in the words of node:test. */
const suites = programs.filter(({ text }) => text.includes("node:test"));
const printing = programs.filter((program) => !suites.includes(program));

/** Of an app of Apple's, as one file. */
const certificate = { bundle_id: "com.example.app", passphrase: PASSPHRASE, pfx: PFX };

let compiled: Programs;
beforeAll(async () => {
  const texts = programs.map(({ file, text }) => [file, text]);
  const careless = suites.map(({ text }) => ["careless.mjs", text.replace("tokens.delete(", "tokens.has(")]);
  compiled = await compileTexts("guides", Object.fromEntries([...texts, ...careless]));
});

describe("the programs of the guides", () => {
  it("are there, and compile in a strict project of a user", () => {
    expect(GUIDES.map((name) => programs.filter(({ file }) => file.startsWith(name)).length)).toEqual([
      2, 2, 2, 2, 4, 2, 2,
    ]);
    expect(compiled.errors).toEqual([]);
  });

  it.each(printing)("$file runs as it is, and prints what it says", async (program) => {
    const { code, stdout, stderr } = await compiled.run(program.file);
    expect(promisedOutput(program)).not.toBe("");
    expect([code, stdout, stderr]).toEqual([0, promisedOutput(program), ""]);
  });

  it("the test suite passes, and fails when what it tests is wrong", async () => {
    const good = await compiled.run(suites[0]?.file ?? "");
    expect([good.code, good.stdout]).toEqual([0, expect.stringMatching(/pass 4\n.*fail 0\n/s)]);
    const bad = await compiled.run("careless.mjs");
    expect([bad.code, bad.stdout]).toEqual([1, expect.stringMatching(/pass 3\n.*fail 1\n/s)]);
  });
});

describe.each([
  { name: "fcm", definition: fcm, max_concurrency: 1000, credentials: { get_access_token, project_id: "p" } },
  { name: "apns", definition: apns, max_concurrency: 1000, credentials: certificate },
  { name: "wns", definition: wns, max_concurrency: 64, credentials: { get_access_token } },
])("the guide of $name", ({ name, definition, max_concurrency, credentials }) => {
  const chapter = (title: string) => chapterOf(name, title);
  const shared = ["ttl_seconds", "timeout_seconds", "deadline_seconds", "max_concurrency"];
  const more = ["rate_limit", "retry", "proxy", "ca"];

  it("names every key of the config, and every variable", () => {
    const keys = [...Object.keys(definition.config.shape), ...shared, ...more];
    const prefix = name.toUpperCase();
    const variables = Object.values(definition.environment ?? {}).flat();
    const all = [...keys, ...variables, `${prefix}_TTL_SECONDS`, `${prefix}_TIMEOUT_SECONDS`];
    expect(all.filter((key) => !namesIn(chapter("Config")).includes(key))).toEqual([]);
    expect(namesIn(chapter("Config")).filter((key) => /^[A-Z_]+$/.test(key) && !all.includes(key))).toEqual(
      [],
    );
  });

  it("knows the shared defaults", async () => {
    const empty = { shape: {}, safeParse: () => ({ success: true as const, data: {} }) };
    const { ttl_seconds, timeout_seconds, deadline_seconds, retry } = checkConfig(name, empty, {});
    expect(chapter("Config")).toContain(`| ${ttl_seconds}, ${timeout_seconds}, ${deadline_seconds} |`);
    expect(chapter("Config")).toContain(`none; ${retry.max_attempts} attempts; none; none`);
    expect(chapter("Config")).toContain(`| \`max_concurrency\` | ${max_concurrency} |`);
    const push = await getPushProvider(name, credentials);
    expect(push.getPlatformInfo().limits.max_concurrency).toBe(max_concurrency);
    await push.close();
  });

  it("says what becomes of every field of the payload", () => {
    const fields = Object.keys(payloadSchema.shape).filter((field) => field !== "platform_data");
    const said = namesIn(chapter("What the payload becomes"));
    expect(fields.filter((field) => !said.includes(field))).toEqual([]);
  });

  it("names every option of platform_data", () => {
    const fcm_blocks = ["notification", "data", "android", "android_v2", "apns", "webpush", "fcm_options"];
    const options = Object.keys(definition.platform_data?.shape ?? {});
    const said = namesIn(chapter(`platform_data.${name}`));
    expect((name === "fcm" ? fcm_blocks : options).filter((option) => !said.includes(option))).toEqual([]);
    expect(name === "fcm" || options.length > 30).toBe(true);
  });
});

describe.each(GUIDES)("the guide %s", (name) => {
  it("names only codes that exist", () => {
    const codes = [...Object.keys(PushErrorCode), ...Object.keys(THROWN_CODES)];
    const of_services = [...Object.keys(CODES), "IAM_PERMISSION_DENIED", "REFUSED_STREAM", "RST_STREAM"];
    const variables = /^(FCM_|APNS_|WNS_|GOOGLE_|PUSHMUX_)/;
    const named = [...guide(name).matchAll(/`([A-Z]+_[A-Z_]+)`/g)].map(([, code = ""]) => code);
    expect(named.length).toBeGreaterThan(5);
    expect(
      named.filter((code) => !variables.test(code) && ![...codes, ...of_services].includes(code)),
    ).toEqual([]);
  });

  it("links only to what is there", () => {
    const page = `docs/${name}.md`;
    const links = localLinks(guide(name));
    const broken = links.filter(({ path, anchor }) => {
      const target = path === "" ? page : join(page, "..", path);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchors(readMarkdown(target)).includes(anchor);
    });
    expect(links.length).toBeGreaterThan(0);
    expect(broken).toEqual([]);
  });
});

describe("the line that converts an old certificate file", () => {
  const line =
    codeBlocks(guide("apns"))
      .find(({ language }) => language === "sh")
      ?.text.trim() ?? "";

  it("is the one that the error says", async () => {
    await expect(getPushProvider("apns", { ...certificate, pfx: LEGACY_PFX })).rejects.toThrow(line);
    expect(line).toContain("openssl");
  });

  it("makes one that opens; one that it once made, where there is no openssl", async () => {
    const cwd = mkdtempSync(join((await packedProject()).folder, "openssl-"));
    let pfx: string | Uint8Array = PFX;
    if (findBinary("openssl")) {
      writeFileSync(join(cwd, "old.p12"), Buffer.from(LEGACY_PFX, "base64"));
      const password = `pass:${PASSPHRASE}`;
      const command = line
        .replace("-nodes", `-nodes -passin ${password}`)
        .replace("-export", `-export -passout ${password}`);
      await runOk("sh", ["-ec", command], { cwd });
      pfx = readFileSync(join(cwd, "new.p12"));
    }
    const push = await getPushProvider("apns", { ...certificate, pfx });
    expect(push.getPlatformInfo().capabilities).toMatchObject({ authentication: "certificate" });
    await push.close();
  });
});

async function get_access_token(): Promise<string> {
  return "token";
}
