import { within } from "../service_worker/shared/deadline.js";
import { PushClientError } from "../service_worker/shared/errors.js";
import { assertPossible } from "./support.js";

/** What a person may take for an answer. */
const QUESTION_SECONDS = 300;

/** Resolves when notifications are allowed. A browser asks only while a click counts: call it before anything is awaited. */
export async function askUser(): Promise<void> {
  assertPossible();
  const { permission } = Notification;
  if (permission !== "default") return assertAllowed(permission);
  assertAllowed(await within(QUESTION_SECONDS, "the user's answer", Notification.requestPermission()));
}

export function assertAllowed(permission: NotificationPermission): void {
  if (permission === "denied") {
    throw new PushClientError(
      "PERMISSION_DENIED",
      "notifications are blocked; only the browser's settings for this site can change that",
    );
  }
  if (permission === "default") {
    throw new PushClientError("PERMISSION_DISMISSED", "the user has not allowed notifications yet");
  }
}
