import https from "node:https";

export interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

export interface Sent {
  url: string;
  ca: string;
  method?: string;
  headers?: Record<string, string | string[]>;
  body?: Uint8Array;
  agent?: https.Agent;
  /** Default 10 s. */
  timeout_ms?: number;
}

/** One request by node:https, which knows nothing of this package. Rejects when no whole answer comes. */
export function request({
  url,
  ca,
  method = "POST",
  headers = {},
  body,
  agent,
  timeout_ms = 10_000,
}: Sent): Promise<Reply> {
  const [, hostname, port, path = "/"] = /^https:\/\/([^:/]+):(\d+)(.*)$/.exec(url) ?? [];
  return new Promise((resolve, reject) => {
    // The path is taken from the text: `new URL` would be allowed to rewrite its percent-encoding.
    const outgoing = https.request(
      { hostname, port, path, method, headers, ca, agent: agent ?? false },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("end", () => {
          if (!incoming.complete) return reject(new Error("the answer is not whole"));
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text: Buffer.concat(chunks).toString(),
          });
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.setTimeout(timeout_ms, () => outgoing.destroy(new Error("timed out")));
    outgoing.end(body);
  });
}
