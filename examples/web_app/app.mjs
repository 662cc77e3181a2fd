import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Hono } from "hono";
import { createPushRouter } from "pushmux";
import { createPushHandlers } from "pushmux/http";
import { openSqliteStore } from "pushmux/store";
import { adminRoutes } from "./admin.mjs";
import { openPages, SECURITY_HEADERS } from "./pages.mjs";
import { preferenceRoutes } from "./preferences.mjs";
import { Refused } from "./requests.mjs";
import { Accounts } from "./sign_in/accounts.mjs";
import { Gate } from "./sign_in/gate.mjs";
import { openVapidKeys } from "./vapid_keys.mjs";

/**
 * @typedef {object} AppOptions
 * @property {string} data_folder For keys, accounts and the database; made if it is not there.
 * @property {string} [admin_password] Of `admin`, on the first start. Default: a new one.
 * @property {string} [public_url] Where users find the site, if a proxy stands before it: `https://push.example.org`.
 * @property {boolean} [trust_proxy] That proxy says in `x-forwarded-for` from where a request comes.
 * @property {string} [vapid_subject] E-mail address or URL; on the first start.
 * @property {readonly string[]} [topics] The tags that a subscriber may choose.
 * @property {Record<string, object>} [platforms]
 *   Configs of more services; under `web_push` what is to be added to the keys, such as `allowed_hosts` and `ca`.
 * @property {import("./log.mjs").Log} [log] Silent by default.
 * @property {() => number} [now] Milliseconds since the epoch.
 */

/** @typedef {{ incoming: { socket: { remoteAddress?: string | undefined } } }} Connection */

const DEFAULT_TOPICS = ["news", "offers", "events"];
const PRUNE_EVERY_MS = 86_400_000;
/** What a viewer may do; an admin may do all. */
const LOOKING = ["broadcasts", "preview", "push_logs", "segment_size", "statistics"];

/**
 * The whole site, from `Request` to `Response`.
 *
 * @param {AppOptions} options
 */
export async function createApp({ data_folder, public_url, now = Date.now, ...options }) {
  const { topics = DEFAULT_TOPICS, platforms = {}, log = () => {} } = options;
  await mkdir(data_folder, { recursive: true, mode: 0o700 });
  const keys = await openVapidKeys(data_folder, options.vapid_subject ?? "mailto:admin@example.org");
  const { accounts, first_password } = await Accounts.open(data_folder, options.admin_password);
  const showPage = await openPages();
  const store = await openSqliteStore({ path: join(data_folder, "push.db"), now });
  const configs = { ...platforms, web_push: { ...platforms.web_push, ...keys } };
  const router = await createPushRouter(configs).catch(async (error) => {
    await store.close();
    throw error;
  });

  /** @type {WeakMap<Request, string>} */
  const addresses = new WeakMap();
  const addressOf = (/** @type {Request} */ request) => addresses.get(request) ?? "unknown";
  const gate = new Gate({ accounts, log, now });
  const handlers = createPushHandlers({
    ...{ store, router, now, client_address: addressOf },
    authorize: (request, action) => {
      const account = gate.find(request);
      if (!account) return null;
      return account.role === "admin" || LOOKING.includes(action) ? { user: account.name } : false;
    },
    allowed_origins: public_url ? [new URL(public_url).origin] : [],
    test_notification: {
      title: "It works",
      body: "Notifications reach this browser.",
      icon: "/icon-192x192.png",
      url: "/",
      tag: "test",
    },
    logger: {
      info: (fields, message) => log("info", message, fields),
      error: (fields, message) => log("error", message, fields),
    },
  });

  /** @type {Hono<{ Bindings: Connection }>} */
  const site = new Hono();
  site.use(async (c, next) => {
    const forwarded = options.trust_proxy ? c.req.header("x-forwarded-for")?.split(",").at(-1)?.trim() : "";
    addresses.set(c.req.raw, forwarded || (c.env.incoming.socket.remoteAddress ?? "unknown"));
    await next();
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) c.res.headers.set(name, value);
    if (public_url?.startsWith("https:")) c.res.headers.set("strict-transport-security", "max-age=31536000");
  });
  site.all("/push/*", (c) => handlers(c.req.raw));
  site.use("/admin/api/*", noStore);
  site.route("/admin/api", adminRoutes({ accounts, gate, store, addressOf, log, public_url }));
  site.use("/preferences", noStore);
  site.route("/preferences", preferenceRoutes({ store, topics, public_url }));
  site.get("/admin", async (c, next) => {
    if (gate.find(c.req.raw)) return noStore(c, next);
    if (c.req.header("accept")?.includes("text/html")) return c.redirect("/admin/sign-in", 303);
    return c.json({ success: false, message: "sign in first" }, 401);
  });
  site.on(["GET", "HEAD"], "*", (c) => showPage(c.req.raw, c.req.path) ?? c.notFound());
  site.notFound((c) => c.json({ success: false, message: "no such page" }, 404));
  site.onError((error, c) => {
    const { code, message, details } = asRefused(error);
    // Its kind and its place: its words may quote a token.
    if (code === 500) {
      log("error", "internal error", { error: error.name, at: /^ +(at .*)/m.exec(error.stack ?? "")?.[1] });
    }
    const headers = details.retry_after ? { "retry-after": String(details.retry_after) } : {};
    return c.json({ success: false, message, field: details.field ?? null }, code, headers);
  });

  const prune = () => store.prune().catch((error) => log("error", "pruning failed", { error: error.name }));
  await prune();
  const pruning = setInterval(prune, PRUNE_EVERY_MS);
  pruning.unref();

  return {
    /** For `serve` of `@hono/node-server`. */
    fetch: site.fetch,
    /** Of `admin`, when it was made just now; it is told nowhere else. */
    first_password,
    vapid_public_key: keys.vapid_public_key,
    store,
    /** Broadcasts stop (and can be gone on with); answers that tell of them end. */
    stop: () => handlers.close(),
    /** All of it; idempotent. */
    async close() {
      clearInterval(pruning);
      await handlers.close();
      await router.close({ timeout_seconds: 5 });
      await store.close();
    },
  };
}

/** @type {import("hono").MiddlewareHandler} */
async function noStore(c, next) {
  await next();
  c.res.headers.set("cache-control", "no-store");
}

/**
 * @param {Error & { code?: unknown }} error
 * @returns {{ code: Refused["code"] | 500, message: string, details: Refused["details"] }}
 */
function asRefused(error) {
  if (error instanceof Refused) return error;
  // What the store does not take: it names the field and quotes no value.
  if (error.code === "OPTIONS_INVALID") {
    const field = /^([\w.]+): /.exec(error.message)?.[1];
    return { code: 400, message: error.message, details: field ? { field } : {} };
  }
  return { code: 500, message: "internal error", details: {} };
}
