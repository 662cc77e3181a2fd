import { PushClientError } from "./errors.js";

/** What is sent along with each request to your server: cookies or not, further headers. */
export interface PushFetchOptions {
  /** Default `"same-origin"`. `"include"` sends cookies to another origin, too. */
  credentials?: "omit" | "same-origin" | "include";
  /** For example a CSRF token. `content-type` is ours. */
  headers?: Readonly<Record<string, string>>;
}

/** Where your server's handlers are, and how they are asked. */
export interface Server {
  /** A path or URL without a slash at its end. */
  readonly api_base: string;
  readonly fetch_options: PushFetchOptions;
  readonly timeout_seconds: number;
}

/** GET, or POST when there is a body. Rejects with `SERVER_FAILED` or `TIMEOUT`. */
export async function ask(server: Server, path: string, body?: object): Promise<Record<string, unknown>> {
  const { api_base, fetch_options, timeout_seconds } = server;
  const url = `${api_base.replace(/\/$/, "")}/${path}`;
  const { response, answer } = await fetchJson(url, {
    ...fetch_options,
    headers: { ...fetch_options.headers, ...(body && { "content-type": "application/json" }) },
    signal: AbortSignal.timeout(timeout_seconds * 1000),
    ...(body ? { method: "POST", body: JSON.stringify(body) } : { cache: "no-store" }),
  }).catch((cause: unknown) => {
    const timed_out = cause instanceof Error && cause.name === "TimeoutError";
    throw timed_out
      ? new PushClientError("TIMEOUT", `the server took longer than ${timeout_seconds} seconds`, { cause })
      : new PushClientError("SERVER_FAILED", "the server could not be reached", { cause });
  });
  if (response.ok && answer.success !== false && answer.status !== "failed") return answer;
  const said = typeof answer.message === "string" ? `: ${answer.message}` : "";
  const message = `the server answered ${response.status} to ${path}${said}`;
  throw new PushClientError("SERVER_FAILED", message, { status: response.status });
}

/** The key to subscribe with, as the server has it now. */
export async function publicKeyOf(server: Server): Promise<string> {
  const { publicKey } = await ask(server, "vapid-public-key");
  if (typeof publicKey === "string") return publicKey;
  throw new PushClientError("KEY_INVALID", "the server's answer has no publicKey");
}

/** An answer that is no JSON object, say a proxy's error page, is taken for an empty one. */
async function fetchJson(url: string, init: RequestInit) {
  const response = await fetch(url, init);
  const text = await response.text();
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {}
  const is_object = typeof answer === "object" && answer !== null;
  return { response, answer: is_object ? (answer as Record<string, unknown>) : {} };
}
