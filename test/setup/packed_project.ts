import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { inject } from "vitest";
import { runOk } from "./run.js";

/** The checkout. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

export interface PackedProject {
  /** An empty project with the packed package and @types/node installed. Each suite makes its own folder in it. */
  readonly folder: string;
  /** What `npm pack` made. */
  readonly tarball: string;
}

const DEADLINE_MS = 240_000;

/**
 * The package as a user gets it: packed from a copy of the checkout in which nothing is built, so that `prepare` has to
 * do it, and installed in an empty project. Whoever asks first does the work, once per run; the others wait for it.
 */
export async function packedProject(): Promise<PackedProject> {
  const place = inject("packed_folder");
  const answer = join(place, "answer.json");
  if (isFirst(place)) {
    const result = await packAndInstall(place).catch((error: unknown) => ({ error: String(error) }));
    writeFileSync(`${answer}.part`, JSON.stringify(result));
    renameSync(`${answer}.part`, answer);
  }
  const deadline = Date.now() + DEADLINE_MS;
  while (!existsSync(answer)) {
    if (Date.now() > deadline) throw new Error("the packed project did not get ready in time");
    await delay(100);
  }
  const result: PackedProject | { error: string } = JSON.parse(readFileSync(answer, "utf8"));
  if ("error" in result) throw new Error(result.error);
  return result;
}

function isFirst(place: string): boolean {
  try {
    mkdirSync(join(place, "lock"));
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

async function packAndInstall(place: string): Promise<PackedProject> {
  const checkout = join(place, "checkout");
  const left_out = ["node_modules", "dist", ".git", ".tmp", "bench", "coverage"].map((name) =>
    join(root, name),
  );
  cpSync(root, checkout, {
    recursive: true,
    filter: (source) => !left_out.some((folder) => !relative(folder, source).startsWith("..")),
  });
  symlinkSync(join(root, "node_modules"), join(checkout, "node_modules"), "junction");
  await npm(["pack", "--pack-destination", place], checkout);
  const tarball = readdirSync(place).find((name) => name.endsWith(".tgz"));
  if (!tarball) throw new Error("npm pack made no tarball");

  const folder = join(place, "project");
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "project", private: true }));
  const node_types: { version: string } = JSON.parse(
    readFileSync(join(root, "node_modules/@types/node/package.json"), "utf8"),
  );
  await npm(["install", join(place, tarball), `@types/node@${node_types.version}`], folder);
  return { folder, tarball: join(place, tarball) };
}

async function npm(args: readonly string[], cwd: string): Promise<void> {
  const flags = ["--prefer-offline", "--no-audit", "--no-fund", "--no-update-notifier"];
  await runOk("npm", [...args, ...flags], { cwd, timeout_ms: 180_000 });
}
