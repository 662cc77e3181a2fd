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
 * {@link parseChannel} for thousands of channels at the same hosts. In the plain form it is the host alone that decides, so one
 * that passed once is not parsed again.
 */
export function createChannelParser(policy: EndpointPolicy): (value: unknown) => Channel | Rejection {
  const passed = new Map<string, string>();
  return (value) => {
    const [, host = ""] = (typeof value === "string" && PLAIN.exec(value)) || [];
    const origin = passed.get(host);
    if (origin !== undefined && typeof value === "string") return { uri: value, origin };
    const channel = parseChannel(value, policy);
    if (host !== "" && !isRejection(channel)) {
      if (passed.size >= MAX_HOSTS) passed.clear();
      passed.set(host, channel.origin);
    }
    return channel;
  };
}

/** What no two parsers read differently: a host in lower case, a path or none, and a query with a token. Captures the host. */
const PLAIN =
  /^https:\/\/([a-z0-9.-]{1,253}(?::\d{1,5})?)\/[\w./-]{0,200}\?(?:[\w.%-]{1,40}=[\w.%-]{0,200}&)?token=[\w.%-]{1,1200}$/;
const MAX_HOSTS = 1000;

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
