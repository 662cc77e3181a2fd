import { Autopush, startAutopush } from "./autopush.js";
import { startFirefoxIn } from "./browser.js";
import { BrowserPerson } from "./person.js";
import type { LaunchOptions, Person, RealBrowser } from "./real_browser.js";

/** Firefox, with Mozilla's push service. */
export function firefoxAt(path: string): RealBrowser {
  return {
    name: "firefox",
    startPushService: startAutopush,
    launch: (options) => launch(path, options),
  };
}

async function launch(path: string, options: LaunchOptions): Promise<Person> {
  const { push, origin, permission, desktop } = options;
  if (!(push instanceof Autopush)) throw new TypeError("Firefox knows no other push service than Mozilla's");
  return BrowserPerson.launch({
    start: (home) =>
      startFirefoxIn(home, path, push.push_url, {
        bus_address: desktop?.bus_address,
        preferences: { "permissions.default.desktop-notification": permission === "granted" ? 1 : 2 },
      }),
    block: (browser) =>
      browser
        .defaultBrowserContext()
        .setPermission(origin, { permission: { name: "notifications" }, state: "denied" }),
  });
}
