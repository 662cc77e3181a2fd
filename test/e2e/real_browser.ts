/**
 * What a test needs of a real browser, whichever it is: a push service that its maker's one stands in for, persons who
 * use it, and the desktop on which it shows notifications. So the same promises are held by each.
 */
import type { Browser, Page } from "puppeteer-core";
import type { WebPushConfig } from "../../providers/web_push/index.js";
import type { WebPushDevice, WebPushService } from "../../src/testing/index.js";

export interface RealBrowser {
  readonly name: "firefox" | "chromium";
  startPushService(): Promise<BrowserPushService>;
  /** Ends with the browser open on an empty tab. */
  launch(options: LaunchOptions): Promise<Person>;
}

/** App servers talk to `service`, the library's emulator; browsers to its other half. */
export interface BrowserPushService {
  readonly service: WebPushService;
  /** What a web push provider needs to reach it: `ca`, `allowed_hosts`, …; and a pair of keys. */
  readonly config: WebPushConfig;
  /** What browsers said that the real service would have refused. */
  readonly complaints: readonly string[];
  /**
   * The emulator's device behind a subscription, given as the JSON text that a page shows. Undefined when no browser has
   * that subscription any more.
   */
  deviceOf(subscription_json: string): WebPushDevice | undefined;
  close(): Promise<void>;
}

export interface LaunchOptions {
  readonly push: BrowserPushService;
  /** The site whose permission `revokePermission` revokes. */
  readonly origin: string;
  /** To show notifications: of this site and of all others, as chosen beforehand. */
  readonly permission: "granted" | "denied";
  /** Absent: notifications are shown without one. */
  readonly desktop?: Desktop | undefined;
}

/** A person at a device of their own: one browser process with a profile of its own, which reaches loopback only. */
export interface Person {
  /** Of puppeteer; another one after `relaunch`. */
  readonly browser: Browser;
  /** The tab that is open; another one after `relaunch`. */
  readonly page: Page;
  /**
   * Blocks notifications of the origin, as in the browser's settings. The browser gives its subscription back by itself, a
   * little later.
   */
  revokePermission(): Promise<void>;
  /** Ends the browser in order, and keeps its profile. */
  quit(): Promise<void>;
  /** Starts it again with the same profile. No page of the site is open then. */
  relaunch(): Promise<void>;
  /** Ends it, whatever state it is in, and removes all that it wrote. Idempotent. */
  close(): Promise<void>;
}

/** A desktop that shows notifications: a private D-Bus daemon with `org.freedesktop.Notifications` on it. */
export interface Desktop {
  /** For `DBUS_SESSION_BUS_ADDRESS`. */
  readonly bus_address: string;
  /** The notification that is shown with this title, once there is one. Rejects after a deadline. */
  shown(title: string): Promise<DesktopNotification>;
  /** `"default"`: a click on the notification itself; else the title of one of its buttons. */
  invoke(id: number, action_title: string): Promise<void>;
  /** The user closes it. */
  dismiss(id: number): Promise<void>;
  close(): Promise<void>;
}

export interface DesktopNotification {
  readonly id: number;
  readonly title: string;
  readonly body: string;
  /** Titles of its buttons. */
  readonly actions: readonly string[];
}
