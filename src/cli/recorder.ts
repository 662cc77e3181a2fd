import type { ProviderOptions, ResultRequest } from "../index.js";

type Transport = NonNullable<ProviderOptions["transport"]>;
type Request = Parameters<Transport["send"]>[0];

/** A wire that leads nowhere: it keeps the last request, and answers as a service that accepts everything. */
export class Recorder implements Transport {
  #last: Request | undefined;

  async send(request: Request): ReturnType<Transport["send"]> {
    this.#last = request;
    return { outcome: "response", response: { status: 200, headers: {}, body: ANSWER, truncated: false } };
  }

  async close(): Promise<void> {}

  /** The last request as a dry run would show it. */
  get request(): ResultRequest | undefined {
    if (!this.#last) return undefined;
    const { method, url, headers, body = "" } = this.#last;
    return {
      method,
      url,
      headers: { ...headers, ...(headers.authorization === undefined ? {} : { authorization: "[masked]" }) },
      body: typeof body === "string" ? body : Buffer.from(body).toString("base64"),
      body_encoding: typeof body === "string" ? "utf8" : "base64",
    };
  }
}

/** An access token for whoever asks for one, and the name of a message. */
const ANSWER = Buffer.from(
  JSON.stringify({ access_token: "placeholder", expires_in: 3600, token_type: "Bearer", name: "a-message" }),
);
