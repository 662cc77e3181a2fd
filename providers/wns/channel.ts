import {
  checkEndpoint,
  type EndpointPolicy,
  isRejection,
  type Rejection,
  reject,
} from "../../src/provider_kit.js";

/** A channel URI after the check. */
export interface Channel {
  /** As it was given: WNS puts percent escapes into it and means them. */
  readonly uri: string;
  /** `https://host[:port]`. */
  readonly origin: string;
}

/**
 * Reads a channel URI, `https://….notify.windows.com/?token=…`. The bearer token goes wherever it points to, so its host is
 * parsed and compared by labels
 * (https://learn.microsoft.com/windows/apps/develop/notifications/push-notifications/wns-overview). Never throws.
 */
export function parseChannel(value: unknown, policy: EndpointPolicy): Channel | Rejection {
  if (typeof value !== "string") {
    return reject(
      "INVALID_TOKEN",
      "device_token: expected a channel URI, https://….notify.windows.com/?token=…",
    );
  }
  const url = checkEndpoint(value, policy);
  if (isRejection(url)) return url;
  if (!url.searchParams.get("token")) {
    return reject("INVALID_TOKEN", "device_token: a channel URI has a token in its query (?token=…)");
  }
  return { uri: value, origin: url.origin };
}
