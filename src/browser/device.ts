import { within } from "../service_worker/shared/deadline.js";
import { storedDeviceId } from "../service_worker/shared/device.js";

const LOCAL_KEY = "pushmux.device_id";

/** Where IndexedDB is closed to the page, an id that the worker does not know is better than none. */
export async function deviceId(timeout_seconds: number): Promise<string> {
  try {
    return await within(timeout_seconds, "reading the device's id", storedDeviceId());
  } catch {
    return localId();
  }
}

export function deviceInfo(): Record<string, string> {
  const { userAgent, platform, language } = navigator;
  return { userAgent, platform, language };
}

function localId(): string {
  try {
    const id = localStorage.getItem(LOCAL_KEY) ?? crypto.randomUUID();
    localStorage.setItem(LOCAL_KEY, id);
    return id;
  } catch {
    return crypto.randomUUID();
  }
}
