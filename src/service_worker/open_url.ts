/**
 * Brings the user to a URL: to the window that shows it, else to a new one.
 *
 * @param urls Of these, the first that a window can show; relative ones are below the worker's scope. None: the scope.
 */
export async function openUrl(
  { clients, registration: { scope } }: ServiceWorkerGlobalScope,
  urls: readonly unknown[],
): Promise<void> {
  const href = urls.map((url) => resolve(url, scope)).find((url) => url !== undefined) ?? scope;
  const windows = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const found = windows.find((window) => window.url === href);
  // A window may be closed, or refuse, in the meantime.
  const focused = await found?.focus().catch(() => undefined);
  if (!focused) await clients.openWindow(href);
}

function resolve(url: unknown, base: string): string | undefined {
  if (typeof url !== "string") return undefined;
  try {
    const { protocol, href } = new URL(url, base);
    return /^https?:$/.test(protocol) ? href : undefined;
  } catch {
    return undefined;
  }
}
