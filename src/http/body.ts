import { refuse } from "./answers.js";

/** A body may take so long to arrive. */
const TIMEOUT_MS = 30_000;
const MAX_DEPTH = 32;

/** Reads a JSON object. Everything that is wrong with it is the client's fault, and says what. */
export async function readJson(request: Request, max_bytes: number): Promise<Record<string, unknown>> {
  checkHeaders(request.headers, max_bytes);
  const bytes = await readBytes(request, max_bytes);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    refuse(400, "the body is no JSON in UTF-8");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    refuse(400, "the body is no JSON object");
  }
  checkValue(value);
  return value as Record<string, unknown>;
}

/**
 * What is nested without end would end the stack of whoever writes it down, and half a surrogate pair, which JSON can
 * escape, is no text for a database: some end the process on it.
 *
 * @throws Refusal 400
 */
export function checkValue(value: unknown, levels = MAX_DEPTH): void {
  if (typeof value === "string" && !value.isWellFormed())
    refuse(400, "the body has a text that is no Unicode");
  if (typeof value !== "object" || value === null) return;
  if (levels === 0) refuse(400, `the body is nested deeper than ${MAX_DEPTH} levels`);
  const inside = Array.isArray(value) ? value : Object.entries(value).flat();
  for (const inner of inside) checkValue(inner, levels - 1);
}

/** Other types are what a form of another site could post without being asked by a preflight. */
function checkHeaders(headers: Headers, max_bytes: number): void {
  const type = headers.get("content-type") ?? "";
  if (!/^application\/json\s*(;\s*charset\s*=\s*("utf-8"|utf-8)\s*)?$/i.test(type)) {
    refuse(415, "expected content-type: application/json", {
      headers: { "accept-post": "application/json" },
    });
  }
  if ((headers.get("content-encoding") ?? "identity").toLowerCase() !== "identity") {
    refuse(415, "expected a body without content-encoding", { headers: { "accept-encoding": "identity" } });
  }
  if (Number(headers.get("content-length") ?? 0) > max_bytes) tooLarge(max_bytes);
}

async function readBytes({ body }: Request, max_bytes: number): Promise<Uint8Array> {
  const reader = body?.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), TIMEOUT_MS);
  });
  try {
    while (reader) {
      const part = await Promise.race([reader.read().catch(() => undefined), late]);
      if (part === undefined) refuse(400, "the body ended early");
      if (part === "late") {
        void reader.cancel().catch(() => {});
        refuse(408, "the body took too long");
      }
      if (part.done) break;
      size += part.value.byteLength;
      // Not cancelled: that would close the connection before the answer is out.
      if (size > max_bytes) tooLarge(max_bytes);
      chunks.push(part.value);
    }
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks);
}

function tooLarge(max_bytes: number): never {
  refuse(413, `the body is larger than ${max_bytes} bytes`);
}
