import { createECDH } from "node:crypto";
import { afterEach, beforeEach, vi } from "vitest";
import { createPushClient, type PushClient, type PushClientOptions } from "../../src/browser/index.js";
import { FakeBrowser } from "./fake_browser.js";
import { type PushApi, startPushApi } from "./push_api.js";

export const KEY = newKey();
export const OTHER_KEY = newKey();

/** A server for each test; whatever a test puts in place of a browser is gone after it. */
export function useServer() {
  let running: Awaited<ReturnType<typeof startPushApi>>;
  beforeEach(async () => {
    running = await startPushApi(KEY);
  });
  afterEach(async () => {
    vi.unstubAllGlobals();
    await running.close();
  });
  return {
    get api(): PushApi {
      return running.api;
    },
    /** A client on a page of `browser`. */
    client(options: Partial<PushClientOptions> = {}): PushClient {
      const { api_base } = running;
      return createPushClient({ service_worker_url: "/sw.js", api_base, ...options });
    },
  };
}

/** A browser whose user has subscribed. */
export async function subscribed(client: () => PushClient) {
  const browser = new FakeBrowser();
  const own = client();
  const subscription = await browser.click(() => own.subscribe());
  return { browser, client: own, subscription };
}

/** The error that a promise is rejected with. */
export async function refusal(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error("it was not refused");
    },
    (error: unknown) => error,
  );
}

function newKey(): string {
  return createECDH("prime256v1").generateKeys("base64url");
}
