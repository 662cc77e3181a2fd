// The HTTP handlers in Express. Run it: a browser of this process subscribes, is sent to, and the server ends.
import express from "express";
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

const app = express();
app.use("/push", toNodeHandler(handle));

const server = app.listen(0, "127.0.0.1", async () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  await visit(`http://127.0.0.1:${port}`, service);
  await handle.close();
  await router.close();
  await service.close();
  server.close();
});
