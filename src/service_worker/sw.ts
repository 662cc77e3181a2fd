/**
 * The ready worker, a script without imports. What it can be told stands in its own URL:
 * `sw.js?api_base=/api/push&title=News&icon=/icon.png&badge=/badge.png&vibrate=200,100,200`.
 */
import { attachPushHandlers } from "./handlers.js";

const worker = self as unknown as ServiceWorkerGlobalScope;
const query = new URL(worker.location.href).searchParams;
const given = (name: string) => query.get(name) ?? undefined;

attachPushHandlers(worker, {
  defaults: {
    title: given("title"),
    body: given("body"),
    icon: given("icon"),
    badge: given("badge"),
    tag: given("tag"),
    url: given("url"),
    vibrate: given("vibrate")?.split(",").map(Number),
  },
  api_base: given("api_base"),
  vapid_public_key: given("vapid_public_key"),
  acknowledge: given("acknowledge") !== "false",
});

// It keeps no pages, so a new version can take over at once.
worker.addEventListener("install", (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
