import { timingSafeEqual } from "node:crypto";
import { Hono } from "hono";
import { Refused, readJson, readString } from "./requests.mjs";

/**
 * What a subscriber wants to hear about, and under which name: asked and changed by whoever has the whole subscription, as
 * only its browser does. The name is a word, no proof: nothing private is sent by it.
 *
 * @param {object} parts
 * @param {import("pushmux/store").SubscriptionStore} parts.store
 * @param {readonly string[]} parts.topics
 * @param {string | undefined} parts.public_url
 */
export function preferenceRoutes({ store, topics, public_url }) {
  const routes = new Hono();

  routes.get("/", (c) => c.json({ success: true, topics }));

  routes.post("/", async (c) => {
    const body = await readJson(c.req.raw, public_url);
    const stored = await findOwn(body.subscription);
    if (!("tags" in body)) return c.json({ success: true, tags: stored.tags, user_id: stored.user_id });
    const user_id = readString(body, "user_id", { least: 0, most: 50 }).trim() || null;
    const chosen = Array.isArray(body.tags) ? body.tags : [];
    if (!chosen.every((tag) => topics.includes(tag))) {
      throw new Refused(400, `tags: expected some of ${topics.join(", ")}`, { field: "tags" });
    }
    // Those that somebody else has given stay.
    const tags = [...stored.tags.filter((tag) => !topics.includes(tag)), ...chosen];
    const { platform, device_token } = stored;
    await store.upsert([{ platform, device_token, tags, user_id }]);
    return c.json({ success: true, message: "saved", tags, user_id });
  });

  return routes;

  /** @param {unknown} subscription */
  async function findOwn(subscription) {
    const known =
      authOf(subscription) && (await store.get({ platform: "web_push", device_token: subscription }));
    if (!known) throw new Refused(404, "subscription: not known here", { field: "subscription" });
    if (isSame(authOf(JSON.parse(known.device_token)), authOf(subscription))) return known;
    throw new Refused(403, "subscription: not its secret", { field: "subscription" });
  }
}

/**
 * @param {unknown} subscription
 * @returns {string}
 */
function authOf(subscription) {
  const { keys } = /** @type {{ keys?: { auth?: unknown } }} */ (subscription ?? {});
  return typeof keys?.auth === "string" ? keys.auth : "";
}

/**
 * @param {string} one
 * @param {string} other
 */
function isSame(one, other) {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
