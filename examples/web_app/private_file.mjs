import { randomUUID } from "node:crypto";
import { link, open, readFile, rename, unlink } from "node:fs/promises";

/**
 * JSON from a file; undefined when there is none.
 *
 * @param {string} path
 * @returns {Promise<unknown>}
 */
export async function readPrivateFile(path) {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Writes JSON to a file that only its owner may read: whole, or not at all.
 *
 * @param {string} path
 * @param {unknown} value
 */
export async function writePrivateFile(path, value) {
  const draft = await writeDraft(path, value);
  await rename(draft, path);
}

/**
 * The same for a file that must not be there yet; false when it is, and it stays as it is.
 *
 * @param {string} path
 * @param {unknown} value
 */
export async function createPrivateFile(path, value) {
  const draft = await writeDraft(path, value);
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    await unlink(draft);
  }
}

/**
 * @param {string} path
 * @param {unknown} value
 */
async function writeDraft(path, value) {
  const draft = `${path}.${randomUUID()}`;
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(`${JSON.stringify(value, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  return draft;
}
