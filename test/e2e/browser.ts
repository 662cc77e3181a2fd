import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer, { type Browser } from "puppeteer-core";

export interface Firefox {
  readonly browser: Browser;
  /** Ends the browser, whatever state it is in, and removes all that it wrote. */
  close(): Promise<void>;
}

/** A headless Firefox with a profile of its own, whose push service is `push_url` (`ws:`), and which reaches loopback only. */
export async function startFirefox(executablePath: string, push_url: string): Promise<Firefox> {
  const home = await mkdtemp(join(tmpdir(), "pushmux-firefox-"));
  // A browser is many processes, and they are killed together: puppeteer makes the first one the leader of a group.
  const life = new AbortController();
  const end = async (child?: ChildProcess | null) => {
    const runs = child && child.exitCode === null && child.signalCode === null;
    const exit = runs ? once(child, "exit") : undefined;
    life.abort();
    await exit;
    await rm(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  };
  try {
    const browser = await puppeteer.launch({
      browser: "firefox",
      executablePath,
      headless: true,
      userDataDir: home,
      // Notifications are windows of the browser's own: to click on one takes access to its chrome.
      args: ["--remote-allow-system-access"],
      env: { ...process.env, HOME: home, TMPDIR: home },
      extraPrefsFirefox: preferences(push_url),
      signal: life.signal,
      timeout: 45_000,
      protocolTimeout: 30_000,
    });
    return { browser, close: () => end(browser.process()) };
  } catch (error) {
    await end();
    throw error;
  }
}

function preferences(push_url: string): Record<string, string | number | boolean> {
  return {
    "dom.push.serverURL": push_url,
    "dom.push.testing.allowInsecureServerURL": true,
    // WebDriver's own preferences switch it off.
    "dom.push.connection.enabled": true,
    "dom.push.retryBaseInterval": 200,
    "permissions.default.desktop-notification": 1,
    // Without a desktop the system's notifications fail; Firefox's own windows work headless.
    "alerts.useSystemBackend": false,
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
