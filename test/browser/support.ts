import { createECDH } from "node:crypto";
import { createPushClient, type PushClient, type PushClientOptions } from "../../src/browser/index.js";
import { FakeBrowser } from "./fake_browser.js";
import { usePushApi } from "./push_api.js";

export const KEY = newKey();
export const OTHER_KEY = newKey();

/** A server for each test, and clients of it. */
export function useServer() {
  const server = usePushApi(KEY);
  return Object.assign(server, {
    /** A client on a page of `browser`. */
    client(options: Partial<PushClientOptions> = {}): PushClient {
      const { api_base } = server;
      return createPushClient({ service_worker_url: "/sw.js", api_base, ...options });
    },
  });
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
