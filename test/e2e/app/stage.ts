import { expect } from "vitest";
import type { WebPushConfig } from "../../../providers/web_push/index.js";
import type { Delivery } from "../../../src/store/index.js";
import { startDesktop } from "../desktop.js";
import type { BrowserPushService, Desktop, RealBrowser } from "../real_browser.js";
import { AdminPage } from "./admin_page.js";
import { InstalledApp, type RunningApp } from "./installed_app.js";
import { SubscriberPage } from "./subscriber_page.js";

/** The app, its push service, and three persons with a browser each. */
export interface Stage {
  readonly push: BrowserPushService;
  /** Ana's; the others have none. */
  readonly desktop: Desktop;
  readonly installed: InstalledApp;
  /** The one that runs now. */
  readonly app: RunningApp;
  readonly ana: SubscriberPage;
  readonly ben: SubscriberPage;
  /** Has blocked notifications; administers the site in another tab. */
  readonly carl: SubscriberPage;
  readonly admin: AdminPage;
  /** The app ends, something happens to its files, and it is there again: at the same place, with the same data. */
  restart(meanwhile: () => Promise<void>): Promise<void>;
  /** For a sender who is not the app, but has its keys. */
  senderConfig(): Promise<WebPushConfig>;
  /** What the log says of the newest broadcast for one device. */
  fate(device_id: string): Promise<Delivery | undefined>;
  /** Waits until it says so. */
  hasFate(device_id: string, fate: object): Promise<void>;
  /** Waits until the push service has heard that the browser has this subscription no more. */
  isGivenBack(subscription_json: string): Promise<void>;
  close(): Promise<void>;
}

const DEADLINE = { timeout: 45_000, interval: 100 };

export async function openStage(real: RealBrowser, dbus_daemon: string): Promise<Stage> {
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    const installed = await InstalledApp.install();
    closers.push(() => installed.remove());
    const push = await real.startPushService();
    closers.push(() => push.close());
    const desktop = await startDesktop(dbus_daemon);
    closers.push(() => desktop.close());
    let app = await installed.run({ web_push: push.config });
    closers.push(() => app.close());
    const origin = app.url;
    const launch = async (permission: "granted" | "denied", its?: Desktop) => {
      const person = await real.launch({ push, origin, permission, desktop: its });
      closers.push(() => person.close());
      return person;
    };
    const ana = await launch("granted", desktop);
    const ben = await launch("granted");
    const carl = await launch("denied");
    const fate = async (device_id: string) => {
      const [newest] = await app.store.listBroadcasts({ limit: 1 });
      const [delivery] = await app.store.deliveries({ broadcast_id: newest?.id, device_id });
      return delivery;
    };
    return {
      ...{ push, desktop, installed, fate, close },
      get app() {
        return app;
      },
      ana: new SubscriberPage(ana, origin),
      ben: new SubscriberPage(ben, origin),
      carl: new SubscriberPage(carl, origin),
      admin: new AdminPage(await carl.browser.newPage(), origin),
      async restart(meanwhile) {
        await app.close();
        await meanwhile();
        app = await installed.run({ web_push: push.config, port: Number(new URL(origin).port) });
      },
      senderConfig: async () => ({ ...push.config, ...(await installed.vapidKeys()) }),
      async hasFate(device_id, expected) {
        await expect.poll(() => fate(device_id), DEADLINE).toMatchObject(expected);
      },
      async isGivenBack(subscription_json) {
        await expect.poll(() => push.deviceOf(subscription_json) === undefined, DEADLINE).toBe(true);
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
