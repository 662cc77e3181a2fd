import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Message, type MessageBus, sessionBus } from "dbus-next";
import { expect } from "vitest";
import { z } from "zod";
import type { Desktop, DesktopNotification } from "./real_browser.js";

const NAME = "org.freedesktop.Notifications";
const PATH = "/org/freedesktop/Notifications";
const CLOSED = { by_user: 2, by_app: 3 } as const;

/**
 * A D-Bus of its own with a notification server on it, and a hand that touches what it shows
 * (https://specifications.freedesktop.org/notification-spec/latest).
 */
export async function startDesktop(dbus_daemon: string): Promise<Desktop> {
  const folder = await mkdtemp(join(tmpdir(), "pushmux-desktop-"));
  const socket = join(folder, "bus");
  const configuration = join(folder, "bus.conf");
  await writeFile(configuration, configurationOf(socket));
  const args = [`--config-file=${configuration}`, "--nofork", "--nopidfile", "--print-address=1"];
  const daemon = spawn(dbus_daemon, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  daemon.stderr.on("data", (chunk) => {
    said += chunk;
  });
  const exit = once(daemon, "exit");
  const close = async () => {
    daemon.kill();
    await exit.catch(() => {});
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const failed = exit.then(() => Promise.reject(new Error(`dbus-daemon has ended: ${said}`)));
    await Promise.race([once(daemon.stdout, "data", { signal: AbortSignal.timeout(15_000) }), failed]);
    const bus = sessionBus({ busAddress: `unix:socket=${socket}` });
    const shelf = new NotificationShelf(bus, `unix:path=${socket}`, close);
    await bus.requestName(NAME, 0);
    return shelf;
  } catch (error) {
    await close();
    throw error;
  }
}

interface Shown extends DesktopNotification {
  /** Of the notification itself and of its buttons, by title. */
  readonly keys: ReadonlyMap<string, string>;
}

class NotificationShelf implements Desktop {
  readonly #shown = new Map<number, Shown>();
  #last_id = 0;

  constructor(
    private readonly bus: MessageBus,
    readonly bus_address: string,
    private readonly end: () => Promise<void>,
  ) {
    bus.on("error", () => {});
    bus.addMethodHandler((call: Message) => {
      const answer = call.interface === NAME ? this.#answer(call) : undefined;
      if (answer) bus.send(Message.newMethodReturn(call, ...answer));
      return answer !== undefined;
    });
  }

  async shown(title: string): Promise<DesktopNotification> {
    const titles = () => [...this.#shown.values()].map((one) => one.title);
    await expect.poll(titles, { timeout: 30_000, interval: 30 }).toContain(title);
    const found = [...this.#shown.values()].findLast((one) => one.title === title);
    if (!found) throw new Error(`"${title}" is gone again`);
    return found;
  }

  async invoke(id: number, action_title: string): Promise<void> {
    const key = this.#shown.get(id)?.keys.get(action_title);
    if (key === undefined) throw new Error(`notification ${id} is not shown, or has no "${action_title}"`);
    this.#signal("ActionInvoked", "us", [id, key]);
    this.#close(id, CLOSED.by_user);
  }

  async dismiss(id: number): Promise<void> {
    if (!this.#close(id, CLOSED.by_user)) throw new Error(`notification ${id} is not shown`);
  }

  async close(): Promise<void> {
    this.bus.disconnect();
    await this.end();
  }

  #answer({ member, body }: Message): [signature: string, body: unknown[]] | undefined {
    switch (member) {
      case "GetCapabilities":
        return ["as", [["actions", "body"]]];
      case "GetServerInformation":
        return ["ssss", ["pushmux", "pushmux", "1.0", "1.2"]];
      case "Notify":
        return ["u", [this.#show(notifyArguments.parse(body))]];
      case "CloseNotification":
        this.#close(z.tuple([z.int()]).parse(body)[0], CLOSED.by_app);
        return ["", []];
      default:
        return undefined;
    }
  }

  #show([, replaces_id, , title, body, actions]: z.infer<typeof notifyArguments>): number {
    const id = replaces_id || ++this.#last_id;
    const keys = new Map<string, string>();
    for (const [index, key] of actions.entries()) {
      const label = actions[index + 1] ?? "";
      if (index % 2 === 0) keys.set(key === "default" ? key : label, key);
    }
    const buttons = [...keys.keys()].filter((label) => label !== "default");
    this.#shown.delete(id);
    this.#shown.set(id, { id, title, body, actions: buttons, keys });
    return id;
  }

  #close(id: number, reason: number): boolean {
    const was_shown = this.#shown.delete(id);
    if (was_shown) this.#signal("NotificationClosed", "uu", [id, reason]);
    return was_shown;
  }

  #signal(name: string, signature: string, body: unknown[]): void {
    this.bus.send(Message.newSignal(PATH, NAME, name, signature, body));
  }
}

const notifyArguments = z.tuple([
  z.string(),
  z.int(),
  z.string(),
  z.string(),
  z.string(),
  z.array(z.string()),
  z.unknown(),
  z.int(),
]);

/** Nothing is started by a name that nobody owns, and every client may do everything. */
function configurationOf(socket: string): string {
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=${socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;
}
