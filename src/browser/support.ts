import { PushClientError } from "../service_worker/shared/errors.js";

/** Why this page can have no push, whatever the user wants. */
export type Obstacle = "insecure_context" | "needs_home_screen" | "unsupported";

export function findObstacle(): Obstacle | undefined {
  if (globalThis.isSecureContext === false) return "insecure_context";
  // A server that renders the page has not even a navigator.
  if (typeof navigator === "undefined") return "unsupported";
  if ("serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis) {
    return undefined;
  }
  return isAppleMobile() && !isInstalled() ? "needs_home_screen" : "unsupported";
}

export function assertPossible(): void {
  const obstacle = findObstacle();
  if (obstacle) throw OBSTACLES[obstacle]();
}

const OBSTACLES: Readonly<Record<Obstacle, () => PushClientError>> = {
  insecure_context: () =>
    new PushClientError("INSECURE_CONTEXT", "push needs a page that came over https, or from localhost"),
  needs_home_screen: () =>
    new PushClientError(
      "NEEDS_HOME_SCREEN",
      "push needs this site on the home screen: Share, Add to Home Screen",
    ),
  unsupported: () => new PushClientError("UNSUPPORTED", "this browser has no push notifications"),
};

/** An iPad calls itself a Mac, but Macs have no touch screen. */
function isAppleMobile(): boolean {
  const { userAgent, platform, maxTouchPoints } = navigator;
  return /iPhone|iPad|iPod/.test(userAgent) || (platform === "MacIntel" && maxTouchPoints > 1);
}

function isInstalled(): boolean {
  return (navigator as { standalone?: boolean }).standalone === true;
}
