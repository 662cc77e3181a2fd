import { attachPushHandlers, type PushHandlerOptions } from "../../src/service_worker/handlers.js";
import { usePushApi } from "../browser/push_api.js";
import { FakeScope } from "./fake_scope.js";

export const KEY = `B${"A".repeat(86)}`;

/** A server for each test, and workers that know it. */
export function useServer() {
  const server = usePushApi(KEY);
  return Object.assign(server, {
    /** A worker whose handlers are installed. */
    worker(options: PushHandlerOptions = {}): FakeScope {
      const scope = new FakeScope();
      const worker = scope.globals as unknown as ServiceWorkerGlobalScope;
      attachPushHandlers(worker, { api_base: server.api_base, timeout_seconds: 1, ...options });
      return scope;
    },
  });
}
