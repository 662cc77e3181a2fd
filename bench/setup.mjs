import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { build } from "tsup";
import { findBinary, installCommand } from "../scripts/system_packages.mjs";
import { BENCH, BUILD, ROOT } from "./paths.mjs";

/** Where Debian puts what libnginx-mod-http-echo brings. */
export const NGINX_MODULE = "/usr/lib/nginx/modules/ngx_http_echo_module.so";

const PROGRAMS = [
  { debian: "nginx", found: () => programPath("nginx") },
  { debian: "libnginx-mod-http-echo", found: () => existsSync(NGINX_MODULE) },
  { debian: "openssl", found: () => programPath("openssl") },
  { debian: "util-linux", found: () => programPath("taskset") },
];

/** Brings what a run needs and npm did not bring with `npm ci`: programs, the benchmark's own peers, a build of the sources. */
export async function setUp() {
  if (availableParallelism() < 2) throw new Error("the benchmark needs two cores: one sends, one answers");
  installPrograms();
  installPeers();
  await buildSources();
}

/**
 * Where a program is; people's PATH often lacks the folders of the system's own.
 *
 * @param {string} name
 */
export function programPath(name) {
  return findBinary(name, `${process.env.PATH}:/usr/sbin:/sbin`) ?? "";
}

function installPrograms() {
  const missing = PROGRAMS.filter((program) => !program.found()).map((program) => program.debian);
  if (missing.length === 0) return;
  const command = installCommand(missing);
  if (process.getuid?.() !== 0 || !findBinary("apt-get")) {
    throw new Error(`missing: ${missing.join(", ")}. On Debian: sudo ${command.join(" ")}`);
  }
  // One list that cannot be had fails the update although the others are there; the install shows whether that mattered.
  run("apt-get", ["update"]);
  if (!run("apt-get", command.slice(1))) throw new Error(`could not install ${missing.join(", ")}`);
}

function installPeers() {
  if (existsSync(join(BENCH, "node_modules", ".package-lock.json"))) return;
  if (!run("npm", ["ci", "--no-audit", "--no-fund"], BENCH)) throw new Error("npm ci in bench/ failed");
}

/** As the package is built, but elsewhere, so that a run neither needs nor changes `dist`. */
async function buildSources() {
  await build({
    entry: { index: join(ROOT, "src/index.ts"), transport: join(ROOT, "src/transport/transport.ts") },
    // Not tsup.config.ts: that makes several builds, and each of them would be given these entries.
    config: false,
    format: ["esm"],
    target: "node20",
    splitting: true,
    skipNodeModulesBundle: true,
    removeNodeProtocol: false,
    outDir: BUILD,
    dts: false,
    clean: true,
    silent: true,
  });
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} [cwd]
 */
function run(program, args, cwd) {
  console.log(`$ ${program} ${args.join(" ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return spawnSync(program, args, { stdio: ["ignore", "inherit", "inherit"], env, cwd }).status === 0;
}
