import { afterEach, beforeEach, vi } from "vitest";
import { attachPushHandlers, type PushHandlerOptions } from "../../src/service_worker/handlers.js";
import { type PushApi, startPushApi } from "../browser/push_api.js";
import { FakeScope } from "./fake_scope.js";

export const KEY = `B${"A".repeat(86)}`;

/** A server for each test. */
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
    get api_base(): string {
      return running.api_base;
    },
    /** A worker whose handlers are installed. */
    worker(options: PushHandlerOptions = {}): FakeScope {
      const scope = new FakeScope();
      const worker = scope.globals as unknown as ServiceWorkerGlobalScope;
      attachPushHandlers(worker, { api_base: running.api_base, timeout_seconds: 1, ...options });
      return scope;
    },
  };
}
