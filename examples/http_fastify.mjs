// The HTTP handlers in Fastify. Run it: a browser of this process subscribes, is sent to, and the server ends.
import fastify from "fastify";
import { createPushRouter } from "pushmux";
import { createPushHandlers, toNodeHandler } from "pushmux/http";
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
const answer = toNodeHandler(handle);

const app = fastify();
// Before Fastify reads the body: the handlers have their own limits.
app.addHook("onRequest", async (request, reply) => {
  if (!request.url.startsWith("/push/")) return;
  reply.hijack();
  await answer(request.raw, reply.raw);
});

const origin = await app.listen({ host: "127.0.0.1", port: 0 });
await visit(origin, service);
await handle.close();
await router.close();
await service.close();
await app.close();
