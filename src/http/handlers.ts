import { randomUUID } from "node:crypto";
import { errorPlace } from "../error_place.js";
import { asRefusal, type Reply, refusalReply, refuse, toResponse } from "./answers.js";
import { readJson } from "./body.js";
import { takeFrom } from "./call.js";
import { checkOptions, type PushHandlersOptions, type Settings } from "./options.js";
import { answerOptions, judgeOrigin } from "./origin.js";
import { RateLimit } from "./rate_limit.js";
import { findRoutes, type Route } from "./routes.js";
import { Broadcasts } from "./running_broadcasts.js";
import { TOKEN_FIELDS } from "./target.js";

/** Answers requests; it never rejects. Mount it for every method and every path below `base_path`. */
export interface PushHandlers {
  (request: Request): Promise<Response>;
  /** Stops the broadcasts that run here (they can be gone on with); what is asked from now on is 503. Before router and store. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * The server's side of `pushmux/browser`, and what an admin's page needs, from `Request` to `Response`: for any framework
 * that hands these on. For those that do not there is {@link toNodeHandler}.
 *
 * `app.all("/push/*", (c) => handle(c.req.raw))`
 *
 * @throws PushError `OPTIONS_INVALID`
 */
export function createPushHandlers(options: PushHandlersOptions): PushHandlers {
  const desk = new Desk(checkOptions(options));
  const close = () => desk.close();
  return Object.assign((request: Request) => desk.answer(request), {
    close,
    [Symbol.asyncDispose]: close,
  });
}

/** A request, and what was found out about it. */
interface Inquiry {
  readonly request_id: string;
  readonly request: Request;
  route?: Route;
  user?: string;
}

const EVERY_ANSWER = { "x-content-type-options": "nosniff", "cache-control": "no-store" };

class Desk {
  readonly #broadcasts = new Broadcasts();
  readonly #per_device: RateLimit | undefined;
  readonly #per_address: RateLimit | undefined;
  #is_closed = false;

  constructor(private readonly settings: Settings) {
    const { rate_limits: limits, now } = settings;
    this.#per_device = limits ? new RateLimit(limits.per_device, now) : undefined;
    this.#per_address = limits ? new RateLimit(limits.per_address, now) : undefined;
  }

  async answer(request: Request): Promise<Response> {
    const started_ms = performance.now();
    const inquiry: Inquiry = { request_id: randomUUID(), request };
    const verdict = judgeOrigin(request, this.settings.allowed_origins);
    const reply = await this.#serve(inquiry, verdict).catch((error) => this.#failed(inquiry, error));
    const response = reply instanceof Response ? reply : toResponse(reply, this.settings.now());
    const { status } = response;
    const headers = new Headers({ ...EVERY_ANSWER, ...verdict.headers });
    for (const [name, value] of response.headers) {
      if (name === "vary") headers.append(name, value);
      else headers.set(name, value);
    }
    this.#log(inquiry, { status, duration_ms: Math.round(performance.now() - started_ms) });
    return new Response(request.method === "HEAD" ? null : response.body, { status, headers });
  }

  async close(): Promise<void> {
    this.#is_closed = true;
    await this.#broadcasts.close();
  }

  async #serve(inquiry: Inquiry, verdict: ReturnType<typeof judgeOrigin>): Promise<Reply | Response> {
    const { settings } = this;
    const { request } = inquiry;
    const { pathname, searchParams: query } = new URL(request.url);
    const { base_path } = settings;
    if (!pathname.startsWith(`${base_path}/`)) refuse(404, "no such path");
    const { routes, param } = findRoutes(pathname.slice(base_path.length + 1));
    if (routes.length === 0) refuse(404, "no such path");
    if (!verdict.allowed) refuse(403, "pages of this origin may not ask here");
    const methods = routes.flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : [method]));
    const allow = [...methods, "OPTIONS"];
    if (request.method === "OPTIONS") return answerOptions(request, allow, verdict);
    const method = request.method === "HEAD" ? "GET" : request.method;
    const route = routes.find((one) => one.method === method);
    if (!route) refuse(405, `expected ${methods.join(" or ")}`, { headers: { allow: allow.join(", ") } });
    if (this.#is_closed) refuse(503, "shutting down", { headers: { "retry-after": "10" } });
    inquiry.route = route;
    const misplaced = TOKEN_FIELDS.find((name) => query.has(name));
    if (misplaced) refuse(400, "a URL ends in logs; send this in a JSON body", { field: misplaced });

    await this.#admit(inquiry, route);
    const { limit } = route;
    const address = limit && settings.client_address?.(request);
    if (limit && address && this.#per_address) takeFrom(this.#per_address, limit, address);
    const max_bytes = settings[route.size ?? "max_body_bytes"];
    return route.handle({
      ...{ request, param, query, settings },
      body: method === "POST" ? await readJson(request, max_bytes) : {},
      store: settings.store,
      router: await settings.openRouter(),
      broadcasts: this.#broadcasts,
      limitDevice: (name) => {
        if (limit && this.#per_device) takeFrom(this.#per_device, limit, name);
      },
      failed: (error) => this.#failed(inquiry, error),
    });
  }

  /** Before the body is read: of a stranger nothing is. */
  async #admit(inquiry: Inquiry, { who }: Route): Promise<void> {
    if (who === "anyone" || who === "device") return;
    const { authorize } = this.settings;
    if (!authorize) refuse(403, "nobody may do this here: these handlers have no authorize");
    const said = await authorize(inquiry.request, who);
    if (said === true) return;
    const user = typeof said === "object" && said !== null && "user" in said ? said.user : said;
    if (user === null || user === undefined) {
      refuse(401, "sign in first", { headers: { "www-authenticate": "Bearer" } });
    }
    if (user === said) refuse(403, "not allowed");
    inquiry.user = String(user);
  }

  #failed({ request_id }: Inquiry, error: unknown): Reply {
    const refusal = asRefusal(error);
    if (refusal) return refusalReply(refusal);
    this.#tell("error", { request_id, ...errorPlace(error) }, "internal error");
    const fields = { field: null, error_code: "INTERNAL_ERROR", request_id };
    return { code: 500, success: false, message: "internal error", fields };
  }

  /** Who did what, for the record; the rest is for whoever looks for a fault. */
  #log({ request_id, request, route, user }: Inquiry, more: { status: number; duration_ms: number }): void {
    const is_record = user !== undefined && request.method === "POST";
    const fields = { request_id, method: request.method, path: route?.path, user, ...more };
    this.#tell(is_record ? "info" : "debug", fields, "push request");
  }

  #tell(level: "debug" | "info" | "error", fields: object, message: string): void {
    try {
      this.settings.logger?.[level]?.(fields, message);
    } catch {}
  }
}
