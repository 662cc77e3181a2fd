import { isIPv6 } from "node:net";

/**
 * The proxy for a request, or undefined for a direct connection. `setting` is a proxy's URL or `"env"`: then HTTPS_PROXY
 * and NO_PROXY decide; of the two spellings of each the lower-case one wins, as in curl.
 * Throws `PROXY_URL_INVALID`, without the URL in its text, when that cannot be used.
 */
export function proxyFor(
  target: URL,
  setting: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): URL | undefined {
  if (setting !== "env") return setting ? parseProxy(setting) : undefined;
  const proxy = env.https_proxy || env.HTTPS_PROXY;
  if (!proxy || isExempt(target, env.no_proxy || env.NO_PROXY || "")) return undefined;
  return parseProxy(proxy.includes("://") ? proxy : `http://${proxy}`);
}

/** The value of Proxy-Authorization (RFC 7617) for a proxy whose URL carries credentials. */
export function proxyAuthorization(proxy: URL): string | undefined {
  if (proxy.username === "" && proxy.password === "") return undefined;
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return `Basic ${Buffer.from(credentials).toString("base64")}`;
}

function parseProxy(text: string): URL {
  try {
    const url = new URL(text);
    proxyAuthorization(url);
    if (url.protocol === "http:" || url.protocol === "https:") return url;
  } catch {}
  throw Object.assign(new TypeError("the proxy is not an http or https URL"), { code: "PROXY_URL_INVALID" });
}

/** As curl and Go read it: a name covers its subdomains, an entry may carry a port, `*` is everything. */
function isExempt(target: URL, no_proxy: string): boolean {
  const host = target.hostname.replace(/^\[|\]$/g, "");
  const entries = no_proxy.toLowerCase().split(/[\s,]+/);
  return entries.some((entry) => {
    if (entry === "*") return true;
    const [, name = entry, port] = isIPv6(entry) ? [] : (/^(.*?)(?::(\d+))?$/.exec(entry) ?? []);
    if (port !== undefined && port !== (target.port || "443")) return false;
    const suffix = name.replace(/^\*?\.|\.$|[[\]]/g, "");
    return suffix !== "" && (host === suffix || host.endsWith(`.${suffix}`));
  });
}
