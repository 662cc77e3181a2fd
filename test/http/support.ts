import { afterAll, onTestFinished } from "vitest";
import { createPushHandlers, type PushHandlers, type PushHandlersOptions } from "../../src/http/index.js";
import { createPushRouter, getPushProvider, type PushRouter } from "../../src/index.js";
import { openMemoryStore, type SubscriptionStore } from "../../src/store/index.js";
import { startWebPushService, type WebPushDevice, type WebPushService } from "../../src/testing/index.js";

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface World {
  readonly service: WebPushService;
  readonly router: PushRouter;
  readonly store: SubscriptionStore;
  readonly handle: PushHandlers;
  /** The time of handlers and store. */
  readonly clock: { now_ms: number };
  readonly logged: { readonly level: string; readonly fields: Readonly<Record<string, unknown>> }[];
  /** A subscriber: stored, with its key. */
  subscriber(more?: object): Promise<{ device: WebPushDevice; id: string; device_id: string; key: string }>;
  /** `GET platforms`, `POST subscribe`; with headers of its own. */
  ask(what: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

export const ORIGIN = "https://push.example.org";
export const ADMIN = { "x-user": "ada" };
/** Known, but may only look. */
export const VIEWER = { "x-user": "victor" };
export const PAYLOAD = { title: "Doors open", body: "Come in" };

const LOOKING = ["broadcasts", "push_logs", "statistics", "segment_size"];

let opening: ReturnType<typeof openService> | undefined;
async function openService() {
  const service = await startWebPushService();
  const provider = await getPushProvider("web_push", { ...service.config, retry: { max_attempts: 1 } });
  return { service, provider };
}
afterAll(async () => {
  const opened = await opening;
  await opened?.provider.close();
  await opened?.service.close();
});

/** Handlers over a push service on real sockets (one for each file), a simulated one, and a store in memory. */
export async function openWorld(options: Partial<PushHandlersOptions> = {}): Promise<World> {
  const clock = { now_ms: Date.parse("2030-01-01T12:00:00Z") };
  const logged: World["logged"] = [];
  const log = (level: string) => (fields: object) => void logged.push({ level, fields: { ...fields } });
  opening ??= openService();
  const { service, provider } = await opening;
  const router = await createPushRouter({
    web_push: provider,
    simulation: { success_rate: 1, delivery_delay_ms: 0 },
  });
  const store = openMemoryStore({ now: () => clock.now_ms });
  const handle = createPushHandlers({
    ...{ store, router, now: () => clock.now_ms },
    logger: { debug: log("debug"), info: log("info"), error: log("error") },
    authorize: (request, action) => {
      const user = request.headers.get("x-user");
      return user === VIEWER["x-user"] ? LOOKING.includes(action) : { user };
    },
    ...options,
  } as PushHandlersOptions);
  onTestFinished(async () => {
    await handle.close();
    await router.close({ timeout_seconds: 0 });
    await store.close();
  });
  const ask: World["ask"] = async (what, body, headers = {}) =>
    readAnswer(await handle(toRequest(what, body, headers)));
  return {
    ...{ service, router, store, handle, clock, logged, ask },
    subscriber: async (more = {}) => {
      const device = service.createDevice();
      const { status, body } = await ask("POST subscribe", { subscription: device.subscription, ...more });
      if (status !== 201) throw new Error(String(body.message));
      const { id, device_id, device_key } = body;
      return { device, id: String(id), device_id: String(device_id), key: String(device_key) };
    },
  };
}

export function toRequest(what: string, body?: unknown, headers: Record<string, string> = {}): Request {
  const [method = "", path = ""] = what.split(" ");
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return new Request(`${ORIGIN}/push/${path}`, {
    method,
    headers: { ...(text === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...(text === undefined ? {} : { body: text }),
  });
}

export async function readAnswer(response: Response): Promise<Answer> {
  const { status, headers } = response;
  const text = await response.text();
  return { status, headers, body: text === "" ? {} : JSON.parse(text) };
}

/** The events of a stream, as a page reads them. */
export async function* readEvents(
  response: Response,
): AsyncGenerator<{ event: string; data: Record<string, unknown> }> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const lines = text.slice(0, end).split("\n");
      text = text.slice(end + 2);
      const read = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const data = read("data");
      if (data !== undefined) yield { event: read("event") ?? "message", data: JSON.parse(data) };
    }
  }
}
