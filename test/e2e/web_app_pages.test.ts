import { fileURLToPath } from "node:url";
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeWith } from "../setup/requirements.js";
import { AdminPage } from "./app/admin_page.js";
import { Camera } from "./app/camera.js";
import { InstalledApp, PASSWORD, type RunningApp } from "./app/installed_app.js";
import { Keyboard } from "./app/keyboard.js";
import { SubscriberPage } from "./app/subscriber_page.js";
import { type Autopush, startAutopush } from "./autopush.js";
import { type Firefox, startFirefox } from "./browser.js";
import { startDesktop } from "./desktop.js";
import type { Desktop } from "./real_browser.js";

const PICTURES = fileURLToPath(new URL("../../test-artifacts/web_app/", import.meta.url));
const WAIT = { timeout: 25_000, interval: 100 };
const AGENTS = [
  "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
];

const NEEDED = ["firefox-esr", "dbus-daemon", "libnotify.so.4"];

describeWith(
  NEEDED,
  "the app's pages: looked at, heard, and used by keyboard",
  (firefox_path, dbus_daemon) => {
    let installed: InstalledApp;
    let push: Autopush;
    let app: RunningApp;
    let desktop: Desktop;
    let firefox: Firefox;
    let camera: Camera;

    beforeAll(async () => {
      camera = await Camera.open(PICTURES);
      installed = await InstalledApp.install();
      push = await startAutopush();
      const patience = { timeout_seconds: 120, deadline_seconds: 180, retry: { max_attempts: 1 } };
      app = await installed.run({ web_push: { ...push.config, ...patience } });
      desktop = await startDesktop(dbus_daemon);
      firefox = await startFirefox(firefox_path, push.push_url, {
        // Its own windows for notifications would take the focus.
        bus_address: desktop.bus_address,
        // The camera asks for it.
        system_access: true,
        preferences: {
          "permissions.default.desktop-notification": 0,
          "ui.prefersReducedMotion": 1,
          "ui.useOverlayScrollbars": 1,
        },
      });
    });

    afterAll(async () => {
      await firefox?.close();
      await Promise.all([desktop?.close(), app?.close(), push?.close()]);
      await installed?.remove();
    });

    /** @param permission Counts for all tabs of this browser. */
    async function newTab(permission?: "granted" | "denied" | "prompt"): Promise<Page> {
      const context = await firefox.browser.createBrowserContext();
      if (permission) {
        await context.setPermission(app.url, { permission: { name: "notifications" }, state: permission });
      }
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      return page;
    }
    const subscriberIn = (page: Page) => new SubscriberPage({ browser: firefox.browser, page }, app.url);
    const textOf = (page: Page, id: string) =>
      page.evaluate(`document.getElementById("${id}")?.textContent ?? ""`) as Promise<string>;
    const says = (page: Page, id: string, text: string | RegExp) =>
      expect.poll(() => textOf(page, id), WAIT).toMatch(text);

    /** Devices of all sorts that have subscribed, some of them gone since then. */
    async function addDevices(count: number): Promise<string[]> {
      const tokens: string[] = [];
      for (let i = 0; i < count; i++) {
        const vendor = (["mozilla", "fcm", "apple"] as const)[i % 3];
        const device = push.service.createDevice({ vapid_public_key: app.vapid_public_key, vendor });
        await app.store.subscribe({
          ...{ platform: "web_push", device_token: device.subscription, device_id: crypto.randomUUID() },
          ...{
            user_id: i % 4 ? ["ana", "ben", "chris"][i % 3] : null,
            tags: ["news", "offers"].slice(i % 3),
          },
          device_info: { userAgent: AGENTS[i % 3] },
        });
        if (i % 8 === 7) device.unsubscribe();
        if (i % 15 === 14) push.service.respond(device.device_token, { status: 429 });
        tokens.push(device.device_token);
      }
      return tokens;
    }

    it("the subscriber's page at the first visit", async () => {
      const page = await newTab("prompt");
      const visitor = subscriberIn(page);
      await visitor.open();
      await visitor.hasState("default");
      expect(await camera.look(page, "subscriber_first_visit")).toEqual([]);
      await page.close();
    });

    it("the subscriber's page when notifications are blocked", async () => {
      const page = await newTab("denied");
      const visitor = subscriberIn(page);
      await visitor.open();
      await visitor.hasState("denied");
      expect(await camera.look(page, "subscriber_denied")).toEqual([]);
      await page.close();
    });

    it("the subscriber's page with a subscription and what it received", async () => {
      const page = await newTab("granted");
      const visitor = subscriberIn(page);
      await visitor.open();
      await visitor.press("subscribe");
      await visitor.chooseTopics("news", "events");
      await visitor.press("test");
      await visitor.listed("It works");
      await page.evaluate("document.getElementById('details').open = true");
      expect(await camera.look(page, "subscriber_subscribed")).toEqual([]);
    });

    describe("the admin's pages", () => {
      let page: Page;
      let admin: AdminPage;
      beforeAll(async () => {
        page = await newTab();
        admin = new AdminPage(page, app.url);
        await addDevices(30);
      });
      afterAll(() => page?.close());
      const look = (name: string) => camera.look(page, `admin_${name}`);
      const letter = {
        ...{
          title: "Doors open at seven",
          body: "The first hundred guests get a drink on the house.",
          url: "/",
        },
        ...{ image: "/icon-512x512.png", action_1: "Get a ticket", action_url_1: "/?buy", action_2: "Later" },
      };

      it("sign-in", async () => {
        await admin.signIn("admin", "a wrong password");
        expect(await look("sign_in")).toEqual([]);
      });

      it("the form with its previews", async () => {
        await admin.signIn("admin", PASSWORD);
        await admin.compose(letter);
        await page.evaluate("document.querySelector('#compose details').open = true");
        await admin.press("preview");
        await says(page, "previews", "31 devices; nothing was sent.");
        await says(page, "reach", "Reaches 31 devices.");
        expect(await look("compose")).toEqual([]);
      });

      it("what came of it, some of it bad", async () => {
        const { outcomes } = await admin.broadcast(letter);
        expect(outcomes).toEqual({ accepted: 26, UNREGISTERED: 3, RATE_LIMITED: 2 });
        expect(await look("sent")).toEqual([]);
      });

      it("a broadcast under way tells how far it is, also while the rest is slow, and can be stopped", async () => {
        const [, slow = "", slower = ""] = await addDevices(3);
        for (const device_token of [slow, slower]) push.service.fault("stall", { device_token });
        await admin.compose({ title: "Last call" });
        await says(page, "reach", "Reaches 31 devices.");
        await admin.press("send");
        await says(page, "progress_text", /^29 of 31/);
        expect(await look("sending")).toEqual([]);
        await admin.press("stop");
        await says(page, "progress_title", "Stopped");
      });

      it.each([
        ["history", "#broadcasts li"],
        ["subscribers", "#subscriber_rows tr"],
        ["statistics", "#codes tr"],
        ["team", "#users li"],
      ] as const)("%s", async (view, filled) => {
        await admin.open(view);
        await page.waitForSelector(filled);
        expect(await look(view)).toEqual([]);
        expect(admin.errors).toEqual([]);
      });
    });

    it("by keyboard alone somebody subscribes, chooses topics and has a test sent, and always sees where they are", async () => {
      const page = await newTab("granted");
      const visitor = subscriberIn(page);
      const keyboard = new Keyboard(page);
      await page.bringToFront();
      await visitor.open();
      await visitor.hasState("unsubscribed");
      await keyboard.goTo("#subscribe");
      await keyboard.press("Enter");
      await visitor.hasState("subscribed");
      // The button that had the focus has made way for its opposite.
      expect(await keyboard.place()).toBe("unsubscribe");
      await keyboard.goTo("#test");
      await keyboard.press("Enter");
      await visitor.listed("It works");
      await keyboard.goTo("[name=topic][value=offers]");
      await keyboard.press(" ");
      await keyboard.goTo("#preferences_form button");
      await keyboard.press("Enter");
      await says(page, "preferences_status", "Saved.");
      const [row] = await app.store.page({ segment: { device_ids: [await visitor.deviceId()] } });
      expect(row?.tags).toEqual(["offers"]);
      await keyboard.goTo("#unsubscribe", "back");
      await keyboard.press(" ");
      await visitor.hasState("unsubscribed");
      expect(await keyboard.place()).toBe("subscribe");
      expect([keyboard.unseen, visitor.errors]).toEqual([[], []]);
      await page.close();
    });

    it("by keyboard alone the admin signs in, writes, sends, looks into the history and signs out", async () => {
      const page = await newTab();
      const admin = new AdminPage(page, app.url);
      const keyboard = new Keyboard(page);
      await page.bringToFront();
      await page.goto(`${app.url}/admin`);
      await keyboard.goTo("#name");
      await keyboard.type("admin");
      await keyboard.goTo("#password");
      await keyboard.type(PASSWORD);
      await keyboard.press("Enter");
      await says(page, "who", "admin (admin)");

      await keyboard.goTo("#title");
      await keyboard.type("Typed");
      await keyboard.goTo("[name=audience]:checked");
      await keyboard.press("ArrowRight");
      await keyboard.goTo("#tags");
      await keyboard.type("news");
      await says(page, "reach", /^Reaches \d+ devices?\.$/);
      await keyboard.goTo("#send");
      await keyboard.press("Enter");
      await says(page, "progress_title", /^(Sent|Stopped)$/);
      expect(admin.questions).toEqual([expect.stringMatching(/^Send “Typed” to \d+ devices?\?$/)]);

      await keyboard.goTo('.tabs a[href="#history"]', "back");
      await keyboard.press("Enter");
      await says(page, "broadcasts", /^Typed/);
      expect(await keyboard.place()).toBe("main");
      await keyboard.goTo("#sign_out", "back");
      await keyboard.press("Enter");
      await expect.poll(() => page.url(), WAIT).toBe(`${app.url}/admin/sign-in`);
      expect([keyboard.unseen, admin.errors]).toEqual([[], []]);
      await page.close();
    });
  },
);
