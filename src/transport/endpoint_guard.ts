/**
 * A subscription's endpoint is a URL that a stranger chose and that we are asked to post to. What may be posted to is
 * decided twice: here from the URL alone, and again from the address when a connection is made (`dial.ts`).
 */
import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import { type Rejection, reject } from "../codec.js";
import { isPublicAddress } from "./public_address.js";

/** Which endpoints of strangers may be posted to. */
export interface EndpointPolicy {
  /**
   * Host patterns: `push.example.org`, `*.example.org` (any number of labels before it, but not `example.org` itself),
   * each with an optional `:port` (else 443); `*` is any public host.
   */
  readonly allowed_hosts: readonly string[];
  /** Also private addresses and any port. For tests and for operators who run their own service inside. */
  readonly allow_private_endpoints: boolean;
}

/**
 * Checks an endpoint's URL without touching the network. Returns the parsed URL, without the trailing dot that its host
 * may have; or `ENDPOINT_REFUSED` (`INVALID_TOKEN` when it is no URL at all). Never throws. An endpoint is a secret:
 * messages name its host at most.
 */
export function checkEndpoint(endpoint: string, policy: EndpointPolicy): URL | Rejection {
  if (endpoint.length > MAX_LENGTH) return refuse(`it is longer than ${MAX_LENGTH} characters`);
  const url = parseUrl(endpoint);
  if (!url) return reject("INVALID_TOKEN", "endpoint: expected an absolute URL");
  if (url.protocol !== "https:") return refuse("it is not https");
  const [, authority] = PLAIN_URL.exec(endpoint) ?? [];
  if (authority === undefined) return refuse("it is not written in the plain form of a URL");
  if (authority.includes("@")) return refuse("it carries credentials");

  if (url.hostname.endsWith(".")) url.hostname = url.hostname.slice(0, -1);
  const host = url.hostname;
  if (hasEmptyLabel(host)) return refuse("its host has an empty label");
  const entries = policy.allowed_hosts
    .map(knownPattern)
    .filter((entry): entry is HostPattern => entry !== undefined && matches(entry, host));
  if (entries.length === 0) return refuse(`its host ${shown(host)} is not in allowed_hosts`);
  if (policy.allow_private_endpoints) return url;

  const port = Number(url.port || 443);
  if (!entries.some((entry) => entry.port === port))
    return refuse(`port ${port} is not allowed for its host`);
  const address = withoutBrackets(host);
  const listed = entries.some((entry) => entry.host === host);
  if (isIP(address) ? !isPublicAddress(address) : isPrivateName(host) && !listed) {
    return refuse(`its host ${shown(host)} is not public`);
  }
  return url;
}

/** What is wrong with an entry of `allowed_hosts`, or undefined when nothing is. */
export function checkHostPattern(text: string): string | undefined {
  if (parsePattern(text)) return undefined;
  return 'expected a host ("push.example.org"), "*." and a host, or "*", each with an optional ":port"';
}

const MAX_LENGTH = 2048;

/** Once, where `URL.canParse` and then `new URL` would do it twice for every endpoint that is one. */
function parseUrl(endpoint: string): URL | undefined {
  try {
    return new URL(endpoint);
  } catch {
    return undefined;
  }
}

/**
 * URL parsers forgive white space, backslashes and missing slashes, each in its own way. What two of them could read
 * differently is refused; browsers hand out URLs in this form only. Captures the authority.
 */
const PLAIN_URL = /^https:\/\/([^/?#\\\s]+)(?:[/?#][!-[\]-~]*)?$/i;

/** Star, host, port. */
const HOST_PATTERN = /^(\*\.|\*(?=:|$))?(\[.+\]|[^:*/?#@%[\]\\\s]*)(?::(\d{1,5}))?$/;

interface HostPattern {
  /** As URL spells it: lower case, ASCII. Empty for `*`. */
  readonly host: string;
  readonly wildcard: boolean;
  readonly port: number;
}

const MAX_PATTERNS = 1000;
const patterns = new Map<string, HostPattern | undefined>();

/** Every send asks for all of them again: what a text says is remembered. */
function knownPattern(text: string): HostPattern | undefined {
  const known = patterns.get(text);
  if (known) return known;
  if (patterns.size >= MAX_PATTERNS) patterns.clear();
  const parsed = parsePattern(text);
  patterns.set(text, parsed);
  return parsed;
}

function parsePattern(text: string): HostPattern | undefined {
  const [matched, star, name = "", port = "443"] = HOST_PATTERN.exec(text) ?? [];
  const host = domainToASCII(name).replace(/\.$/, "");
  if (matched === undefined || Number(port) < 1 || Number(port) > 65_535) return undefined;
  if (star === "*" ? name !== "" : host === "" || hasEmptyLabel(host)) return undefined;
  if (star === "*." && isIP(withoutBrackets(host))) return undefined;
  return { host, wildcard: star !== undefined, port: Number(port) };
}

/** Both sides are spelled the same way, so a match of text from a dot on is a match of whole labels. */
function matches({ host: suffix, wildcard }: HostPattern, host: string): boolean {
  if (!wildcard) return host === suffix;
  return suffix === "" || host.endsWith(`.${suffix}`);
}

/** Names that lead to no public address. What counts is the address, when the connection is made; this is sooner. */
function isPrivateName(host: string): boolean {
  return !host.includes(".") || /\.(?:localhost|local|internal|home\.arpa)$/.test(host);
}

function hasEmptyLabel(host: string): boolean {
  return /^$|^\.|\.\.|\.$/.test(host);
}

function withoutBrackets(host: string): string {
  return host.startsWith("[") ? host.slice(1, -1) : host;
}

function refuse(why: string): Rejection {
  return reject("ENDPOINT_REFUSED", `endpoint: ${why}`);
}

function shown(host: string): string {
  return host.length > 80 ? `${host.slice(0, 79)}…` : host;
}
