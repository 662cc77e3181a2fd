import { createRequire } from "node:module";
import { deleteApp, initializeApp } from "firebase-admin/app";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type AdminModule, openSupplier } from "../../../providers/fcm/access_token.js";
import { configSchema, type FirebaseApp } from "../../../providers/fcm/config.js";
import { suppliedMint } from "../../../providers/fcm/credential.js";
import { credential, mintContext } from "./support.js";

afterEach(() => vi.unstubAllEnvs());

/** A credential as firebase-admin takes one: each token is another. */
function adminCredential() {
  let count = 0;
  return {
    getAccessToken: async () => ({ access_token: `token-${++count}`, expires_in: 3600 }),
    count: () => count,
  };
}

const never = () => Promise.reject(new Error("firebase-admin was loaded"));
const mint = async (supplier: ReturnType<typeof openSupplier>, refused_id?: string) =>
  credential(await suppliedMint(await supplier)(mintContext({ refused_id })));

describe("an app of firebase-admin", () => {
  it("is taken as initializeApp gives it, and gives its tokens, without the package being loaded again", async () => {
    const app: FirebaseApp = initializeApp({ credential: adminCredential(), projectId: "p" }, "given");
    try {
      const config = configSchema.parse({ app });
      expect(config.app).toBe(app);
      expect((await mint(openSupplier(config, never))).value).toBe("token-1");
    } finally {
      await deleteApp(app as never);
    }
  });

  it("after a refused token makes a new one, past its own cache", async () => {
    const asked: unknown[] = [];
    const app = {
      options: { credential: { getAccessToken: async () => ({ access_token: "cached", expires_in: 3600 }) } },
      INTERNAL: {
        getToken: async (force: boolean) => {
          asked.push(force);
          return { accessToken: "forced", expirationTime: Date.now() + 3_600_000 };
        },
      },
    };
    const supplier = openSupplier({ app }, never);
    expect((await mint(supplier)).value).toBe("cached");
    const forced = await mint(supplier, "refused");
    expect(forced.value).toBe("forced");
    expect(forced.expires_at_ms - mintContext().now_ms).toBeGreaterThan(3_590_000);
    expect(asked).toEqual([true]);
  });

  it("so does a real one", async () => {
    const real = adminCredential();
    const app: FirebaseApp = initializeApp({ credential: real }, "real");
    try {
      const supplier = openSupplier({ app }, never);
      await mint(supplier);
      expect((await mint(supplier, "refused")).value).toBe("token-2");
      expect(real.count()).toBe(2);
    } finally {
      await deleteApp(app as never);
    }
  });

  it("without those internals is asked again", async () => {
    const supplier = openSupplier({ app: { options: { credential: adminCredential() } } }, never);
    expect((await mint(supplier, "refused")).value).toBe("token-1");
  });

  it("that was deleted is no app", async () => {
    const app = initializeApp({ credential: adminCredential() }, "deleted");
    await deleteApp(app);
    expect(configSchema.safeParse({ project_id: "p", app }).error?.issues[0]?.path).toEqual(["app"]);
  });
});

describe("application default credentials", () => {
  it("come from firebase-admin, which is loaded only for them", async () => {
    const applicationDefault = vi.fn(() => adminCredential());
    const supplier = await openSupplier({}, async () => ({ applicationDefault }));
    expect(applicationDefault).toHaveBeenCalledOnce();
    expect((await mint(Promise.resolve(supplier))).value).toBe("token-1");
  });

  it("the installed firebase-admin opens, and is asked only when a token is wanted", async () => {
    const supplier = await openSupplier({});
    expect(supplier.name).toBe("application default credentials");
  });

  it("are not looked for when there is get_access_token", async () => {
    const supplier = openSupplier({ get_access_token: () => "own" }, never);
    expect((await mint(supplier)).value).toBe("own");
  });

  const require = createRequire(import.meta.url);
  const importing = (name: string) => () => import(/* @vite-ignore */ name) as Promise<AdminModule>;
  it.each([
    [
      "import",
      missing("ERR_MODULE_NOT_FOUND", "Cannot find package 'firebase-admin' imported from /app/index.js"),
    ],
    [
      "require",
      missing("MODULE_NOT_FOUND", "Cannot find module 'firebase-admin/app'\nRequire stack:\n- /app"),
    ],
  ])("without the package %s fails, and the error is the line that installs it", async (_how, error) => {
    await expect(openSupplier({}, () => Promise.reject(error))).rejects.toMatchObject({
      code: "PEER_MISSING",
      message: "npm install firebase-admin",
      cause: error,
    });
  });

  it("what Node itself says of a package that is not there is understood", async () => {
    const error = await importing("firebase-admin-that-is-not-there")().catch((reason: unknown) => reason);
    const by_require = (() => {
      try {
        return require("firebase-admin-that-is-not-there");
      } catch (reason) {
        return reason;
      }
    })();
    for (const reason of [error, by_require]) {
      await expect(openSupplier({}, () => Promise.reject(reason))).rejects.toMatchObject({
        code: "PEER_MISSING",
      });
    }
  });

  it.each([
    [
      "a package that firebase-admin misses",
      missing("ERR_MODULE_NOT_FOUND", "Cannot find package 'gaxios' imported from /x/firebase-admin/a.js"),
    ],
    ["an error of its own", new Error("Cannot find module 'firebase-admin'")],
  ])("%s is another matter", async (_what, error) => {
    await expect(openSupplier({}, () => Promise.reject(error))).rejects.toBe(error);
  });
});

function missing(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
