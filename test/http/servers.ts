/** The frameworks, each with the handlers mounted as their examples do it, on a port of loopback. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import { type PushHandlers, toNodeHandler } from "../../src/http/index.js";

export type Mount = (handle: PushHandlers) => Server | Promise<Server>;

export const SERVERS: Readonly<Record<string, Mount>> = {
  "node:http": (handle) => createServer(toNodeHandler(handle)),

  Hono: (handle) => {
    const app = new Hono();
    app.all("/push/*", (c) => handle(c.req.raw));
    return createServer(getRequestListener(app.fetch));
  },

  Express: (handle) => {
    const app = express();
    app.use("/push", toNodeHandler(handle));
    return createServer(app);
  },

  "Express, with a parser before it": (handle) => {
    const app = express();
    app.use(express.json({ limit: "2mb" }));
    app.all("/push/*path", toNodeHandler(handle));
    return createServer(app);
  },

  Fastify: async (handle) => {
    const app = fastify();
    const answer = toNodeHandler(handle);
    app.addHook("onRequest", async (request, reply) => {
      if (!request.url.startsWith("/push/")) return;
      reply.hijack();
      await answer(request.raw, reply.raw);
    });
    await app.ready();
    return app.server;
  },
};

export async function listen(server: Server): Promise<{ origin: string; close(): Promise<void> }> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { origin: `http://127.0.0.1:${port}`, close };
}
