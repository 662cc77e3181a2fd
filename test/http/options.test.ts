import { describe, expect, it } from "vitest";
import { createPushHandlers, type PushHandlersOptions } from "../../src/http/index.js";
import { createPushRouter, getPushProvider } from "../../src/index.js";
import { openMemoryStore } from "../../src/store/index.js";
import { openWorld } from "./support.js";

const store = openMemoryStore();

describe("the options", () => {
  it.each([
    ["no store", { store: undefined }, "store: expected an object"],
    ["neither router nor providers", { router: undefined }, "expected either router or providers"],
    ["both", { providers: [] }, "providers: expected open providers"],
    ["a router that is none", { router: {} }, "router: expected an object with stream,provider"],
    ["a path without a slash", { base_path: "push" }, "base_path: expected a path"],
    ["a path with a query", { base_path: "/push?x" }, "base_path: expected a path"],
    [
      "an origin with a path",
      { allowed_origins: ["https://a.example/"] },
      "allowed_origins.0: expected an origin",
    ],
    ["any origin", { allowed_origins: ["*"] }, "allowed_origins.0: expected an origin"],
    ["no origin at all", { allowed_origins: ["null"] }, "allowed_origins.0: expected an origin"],
    ["a hook that is none", { authorize: true }, "authorize: expected a function"],
    ["a limit of zero", { rate_limits: { per_device: { test: 0 } } }, "rate_limits"],
    [
      "a limit for what is not limited",
      { rate_limits: { per_device: { send: 5 } } },
      "rate_limits.per_device.send: unknown option",
    ],
    ["a size of zero", { max_body_bytes: 0 }, "max_body_bytes"],
    ["an option that is none", { authorise: () => true }, "authorise: unknown option"],
  ])("with %s are OPTIONS_INVALID", async (_title, more, words) => {
    const router = await createPushRouter({ simulation: {} });
    const options = { store, router, ...more } as unknown as PushHandlersOptions;
    expect(() => createPushHandlers(options)).toThrow(expect.objectContaining({ code: "OPTIONS_INVALID" }));
    expect(() => createPushHandlers(options)).toThrow(words);
    await router.close();
  });

  it("all problems are told at once", () => {
    const options = { store, base_path: "x", identify: 1 } as unknown as PushHandlersOptions;
    expect(() => createPushHandlers(options)).toThrow(/base_path.*identify/);
  });

  it.each(["a list", "by platform"])(
    "providers may be given as %s, stay open, and none twice",
    async (how) => {
      const provider = await getPushProvider("simulation", { success_rate: 1, delivery_delay_ms: 0 });
      const providers = how === "a list" ? [provider] : { simulation: provider };
      const { ask, handle } = await openWorld({ router: undefined, providers });
      const token = { platform: "simulation", device_token: "a" };
      await ask("POST subscribe", token);
      expect((await ask("POST test", token)).body.success).toBe(true);
      await handle.close();
      expect((await provider.sendNotification("a", { title: "still open" })).success).toBe(true);
      const twice = { store, providers: [provider, provider] };
      expect(() => createPushHandlers(twice)).toThrow("providers: expected open providers");
      await provider.close();
    },
  );

  it("undefined is the same as nothing", async () => {
    const { ask } = await openWorld({
      base_path: undefined,
      allowed_origins: undefined,
      rate_limits: undefined,
    });
    expect((await ask("GET platforms")).status).toBe(200);
  });
});
