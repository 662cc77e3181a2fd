import { cpSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";
import type { SubscriptionStore } from "../../src/store/index.js";
import { startWebPushService, type WebPushDevice, type WebPushService } from "../../src/testing/index.js";
import { packedProject, root } from "../setup/packed_project.js";

export const PASSWORD = "correct horse battery";

/** What `startApp` gives. */
interface App {
  readonly url: string;
  readonly vapid_public_key: string;
  readonly first_password: string | undefined;
  readonly store: SubscriptionStore;
  close(): Promise<void>;
}

export interface Site {
  readonly app: App;
  /** The push service that its subscriptions are of. */
  readonly service: WebPushService;
  readonly data_folder: string;
  /** Everything that was logged. */
  readonly lines: readonly string[];
  readonly clock: { now_ms: number };
  /** Somebody with cookies of their own. */
  visitor(headers?: Record<string, string>): Visitor;
  /** The same, signed in; a viewer is added first. */
  signedIn(role: "admin" | "viewer"): Promise<Visitor>;
  /** A browser that has subscribed through the page's own request. */
  subscriber(more?: object): Promise<{ device: WebPushDevice; device_id: string }>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The folder of the app in a project of its own, with the packed package; once per test file. */
export async function installWebApp(suite: string): Promise<string> {
  const { folder } = await packedProject();
  const place = join(folder, suite);
  // A copy of the package, not a link: it looks for its database's client where it stands.
  cpSync(join(folder, "node_modules/pushmux"), join(place, "node_modules/pushmux"), { recursive: true });
  for (const name of ["@hono", "@libsql", "hono"]) {
    symlinkSync(join(root, "node_modules", name), join(place, "node_modules", name), "junction");
  }
  writeFileSync(join(place, "package.json"), JSON.stringify({ type: "module" }));
  const app = join(place, "web_app");
  cpSync(join(root, "examples/web_app"), app, {
    recursive: true,
    filter: (source) => !source.endsWith("web_app/data"),
  });
  return app;
}

/** The app on a port, with a push service, until `atEnd`: by default when the test is over. */
export async function openSite(
  folder: string,
  options: { data_folder?: string; service?: WebPushService } & Record<string, unknown> = {},
  atEnd: (close: () => Promise<void>) => void = onTestFinished,
): Promise<Site> {
  const { startApp } = await import(/* @vite-ignore */ pathToFileURL(join(folder, "start.mjs")).href);
  const { createLog } = await import(/* @vite-ignore */ pathToFileURL(join(folder, "log.mjs")).href);
  const {
    data_folder = await mkdtemp(join(folder, "data-")),
    service = await startWebPushService(),
    ...more
  } = options;
  if (!options.service) atEnd(() => service.close());
  const { allowed_hosts, allow_private_endpoints, ca } = service.config;
  const clock = { now_ms: Date.now() };
  const lines: string[] = [];
  const app: App = await startApp({
    ...{ data_folder, admin_password: PASSWORD, now: () => clock.now_ms },
    log: createLog({ write: (line: string) => lines.push(line) }),
    platforms: { web_push: { allowed_hosts, allow_private_endpoints, ca, retry: { max_attempts: 1 } } },
    ...more,
  });
  atEnd(() => app.close());
  const visitor = (headers?: Record<string, string>) => new Visitor(app.url, headers);
  return {
    ...{ app, service, data_folder, lines, clock, visitor },
    async signedIn(role) {
      const admin = visitor();
      await admin.signIn("admin", PASSWORD);
      if (role === "admin") return admin;
      // Added once; afterwards it is there.
      await admin.ask("POST /admin/api/users", { name: role, password: PASSWORD, role });
      const viewer = visitor();
      await viewer.signIn(role, PASSWORD);
      return viewer;
    },
    async subscriber(more = {}) {
      const device = service.createDevice({ vapid_public_key: app.vapid_public_key });
      const device_id = crypto.randomUUID();
      const body = { subscription: device.subscription, device_id, ...more };
      const { status, text } = await visitor().ask("POST /push/subscribe", body);
      if (status !== 201) throw new Error(text);
      return { device, device_id };
    },
  };
}

export class Visitor {
  cookie = "";

  constructor(
    private readonly url: string,
    private readonly headers: Record<string, string> = {},
  ) {}

  /** `GET /path`, or with a body `POST /path`; keeps the cookie that it is given. */
  async ask(what: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const [method = "", path = ""] = what.split(" ");
    const response = await fetch(this.url + path, {
      method,
      redirect: "manual",
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(this.cookie && { cookie: this.cookie }),
        ...this.headers,
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const [given] = response.headers.getSetCookie();
    if (given) this.cookie = given.replace(/;.*/, "");
    const is_json = response.headers.get("content-type")?.startsWith("application/json");
    return {
      ...{ status: response.status, headers: response.headers, text },
      body: is_json ? JSON.parse(text) : {},
    };
  }

  async signIn(name: string, password: string): Promise<Answer> {
    return this.ask("POST /admin/api/sign-in", { name, password });
  }

  /** Sends to a segment, to the end; what the events said. */
  async broadcast(body: object): Promise<{ event: string; data: Record<string, unknown> }[]> {
    const { text } = await this.ask("POST /push/broadcast", body);
    return [...text.matchAll(/^event: (.*)\ndata: (.*)$/gm)].map(([, event = "", data = ""]) => ({
      event,
      data: JSON.parse(data),
    }));
  }
}
