import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "puppeteer-core";
import { startBrowser } from "./browser_process.js";
import { Gcm, startGcm } from "./gcm.js";
import { BrowserPerson } from "./person.js";
import type { LaunchOptions, Person, RealBrowser } from "./real_browser.js";

/** Chromium, with Google's push service. Not its headless shell: that one shows no notifications. */
export function chromiumAt(path: string): RealBrowser {
  return {
    name: "chromium",
    startPushService: startGcm,
    launch: (options) => launch(path, options),
  };
}

async function launch(path: string, options: LaunchOptions): Promise<Person> {
  const { push, origin, permission, desktop } = options;
  if (!(push instanceof Gcm)) throw new TypeError("Chromium knows no other push service than Google's");
  return BrowserPerson.launch({
    async start(home) {
      await writePreferences(join(home, "Default"), permission);
      return startBrowser(home, {
        executablePath: path,
        // It ends with us, however we end.
        pipe: true,
        args: [...SWITCHES, ...push.switches],
        env: {
          DBUS_SESSION_BUS_ADDRESS: desktop?.bus_address ?? "disabled:",
          DBUS_SYSTEM_BUS_ADDRESS: "disabled:",
        },
      });
    },
    block: (browser) => block(browser, origin),
  });
}

const SWITCHES = [
  // Root has no use for one, and may have none.
  "--no-sandbox",
  "--disable-component-update",
  // Nothing but loopback.
  "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE *.localhost , EXCLUDE 127.0.0.1",
];

/** As if somebody had chosen that for all sites. What DevTools can override is forgotten when the browser ends. */
async function writePreferences(profile: string, permission: "granted" | "denied"): Promise<void> {
  if (existsSync(profile)) return;
  const notifications = permission === "granted" ? 1 : 2;
  const preferences = { profile: { default_content_setting_values: { notifications } } };
  await mkdir(profile);
  await writeFile(join(profile, "Preferences"), JSON.stringify(preferences));
}

/** What the page of the settings does when somebody chooses "Block"; once the question after it is answered, it is done. */
async function block(browser: Browser, origin: string): Promise<void> {
  const site = JSON.stringify(origin);
  const settings = await browser.newPage();
  await settings.goto("chrome://settings/content");
  await settings.evaluate(`import("chrome://resources/js/cr.js").then(({ sendWithPromise }) => {
    chrome.send("setOriginPermissions", [${site}, "notifications", "block"]);
    return sendWithPromise("getOriginPermissions", ${site}, ["notifications"]);
  })`);
  await settings.close();
}
