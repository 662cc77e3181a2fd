import { expect } from "vitest";
import type { PushNotificationProvider, PushNotificationResult } from "../../src/index.js";
import { addsUp, DEAD, RETRYABLE, sharesNothing } from "./account.js";
import type { Device, Service } from "./services.js";

export interface Round {
  readonly service: Service;
  readonly provider: PushNotificationProvider;
  readonly devices: readonly Device[];
  /** By index; an iterator that was not read to its end has fewer than there are devices. */
  readonly results: readonly PushNotificationResult[];
  /** What the provider told its logger of its own errors. */
  readonly bugs: readonly object[];
  /** An attempt without an answer may be repeated. */
  readonly repeats: boolean;
  readonly most_attempts: number;
}

/** What holds whatever went wrong. */
export function checkBooks(round: Round): void {
  const { service, provider, devices, results, bugs } = round;
  expect(bugs).toEqual([]);
  const requests = new Map<string, (number | undefined)[]>();
  for (const { device_token = "", status } of service.received)
    requests.set(device_token, [...(requests.get(device_token) ?? []), status]);
  const complaints = results.flatMap((result, index) => {
    const device = devices[index];
    if (!device || result.index !== index || result.device_token !== device.device_token)
      return [`${index}: not in its place`];
    const statuses = requests.get(device.device_token) ?? [];
    const told = { ...result, device_token: undefined, message: undefined };
    return complain(round, result, device.received.length, statuses).map(
      (what) => `${index}: ${what}; service said [${statuses}], ${JSON.stringify(told)}`,
    );
  });
  expect(complaints.slice(0, 3), `${complaints.length} complaints`).toEqual([]);
  for (const { device_token, received } of devices.slice(results.length))
    expect([received.length, requests.get(device_token)], "sent without a result").toEqual([0, undefined]);
  sharesNothing(results);
  addsUp({ provider }, results);
}

function complain(
  { repeats, most_attempts }: Round,
  result: PushNotificationResult,
  processed: number,
  statuses: readonly (number | undefined)[],
): string[] {
  const { attempts, status_code } = result;
  const warned = result.warnings.some(({ type }) => type === "possible_duplicate");
  // An answer of ten megabytes, of which nothing can be read: taken, and not known to be.
  const unreadable = result.error_code === "UNKNOWN_RESPONSE" && status_code === 200;
  const ambiguous = result.success ? warned : result.may_have_been_sent;
  const rules: Readonly<Record<string, boolean>> = {
    "more requests than attempts": statuses.length > attempts,
    "more attempts than allowed": attempts > most_attempts,
    "a status that the service did not say": status_code !== undefined && !statuses.includes(status_code),
    "accepted, and not processed": result.success && processed === 0,
    "processed, and said not to be": !result.success && !ambiguous && !unreadable && processed > 0,
    "processed twice": processed > 1 && !(repeats && ambiguous),
    "a duplicate that nobody allowed": result.success && warned && !repeats,
    "wrongly retryable": !result.success && result.retryable !== isRetryable(result),
    "a token is removed that the service did not call gone":
      !result.success &&
      result.remove_token !== (DEAD.includes(result.error_code) && [404, 410].includes(status_code ?? 0)),
    "never left, and may have been sent": attempts === 0 && ambiguous,
    "a bug": result.error_code === "INTERNAL_ERROR",
  };
  return Object.keys(rules).filter((rule) => rules[rule]);
}

/** What is outside of a service's documentation is judged by its status. */
function isRetryable({ error_code, status_code = 0 }: PushNotificationResult): boolean {
  if (error_code === "UNKNOWN_RESPONSE") return status_code >= 500 || status_code === 429;
  return error_code !== undefined && RETRYABLE.includes(error_code);
}
