import { Message, type MessageBus, sessionBus } from "dbus-next";
import { afterEach, beforeEach, expect, it } from "vitest";
import { describeWith } from "../setup/requirements.js";
import { startDesktop } from "./desktop.js";
import type { Desktop } from "./real_browser.js";

describeWith("dbus-daemon", "the desktop", (dbus_daemon) => {
  let desktop: Desktop;
  let app: App;
  beforeEach(async () => {
    desktop = await startDesktop(dbus_daemon);
    app = await App.connect(desktop.bus_address);
  });
  afterEach(async () => {
    app.bus.disconnect();
    await desktop.close();
  });

  it("says that it shows bodies and buttons, by which browsers decide to use it", async () => {
    expect(await app.call("GetCapabilities")).toEqual([expect.arrayContaining(["body", "actions"])]);
    expect(await app.call("GetServerInformation")).toHaveLength(4);
  });

  it("shows what an app gives it, with the titles of its buttons", async () => {
    const awaited = desktop.shown("Order 42");
    const id = await app.notify({
      title: "Order 42",
      body: "Shipped",
      actions: ["0", "Track", "default", "Open"],
    });
    expect(await awaited).toMatchObject({ id, title: "Order 42", body: "Shipped", actions: ["Track"] });
  });

  it("a later notification takes the place of the one that it replaces", async () => {
    const id = await app.notify({ title: "Order 42" });
    expect(await app.notify({ title: "Order 43" })).not.toBe(id);
    expect(await app.notify({ title: "Order 44", replaces: id })).toBe(id);
    expect(await desktop.shown("Order 44")).toMatchObject({ id });
    await desktop.dismiss(id);
    await expect(desktop.dismiss(id)).rejects.toThrow("not shown");
  });

  it.each([
    ["the notification", "default", "default"],
    ["a button", "Track", "track-key"],
  ])("a click on %s tells the app its key, and closes it", async (_title, touched, key) => {
    const actions = ["default", "Open", "track-key", "Track"];
    const id = await app.notify({ title: "Order 42", actions });
    await desktop.invoke(id, touched);
    await app.hasHeard([
      ["ActionInvoked", id, key],
      ["NotificationClosed", id, 2],
    ]);
    await expect(desktop.invoke(id, touched)).rejects.toThrow("not shown");
  });

  it("there is no click on what is not there", async () => {
    const id = await app.notify({ title: "Order 42" });
    await expect(desktop.invoke(id, "default")).rejects.toThrow('no "default"');
    await expect(desktop.invoke(id + 1, "default")).rejects.toThrow("not shown");
  });

  it("closing tells the app whether it was the user or the app itself", async () => {
    const ids = [await app.notify({ title: "one" }), await app.notify({ title: "two" })] as const;
    await desktop.dismiss(ids[0]);
    await app.call("CloseNotification", "u", [ids[1]]);
    await app.hasHeard([
      ["NotificationClosed", ids[0], 2],
      ["NotificationClosed", ids[1], 3],
    ]);
  });
});

const NAME = "org.freedesktop.Notifications";
const DBUS = "org.freedesktop.DBus";

/** What a browser does on the bus. */
class App {
  readonly #heard: unknown[][] = [];

  private constructor(readonly bus: MessageBus) {
    bus.on("message", (message) => {
      if (message.interface === NAME) this.#heard.push([message.member, ...message.body]);
    });
  }

  static async connect(bus_address: string): Promise<App> {
    const app = new App(sessionBus({ busAddress: bus_address }));
    const call = { destination: DBUS, path: "/org/freedesktop/DBus", interface: DBUS, member: "AddMatch" };
    await app.bus.call(new Message({ ...call, signature: "s", body: [`type='signal',interface='${NAME}'`] }));
    return app;
  }

  async call(member: string, signature = "", body: unknown[] = []): Promise<unknown[]> {
    const call = { destination: NAME, path: "/org/freedesktop/Notifications", interface: NAME, member };
    const answer = await this.bus.call(new Message({ ...call, signature, body }));
    return answer?.body ?? [];
  }

  async notify({ title, body = "", actions = [], replaces = 0 }: NotificationToShow): Promise<number> {
    const values = ["browser", replaces, "", title, body, actions, {}, -1];
    const [id] = await this.call("Notify", "susssasa{sv}i", values);
    return Number(id);
  }

  async hasHeard(signals: unknown[][]): Promise<void> {
    await expect.poll(() => this.#heard, { timeout: 5000 }).toEqual(signals);
  }
}

interface NotificationToShow {
  readonly title: string;
  readonly body?: string;
  readonly actions?: string[];
  readonly replaces?: number;
}
