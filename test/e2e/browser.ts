import type { Browser } from "puppeteer-core";
import { type BrowserProcess, newHome, removeHome, startBrowser } from "./browser_process.js";

export interface Firefox {
  readonly browser: Browser;
  /** Ends the browser, whatever state it is in, and removes all that it wrote. */
  close(): Promise<void>;
}

export interface FirefoxOptions {
  /** The D-Bus of the desktop that shows notifications. Default: windows of the browser's own show them. */
  readonly bus_address?: string | undefined;
  readonly preferences?: Preferences | undefined;
  /** Lets its driver into what belongs to the browser itself. Default false. */
  readonly system_access?: boolean | undefined;
}

type Preferences = Readonly<Record<string, string | number | boolean>>;

/** A headless Firefox with a profile of its own, whose push service is `push_url` (`ws:`), and which reaches loopback only. */
export async function startFirefox(
  executablePath: string,
  push_url: string,
  options: FirefoxOptions = {},
): Promise<Firefox> {
  const home = await newHome();
  try {
    const { browser, kill } = await startFirefoxIn(home, executablePath, push_url, options);
    const close = () => kill().then(() => removeHome(home));
    return { browser, close };
  } catch (error) {
    await removeHome(home);
    throw error;
  }
}

/** With the profile in `home`; there is none yet the first time. */
export function startFirefoxIn(
  home: string,
  executablePath: string,
  push_url: string,
  { bus_address, preferences: more, system_access }: FirefoxOptions,
): Promise<BrowserProcess> {
  return startBrowser(home, {
    browser: "firefox",
    executablePath,
    args: system_access ? ["--remote-allow-system-access"] : [],
    env: { DBUS_SESSION_BUS_ADDRESS: bus_address ?? "disabled:" },
    // Without a desktop the system's notifications fail; Firefox's own windows work headless.
    extraPrefsFirefox: {
      ...preferences(push_url),
      "alerts.useSystemBackend": bus_address !== undefined,
      ...more,
    },
  });
}

function preferences(push_url: string): Preferences {
  return {
    "dom.push.serverURL": push_url,
    "dom.push.testing.allowInsecureServerURL": true,
    // WebDriver's own preferences switch it off.
    "dom.push.connection.enabled": true,
    "dom.push.retryBaseInterval": 200,
    "permissions.default.desktop-notification": 1,
    // With the default, 3, the promise of the fourth such notification never settles.
    "dom.webnotifications.requireinteraction.count": 100,
    // Nothing but loopback: everything else goes to a proxy that is not there.
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.no_proxies_on": "localhost, 127.0.0.1",
    "network.proxy.allow_bypass": false,
    "network.proxy.failover_direct": false,
    "network.dns.disablePrefetch": true,
    "network.trr.mode": 5,
  };
}
