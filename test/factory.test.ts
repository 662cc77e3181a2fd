import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { defineProvider } from "../src/definition.js";
import {
  closeAllProviders,
  getFallbackProvider,
  getPlatformStatus,
  getPushProvider,
  PushError,
  registerProvider,
} from "../src/index.js";
import { FakeClock, plainCodec, ScriptedTransport, settle } from "./engine/support.js";

let serial = 0;
let opened = 0;
let platform = "";

/** A platform with a required secret, an alias, and variables of its own. */
beforeEach(() => {
  opened = 0;
  platform = `shop_${serial++}`;
  registerProvider(
    defineProvider({
      platform,
      aliases: [`${platform}_alias`],
      config: z.object({ secret: z.string().min(8), hook: z.custom<() => void>().optional() }),
      codec: async ({ secret }) => {
        opened++;
        await new Promise((resolve) => setImmediate(resolve));
        if (secret === "unreadable") throw new Error(`cannot read ${secret}`);
        return plainCodec();
      },
      environment: { secret: [`${platform.toUpperCase()}_SECRET`, "OLD_SHOP_SECRET"] },
    }),
  );
});

const touched: string[] = [];
function setVariable(name: string, value: string) {
  touched.push(name);
  process.env[name] = value;
}

afterEach(async () => {
  await closeAllProviders({ timeout_seconds: 0 });
  for (const name of touched.splice(0)) delete process.env[name];
});

const problem = (promise: Promise<unknown>): Promise<PushError> =>
  promise.then(
    () => {
      throw new Error("expected a rejection");
    },
    (error: PushError) => error,
  );

describe("getPushProvider", () => {
  it("1.7 refuses an unknown platform and lists the names", async () => {
    const error = await problem(getPushProvider("web_psuh"));
    expect(error.code).toBe("UNKNOWN_PLATFORM");
    expect(error.message).toContain("did you mean web_push?");
    expect(error.message).toContain("simulation");
  });

  it("F3 takes an alias; everything carries the canonical name", async () => {
    const provider = await getPushProvider(
      `${platform}_alias`,
      { secret: "long enough" },
      { transport: new ScriptedTransport(new FakeClock()) },
    );
    expect(provider.platform).toBe(platform);
    expect((await provider.sendNotification("h/a", { title: "t" })).platform).toBe(platform);
  });

  it("F1 shares one engine between equal configs, and not between different ones", async () => {
    const a = await getPushProvider(platform, { secret: "long enough", retry: { max_attempts: 2 } });
    const b = await getPushProvider(platform, {
      retry: { max_attempts: 2 },
      secret: "long enough",
      ttl_seconds: undefined,
    });
    const c = await getPushProvider(platform, { secret: "another one" });
    expect(opened).toBe(2);
    expect(a).not.toBe(b);
    await a.close();
    await expect(a.sendNotification("x", {})).rejects.toMatchObject({ code: "PROVIDER_CLOSED" });
    expect((await b.sendNotification("x", {})).error_code).toBe("INVALID_TOKEN");
    expect((await c.sendNotification("x", {})).error_code).toBe("INVALID_TOKEN");
  });

  it("F1 compares functions by identity", async () => {
    const hook = () => {};
    await getPushProvider(platform, { secret: "long enough", hook });
    await getPushProvider(platform, { secret: "long enough", hook });
    expect(opened).toBe(1);
    await getPushProvider(platform, { secret: "long enough", hook: () => {} });
    expect(opened).toBe(2);
  });

  it("F1 compares options by identity", async () => {
    const on_event = () => {};
    await getPushProvider(platform, { secret: "long enough" }, { on_event });
    await getPushProvider(platform, { secret: "long enough" }, { on_event });
    await getPushProvider(platform, { secret: "long enough" }, { on_event: () => {} });
    expect(opened).toBe(2);
  });

  it("F2 two callers at once open one engine, and the last lease closes it", async () => {
    const transport = new ScriptedTransport(new FakeClock());
    const leases = await Promise.all(
      Array.from({ length: 5 }, () => getPushProvider(platform, { secret: "long enough" }, { transport })),
    );
    expect(opened).toBe(1);
    expect(getPlatformStatus()[platform]).toMatchObject({ open: 1, leases: 5 });
    for (const lease of leases.slice(1)) await lease.close();
    expect(transport.closed).toBe(0);
    await leases[0]?.close();
    expect(transport.closed).toBe(1);
    expect(getPlatformStatus()[platform]).toMatchObject({ open: 0, leases: 0 });
  });

  it("F2 an engine that is closing is not joined any more", async () => {
    const clock = new FakeClock();
    const transport = new ScriptedTransport(clock);
    transport.hold = true;
    const first = await getPushProvider(platform, { secret: "long enough" }, { clock, transport });
    const sending = first.sendNotification("h/a", { title: "t" });
    await settle();
    const closing = first.close();
    const second = await getPushProvider(platform, { secret: "long enough" }, { clock, transport });
    expect(opened).toBe(2);
    transport.hold = false;
    transport.release();
    await closing;
    expect((await sending).success).toBe(true);
    expect((await second.sendNotification("h/b", { title: "t" })).success).toBe(true);
  });

  it("F2 forgets an engine that could not be opened", async () => {
    await problem(getPushProvider(platform, { secret: "unreadable" }));
    await problem(getPushProvider(platform, { secret: "unreadable" }));
    expect(opened).toBe(2);
    expect(getPlatformStatus()[platform]).toMatchObject({ open: 0 });
  });

  it("force_new is never shared, neither given nor taken", async () => {
    await getPushProvider(platform, { secret: "long enough" }, { force_new: true });
    await getPushProvider(platform, { secret: "long enough" });
    await getPushProvider(platform, { secret: "long enough" }, { force_new: true });
    expect(opened).toBe(3);
  });

  it("F4 failing to open rejects here, with the cause, and no secret in the text", async () => {
    const error = await problem(getPushProvider(platform, { secret: "unreadable" }));
    expect(error.code).toBe("CONFIG_INVALID");
    expect(error.cause).toBeInstanceOf(Error);
    expect(error.message).not.toContain("unreadable");
  });

  it("F4 names every problem of a config at once, with paths and the valid keys", async () => {
    const error = await problem(
      getPushProvider(platform, {
        secret: "short",
        batch_size: 5,
        retry: { max_attempts: 0, tries: 1 },
        timeout_seconds: "30",
        sceret: "x",
      }),
    );
    expect(error.issues?.map((issue) => issue.path).sort()).toEqual(
      ["batch_size", "retry", "retry.max_attempts", "sceret", "secret", "timeout_seconds"].sort(),
    );
    expect(error.message).toContain("it is max_concurrency now");
    expect(error.message).toContain("did you mean secret?");
    expect(error.message).not.toContain("short");
  });

  it("names wrong certificates, a wrong proxy and every wrong key of a config, all at once", async () => {
    const config = {
      vapid_public_key: "x",
      vapid_private_key: "y",
      vapid_subject: "z",
      ca: "no PEM",
      proxy: "ftp://proxy",
    };
    const error = await problem(getPushProvider("web_push", config));
    expect(error.issues?.map((issue) => issue.path).sort()).toEqual([
      "ca",
      "proxy",
      "vapid_private_key",
      "vapid_public_key",
      "vapid_subject",
    ]);
    expect(error.cause).toBeDefined();
    const missing = await problem(getPushProvider("web_push", { vapid_subject: "mailto:a@example.org" }));
    expect(missing.message).toContain("vapid_public_key: missing; expected a key");
  });

  it.each([["text"], [[]], [5]])("%j is no config", async (config) => {
    expect((await problem(getPushProvider("simulation", config as never))).code).toBe("CONFIG_INVALID");
  });

  it("refuses unknown options by name", async () => {
    const error = await problem(
      getPushProvider(platform, { secret: "long enough" }, { forceNew: true } as never),
    );
    expect(error).toMatchObject({ code: "OPTIONS_INVALID" });
    expect(error.message).toContain("did you mean force_new?");
  });
});

describe("without a config", () => {
  it("gives the one open instance", async () => {
    const open = await getPushProvider(platform, { secret: "long enough" });
    const same = await getPushProvider(platform);
    expect(opened).toBe(1);
    await open.close();
    expect((await same.sendNotification("x", {})).error_code).toBe("INVALID_TOKEN");
  });

  it("reads the environment when none or several are open", async () => {
    setVariable(`${platform.toUpperCase()}_SECRET`, "from the environment");
    setVariable(`${platform.toUpperCase()}_TTL_SECONDS`, "7");
    await getPushProvider(platform);
    expect(opened).toBe(1);
    await getPushProvider(platform, { secret: "long enough" });
    await getPushProvider(platform, { secret: "another one" });
    const provider = await getPushProvider(platform);
    expect(opened).toBe(3);
    expect(provider.platform).toBe(platform);
  });

  it("reads the variables of older systems too", async () => {
    setVariable("OLD_SHOP_SECRET", "from the old one");
    expect((await getPushProvider(platform)).platform).toBe(platform);
  });

  it("names the missing variables", async () => {
    const error = await problem(getPushProvider(platform));
    expect(error.code).toBe("CONFIG_INVALID");
    expect(error.message).toContain(`${platform.toUpperCase()}_SECRET or OLD_SHOP_SECRET`);
  });

  it("names a variable's key when its value is no number", async () => {
    setVariable("OLD_SHOP_SECRET", "from the old one");
    setVariable(`${platform.toUpperCase()}_TIMEOUT_SECONDS`, "soon");
    expect((await problem(getPushProvider(platform))).message).toContain("timeout_seconds");
  });

  it("never merges environment and argument", async () => {
    setVariable("OLD_SHOP_SECRET", "from the old one");
    expect((await problem(getPushProvider(platform, {}))).message).toContain("secret");
  });
});

describe("getFallbackProvider", () => {
  it("F5 takes the first that opens, each with its own config, and logs why the others did not", async () => {
    const warnings: unknown[] = [];
    const logger = { warn: (fields: object) => warnings.push(fields) };
    const provider = await getFallbackProvider(
      [["nowhere"], [platform, { secret: "unreadable" }], [platform, { secret: "long enough" }]],
      { logger },
    );
    expect(provider?.platform).toBe(platform);
    expect(warnings).toMatchObject([{ platform: "nowhere" }, { platform }]);
  });

  it("is null when none opens", async () => {
    expect(await getFallbackProvider([["nowhere"], [platform, {}]])).toBeNull();
  });
});

describe("secrets", () => {
  it("stand in no inspect of a provider", async () => {
    const provider = await getPushProvider(platform, { secret: "canary-secret" });
    expect(inspect(provider, { depth: 20, showHidden: true })).not.toContain("canary-secret");
    expect(JSON.stringify(provider)).not.toContain("canary-secret");
  });

  it("1.7 PushError.is knows an error of any copy of the class", () => {
    const foreign = Object.defineProperty(new Error("x"), Symbol.for("pushmux.PushError"), { value: true });
    expect(PushError.is(foreign)).toBe(true);
    expect(PushError.is(new Error("x"))).toBe(false);
  });
});
