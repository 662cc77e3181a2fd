import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer, { type Browser, type LaunchOptions } from "puppeteer-core";

export interface BrowserProcess {
  readonly browser: Browser;
  /** Ends it, whatever state it is in. Idempotent. */
  kill(): Promise<void>;
}

/** A headless browser, which writes nothing outside of `home`. */
export async function startBrowser(home: string, options: LaunchOptions): Promise<BrowserProcess> {
  // A browser is many processes, and they are killed together: puppeteer makes the first one the leader of a group.
  const life = new AbortController();
  const browser = await puppeteer
    .launch({
      headless: true,
      userDataDir: home,
      timeout: 45_000,
      protocolTimeout: 30_000,
      ...options,
      env: { ...process.env, HOME: home, TMPDIR: home, ...options.env },
      signal: life.signal,
    })
    .catch((error: unknown) => {
      life.abort();
      throw error;
    });
  const kill = async () => {
    const child = browser.process();
    const runs = child && child.exitCode === null && child.signalCode === null;
    const exit = runs ? once(child, "exit") : undefined;
    life.abort();
    await exit;
  };
  return { browser, kill };
}

export function newHome(): Promise<string> {
  return mkdtemp(join(tmpdir(), "pushmux-browser-"));
}

export function removeHome(home: string): Promise<void> {
  return rm(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
