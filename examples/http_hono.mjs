// The HTTP handlers in Hono, on Node. Run it: a browser of this process subscribes, is sent to, and the server ends.
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { createPushRouter } from "pushmux";
import { createPushHandlers } from "pushmux/http";
import { openMemoryStore } from "pushmux/store";
import { startWebPushService } from "pushmux/testing";
import { visit } from "./http_visitor.mjs";

// In your app: your VAPID keys, `openSqliteStore`, your sessions.
const service = await startWebPushService();
const router = await createPushRouter({ web_push: service.config });
const handle = createPushHandlers({
  store: openMemoryStore(),
  router,
  authorize: (request) => request.headers.get("authorization") === "Bearer secret of the site" || null,
});

const app = new Hono();
app.all("/push/*", (c) => handle(c.req.raw));

const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, async ({ port }) => {
  await visit(`http://127.0.0.1:${port}`, service);
  await handle.close();
  await router.close();
  await service.close();
  server.close();
});
