import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { serverCertificate } from "../../src/testing/certificates.js";

export interface NtfyRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly message: Readonly<Record<string, unknown>>;
}

/** `code`, status, words: https://github.com/binwiederhier/ntfy/blob/main/server/errors.go */
const ERRORS = {
  invalid_json: [40024, 400, "invalid request: request body must be valid JSON"],
  invalid_topic: [40009, 400, "invalid request: topic invalid"],
  invalid_priority: [40007, 400, "invalid priority parameter"],
  unauthorized: [40101, 401, "unauthorized"],
  forbidden: [40301, 403, "forbidden"],
  not_found: [40401, 404, "page not found"],
  too_large: [41303, 413, "JSON body too large"],
  too_many: [42901, 429, "limit reached: too many requests, please be nice"],
  internal: [50001, 500, "internal server error"],
} as const;

/**
 * What of an ntfy server its provider meets (https://docs.ntfy.sh/publish/#publish-as-json), over TLS on 127.0.0.1.
 * `private` needs the token `tk_right`. `busy` is busy at first, `full` and `broken` always; `gateway` is not
 * answered by ntfy but by a proxy before it.
 */
export async function startNtfyServer() {
  const { ca, cert, key } = await serverCertificate();
  const received: NtfyRequest[] = [];
  const busy = new Set(["busy"]);

  function judge(method: string, path: string, { headers, message }: NtfyRequest) {
    const { topic, priority = 3, message: body = "" } = message;
    if (method !== "POST" || path !== "/") return ERRORS.not_found;
    if (Object.keys(message).length === 0) return ERRORS.invalid_json;
    if (typeof topic !== "string" || !/^[-_A-Za-z0-9]{1,64}$/.test(topic)) return ERRORS.invalid_topic;
    if (!Number.isInteger(priority) || Number(priority) < 1 || Number(priority) > 5)
      return ERRORS.invalid_priority;
    if (headers.authorization && headers.authorization !== "Bearer tk_right") return ERRORS.unauthorized;
    if (topic === "private" && !headers.authorization) return ERRORS.forbidden;
    if (Buffer.byteLength(String(body)) > 4096 || topic === "small") return ERRORS.too_large;
    if (topic === "full" || busy.delete(topic)) return ERRORS.too_many;
    return topic === "broken" ? ERRORS.internal : undefined;
  }

  const server = createServer({ cert, key }, async (request, response) => {
    const entry = { headers: request.headers, message: parse(await text(request)) };
    received.push(entry);
    if (entry.message.topic === "gateway") {
      response.writeHead(502, { "content-type": "text/html" }).end("<h1>Bad Gateway</h1>");
      return;
    }
    const error = judge(request.method ?? "", request.url ?? "", entry);
    const [code, status, words] = error ?? [0, 200, ""];
    const retry_after = entry.message.topic === "full" ? "3600" : "1";
    response.writeHead(status, {
      "content-type": "application/json",
      ...(status === 429 ? { "retry-after": retry_after } : {}),
    });
    const time = Math.floor(Date.now() / 1000);
    const accepted = { id: "hwQ2YpKdmg0k", time, expires: time + 43_200, event: "message", ...entry.message };
    response.end(JSON.stringify(error ? { code, http: status, error: words } : accepted));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `https://localhost:${(server.address() as AddressInfo).port}`,
    ca,
    received,
    close() {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function parse(body: string): NtfyRequest["message"] {
  try {
    return { ...JSON.parse(body) };
  } catch {
    return {};
  }
}
