import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, vi } from "vitest";
import { z } from "zod";

/** What the next requests to a path are answered with instead; `"stall"`: never. */
export type Answer = "stall" | { readonly status: number; readonly body: string };

const subscription = z.strictObject({
  endpoint: z.url(),
  expirationTime: z.number().nullable(),
  keys: z.strictObject({
    p256dh: z.string().regex(/^[\w-]{87}$/),
    auth: z.string().regex(/^[\w-]{22}$/),
  }),
});
const device_id = z.uuid();

const BODIES: Readonly<Record<string, z.ZodType>> = {
  subscribe: z.strictObject({
    subscription,
    device_id,
    device_info: z.strictObject({ userAgent: z.string(), platform: z.string(), language: z.string() }),
    user_id: z.string().optional(),
  }),
  unsubscribe: z.strictObject({ subscription }),
  resubscribe: z.strictObject({ old_endpoint: z.url().optional(), subscription, device_id }),
  test: z.strictObject({ subscription }),
  ack: z.strictObject({
    message_id: z.string().min(1),
    device_id,
    status: z.enum(["delivered", "opened", "dismissed", "failed"]),
    received_at: z.iso.datetime(),
  }),
};

/** The server's side of the page and its worker: takes only what they promise to send, and keeps it. */
export class PushApi {
  readonly received: {
    readonly path: string;
    readonly body: Record<string, unknown>;
    readonly headers: IncomingMessage["headers"];
  }[] = [];
  /** What was not as promised. */
  readonly complaints: string[] = [];
  /** By path. */
  readonly answers: Record<string, Answer> = {};

  constructor(public vapid_public_key: string) {}

  /** The bodies that came to a path. */
  bodies(path: string): Record<string, unknown>[] {
    return this.received.filter((request) => request.path === path).map(({ body }) => body);
  }

  /** The paths, in order. */
  get paths(): string[] {
    return this.received.map(({ path }) => path);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.replace(/^\/push\//, "") ?? "";
    const sent = await text(request);
    const say = (status: number, body: object) => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    const complaint = this.#complain(request, path, sent);
    this.received.push({ path, body: sent ? JSON.parse(sent) : {}, headers: request.headers });
    const answer = this.answers[path];
    if (complaint !== undefined) {
      this.complaints.push(`${path}: ${complaint}`);
      say(400, { success: false, message: complaint });
    } else if (answer === "stall") {
      // Until somebody gives up.
    } else if (answer) {
      response.writeHead(answer.status).end(answer.body);
    } else if (path === "vapid-public-key") {
      say(200, {
        publicKey: this.vapid_public_key,
        platform: "web_push",
        timestamp: new Date().toISOString(),
      });
    } else {
      const device_key = path === "subscribe" ? { device_key: "the-key-of-the-device" } : {};
      say(200, { status: "success", success: true, message: "done", platform: "web_push", ...device_key });
    }
  }

  #complain({ method, headers }: IncomingMessage, path: string, sent: string): string | undefined {
    if (path === "vapid-public-key") return method === "GET" ? undefined : "GET it";
    const schema = BODIES[path];
    if (!schema) return "no such path";
    if (method !== "POST") return "POST it";
    if (headers["content-type"] !== "application/json") return "content-type: application/json";
    const checked = schema.safeParse(JSON.parse(sent));
    return checked.success ? undefined : z.prettifyError(checked.error);
  }
}

/** A `PushApi` for each test; whatever a test puts in place of a browser is gone after it. */
export function usePushApi(vapid_public_key: string) {
  let running: Awaited<ReturnType<typeof startPushApi>>;
  beforeEach(async () => {
    running = await startPushApi(vapid_public_key);
  });
  afterEach(async () => {
    vi.unstubAllGlobals();
    await running.close();
  });
  return {
    get api(): PushApi {
      return running.api;
    },
    get api_base(): string {
      return running.api_base;
    },
  };
}

/** A `PushApi` on a port of its own. */
async function startPushApi(vapid_public_key: string) {
  const api = new PushApi(vapid_public_key);
  const server = createServer((request, response) => void api.handle(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    api,
    api_base: `http://127.0.0.1:${port}/push`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
