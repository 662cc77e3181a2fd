import { Hono } from "hono";
import { Refused, readJson, readString } from "./requests.mjs";
import { LEAST_PASSWORD, ROLES } from "./sign_in/accounts.mjs";
import { sessionCookie } from "./sign_in/sessions.mjs";

const MOST_PASSWORD = 200;
const MOST_NAME = 50;
const PAGE = 50;

/** @typedef {import("pushmux/store").Segment} Segment */

/**
 * What the admin's pages ask beside `/push`: sign-in, the list of subscribers, and who else may sign in.
 *
 * @param {object} parts
 * @param {import("./sign_in/accounts.mjs").Accounts} parts.accounts
 * @param {import("./sign_in/gate.mjs").Gate} parts.gate
 * @param {import("pushmux/store").SubscriptionStore} parts.store
 * @param {(request: Request) => string} parts.addressOf
 * @param {import("./log.mjs").Log} parts.log
 * @param {string | undefined} parts.public_url
 */
export function adminRoutes({ accounts, gate, store, addressOf, log, public_url }) {
  const routes = new Hono();

  routes.post("/sign-in", async (c) => {
    const request = c.req.raw;
    const body = await readJson(request, public_url);
    const name = readString(body, "name", { most: MOST_NAME });
    const password = readString(body, "password", { most: MOST_PASSWORD });
    const is_right = await gate.isPassword({ name, password, address: addressOf(request) });
    if (!is_right) throw new Refused(401, "wrong name or password");
    setCookie(c, gate.open(request, name));
    return c.json({ success: true, message: "signed in" });
  });

  routes.post("/sign-out", async (c) => {
    await readJson(c.req.raw, public_url);
    gate.close(c.req.raw);
    setCookie(c, "");
    return c.json({ success: true, message: "signed out" });
  });

  routes.get("/session", (c) => c.json({ success: true, ...gate.signedIn(c.req.raw) }));

  routes.post("/password", async (c) => {
    const request = c.req.raw;
    const { name } = gate.signedIn(request);
    const body = await readJson(request, public_url);
    const next = readString(body, "password", { least: LEAST_PASSWORD, most: MOST_PASSWORD });
    const password = readString(body, "current_password", { most: MOST_PASSWORD });
    const is_right = await gate.isPassword({ name, password, address: addressOf(request) });
    if (!is_right) throw new Refused(400, "current_password: wrong", { field: "current_password" });
    if (!(await accounts.changePassword(name, next))) throw new Refused(401, "sign in first");
    gate.closeAllOf(name);
    setCookie(c, gate.open(request, name));
    log("info", "password changed", { user: name });
    return c.json({ success: true, message: "password changed; all other sessions of yours have ended" });
  });

  // A POST, because names of users do not belong into a URL.
  routes.post("/subscribers", async (c) => {
    gate.signedIn(c.req.raw);
    const { segment, after } = await readJson(c.req.raw, public_url);
    // The store says what is wrong with them.
    const wanted = /** @type {Segment | undefined} */ (segment);
    const page = { segment: wanted, after: /** @type {string | undefined} */ (after), limit: PAGE };
    const [total, subscriptions] = await Promise.all([store.count(wanted), store.page(page)]);
    return c.json({ success: true, total, subscribers: subscriptions.map(withoutToken) });
  });

  routes.get("/users", (c) => {
    gate.adminOnly(c.req.raw);
    return c.json({ success: true, users: accounts.list() });
  });

  routes.post("/users", async (c) => {
    const { name: admin } = gate.adminOnly(c.req.raw);
    const body = await readJson(c.req.raw, public_url);
    const name = readString(body, "name", { most: MOST_NAME });
    const role = ROLES.find((one) => one === body.role);
    if (!role) throw new Refused(400, `role: expected ${ROLES.join(" or ")}`, { field: "role" });
    if (!/^[\w.@+-]+$/.test(name)) {
      throw new Refused(400, "name: expected letters, digits and . _ @ + -", { field: "name" });
    }
    const password = readString(body, "password", { least: LEAST_PASSWORD, most: MOST_PASSWORD });
    const is_new = await accounts.add({ name, role, password });
    if (!is_new) throw new Refused(409, "name: there is one already", { field: "name" });
    log("info", "user added", { user: admin, added: name, role });
    return c.json({ success: true, message: `${name} may sign in now`, users: accounts.list() }, 201);
  });

  routes.post("/users/remove", async (c) => {
    const { name: admin } = gate.adminOnly(c.req.raw);
    const name = readString(await readJson(c.req.raw, public_url), "name", { most: MOST_NAME });
    if (name === admin) throw new Refused(409, "name: nobody can remove themselves", { field: "name" });
    const was_there = await accounts.remove(name);
    if (!was_there) throw new Refused(404, "name: nobody of this name", { field: "name" });
    gate.closeAllOf(name);
    log("info", "user removed", { user: admin, removed: name });
    return c.json({ success: true, message: `${name} was removed`, users: accounts.list() });
  });

  return routes;

  /**
   * @param {import("hono").Context} c
   * @param {string} id
   */
  function setCookie(c, id) {
    const is_secure = new URL(public_url ?? c.req.url).protocol === "https:";
    c.header("set-cookie", sessionCookie(id, is_secure));
  }
}

/** @param {import("pushmux/store").StoredSubscription} subscription */
function withoutToken({ device_token, ...rest }) {
  return { ...rest, service: serviceOf(device_token) };
}

/**
 * Of an endpoint only whose it is; it is a secret.
 *
 * @param {string} device_token
 */
function serviceOf(device_token) {
  try {
    return new URL(JSON.parse(device_token).endpoint).hostname;
  } catch {
    return null;
  }
}
