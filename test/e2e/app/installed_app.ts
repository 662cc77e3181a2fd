import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { WebPushConfig } from "../../../providers/web_push/index.js";
import type { SubscriptionStore } from "../../../src/store/index.js";
import { runOk } from "../../setup/run.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const VERSION = /var VERSION = "([^"]+)"/;

export const PASSWORD = "correct horse battery";

/** What the app's `startApp` gives. */
export interface RunningApp {
  readonly url: string;
  readonly vapid_public_key: string;
  readonly store: SubscriptionStore;
  close(): Promise<void>;
}

export interface RunOptions {
  readonly web_push: WebPushConfig;
  /** Default: a free one. */
  readonly port?: number | undefined;
}

/** The app in a folder of its own, with the package as it is built from these sources: what `npm run demo:web` runs. */
export class InstalledApp {
  private constructor(private readonly folder: string) {}

  static async install(): Promise<InstalledApp> {
    const folder = await mkdtemp(join(tmpdir(), "pushmux-web-app-"));
    const link = (from: string, to: string) =>
      symlink(join(root, "node_modules", from), join(folder, "node_modules", to), "junction");
    try {
      await mkdir(join(folder, "node_modules/pushmux"), { recursive: true });
      await cp(join(root, "package.json"), join(folder, "node_modules/pushmux/package.json"));
      await link("", "pushmux/node_modules");
      for (const name of ["hono", "@hono"]) await link(name, name);
      const examples = join(root, "examples/web_app");
      const data = join(examples, "data");
      await cp(examples, join(folder, "web_app"), { recursive: true, filter: (source) => source !== data });
      await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
      const tsup = join(root, "node_modules/tsup/dist/cli-default.js");
      const place = join(folder, "node_modules/pushmux/dist");
      await runOk(process.execPath, [tsup, "--no-dts", "--silent", "--outDir", place], { cwd: root });
      return new InstalledApp(folder);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Starts it; again with the same data. */
  async run({ web_push, port = 0 }: RunOptions): Promise<RunningApp> {
    const { href } = pathToFileURL(join(this.folder, "web_app/start.mjs"));
    const { startApp }: { startApp(options: object): Promise<RunningApp> } = await import(
      /* @vite-ignore */ href
    );
    const data_folder = join(this.folder, "data");
    return startApp({ data_folder, port, admin_password: PASSWORD, platforms: { web_push } });
  }

  /** The keys that it made on its first start. */
  async vapidKeys(): Promise<WebPushConfig> {
    return JSON.parse(await readFile(this.#keys, "utf8"));
  }

  /** Its next start makes new ones. */
  async loseVapidKeys(): Promise<void> {
    await rm(this.#keys);
  }

  /** Puts another version of the worker into the package; the next start serves it. */
  async updateWorker(version: string): Promise<void> {
    const file = join(this.folder, "node_modules/pushmux/dist/sw.js");
    const text = await readFile(file, "utf8");
    if (!VERSION.test(text)) throw new Error("the worker's version was not found in sw.js");
    await writeFile(file, text.replace(VERSION, `var VERSION = "${version}"`));
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  get #keys(): string {
    return join(this.folder, "data/vapid_keys.json");
  }
}
