import { expect, it } from "vitest";
import { describeWith } from "../setup/requirements.js";
import { chromiumAt } from "./chromium.js";
import { startClientSite } from "./client_site.js";
import { ClientVisitor } from "./client_visitor.js";
import { firefoxAt } from "./firefox_browser.js";
import type { RealBrowser } from "./real_browser.js";
import { promiseOfAgreement, useStage } from "./stage.js";

describeWith(
  ["firefox-esr", "dbus-daemon", "libnotify.so.4"],
  "notifications of sw.js under a hand, in a real Firefox on a desktop",
  (firefox, dbus_daemon) => promisesOfTheHand(firefoxAt(firefox), dbus_daemon),
);

describeWith(
  ["chromium", "dbus-daemon"],
  "notifications of sw.js under a hand, in a real Chromium on a desktop",
  (chromium, dbus_daemon) => promisesOfTheHand(chromiumAt(chromium), dbus_daemon),
);

function promisesOfTheHand(browser: RealBrowser, dbus_daemon: string): void {
  const stage = useStage({ browser, startSite: startClientSite, dbus_daemon });
  let count = 0;

  /** Somebody whose desktop shows a notification: it is about order 42, and has buttons. */
  async function notified() {
    const { person, provider, site, desktop, newOrigin } = stage();
    if (!desktop) throw new Error("there is no desktop");
    const visitor = await ClientVisitor.visit(person, newOrigin());
    await visitor.press("subscribe");
    const title = `Order ${++count}`;
    const { message_id } = await provider.sendNotification(await visitor.subscription(), {
      title,
      body: "Shipped",
      url: "/?order=42",
      actions: [
        { action: "track", title: "Track it", url: "/?track=42" },
        { action: "dismiss", title: "Later" },
      ],
    });
    const hasFates = (fates: string[]) => {
      const told = () => site.api.bodies("ack").filter((body) => body.message_id === message_id);
      return expect.poll(() => told().map(({ status }) => status), { timeout: 20_000 }).toEqual(fates);
    };
    const hasWindows = (windows: string[]) =>
      expect.poll(() => visitor.windows(), { timeout: 20_000 }).toEqual(windows);
    await hasFates(["delivered"]);
    return { visitor, desktop, notification: await desktop.shown(title), hasFates, hasWindows };
  }

  it("the desktop shows its title, its body and its buttons", async () => {
    const { notification } = await notified();
    expect(notification.body).toContain("Shipped");
    expect(notification.actions).toEqual(expect.arrayContaining(["Track it", "Later"]));
  });

  it("3.3.click a click opens the URL in a new window, and the server hears that it was opened", async () => {
    const { desktop, notification, hasFates, hasWindows } = await notified();
    await desktop.invoke(notification.id, "default");
    await hasWindows(["/", "/?order=42"]);
    await hasFates(["delivered", "opened"]);
  });

  it("3.3.click a button opens its own URL", async () => {
    const { desktop, notification, hasFates, hasWindows } = await notified();
    await desktop.invoke(notification.id, "Track it");
    await hasWindows(["/", "/?track=42"]);
    await hasFates(["delivered", "opened"]);
  });

  it("3.3.click the button `dismiss` opens nothing, and the server hears of it", async () => {
    const { desktop, notification, hasFates, hasWindows } = await notified();
    await desktop.invoke(notification.id, "Later");
    await hasFates(["delivered", "dismissed"]);
    await hasWindows(["/"]);
  });

  it("P1 5.1.weak a click opens no second window where one shows the URL", async () => {
    const { visitor, desktop, notification, hasFates, hasWindows } = await notified();
    await visitor.openWindow("/?order=42");
    await desktop.invoke(notification.id, "default");
    await hasFates(["delivered", "opened"]);
    await hasWindows(["/", "/?order=42"]);
  });

  it("3.3.close one that is closed was dismissed", async () => {
    const { desktop, notification, hasFates, hasWindows } = await notified();
    await desktop.dismiss(notification.id);
    await hasFates(["delivered", "dismissed"]);
    await hasWindows(["/"]);
    expect(stage().site.api.complaints).toEqual([]);
  });

  promiseOfAgreement(stage);
}
