import { within } from "../service_worker/shared/deadline.js";
import { explain } from "../service_worker/shared/errors.js";
import type { PushClientOptions } from "./types.js";

/** The registration of the client's own worker, if there is one; none of another script that covers the page. */
export async function findWorker(options: PushClientOptions): Promise<ServiceWorkerRegistration | undefined> {
  const script = new URL(options.service_worker_url, document.baseURI);
  const scope = options.scope ? new URL(options.scope, document.baseURI) : new URL("./", script);
  const found = await navigator.serviceWorker.getRegistration(scope.href);
  return found?.scope === scope.href ? found : undefined;
}

/** Registers the worker, and waits until one is active: only then can it subscribe. */
export async function registerWorker(
  { service_worker_url, scope, service_worker_type }: PushClientOptions,
  timeout_seconds: number,
): Promise<ServiceWorkerRegistration> {
  const registering = navigator.serviceWorker.register(service_worker_url, {
    ...(scope !== undefined && { scope }),
    ...(service_worker_type && { type: service_worker_type }),
  });
  const activating = registering.then(async (registration) => {
    await activation(registration);
    return registration;
  });
  return within(timeout_seconds, "starting the service worker", activating).catch(
    explain("WORKER_FAILED", `the service worker ${service_worker_url} could not be started`),
  );
}

/** Not `serviceWorker.ready`: that waits for a worker whose scope this page is in, for ever if need be. */
function activation({ active, waiting, installing }: ServiceWorkerRegistration): Promise<void> {
  const worker = waiting ?? installing;
  if (active || !worker) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const check = () => {
      if (worker.state === "activating" || worker.state === "activated") resolve();
      if (worker.state === "redundant") reject(new Error("the browser has thrown the service worker away"));
    };
    worker.addEventListener("statechange", check);
    check();
  });
}
