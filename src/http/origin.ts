/** Which pages may ask: the handlers' own, and those of `allowed_origins`. One rule for the check and for CORS. */
export interface OriginVerdict {
  readonly allowed: boolean;
  /** For every answer, so that also an error can be read: https://fetch.spec.whatwg.org/#http-cors-protocol */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * A page's script can set neither `Origin` nor `Sec-Fetch-Site`: https://www.w3.org/TR/fetch-metadata/. The latter is asked
 * first, because behind a proxy the handlers do not know their own origin. A client that sends neither is no browser, so
 * nobody's cookies are misused.
 */
export function judgeOrigin({ headers, url }: Request, allowed_origins: readonly string[]): OriginVerdict {
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  if (origin !== null && allowed_origins.includes(origin)) {
    const cors = {
      "access-control-allow-origin": origin,
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": "retry-after",
    };
    return { allowed: true, headers: { ...cors, vary: "origin" } };
  }
  const is_own =
    site !== null
      ? site === "same-origin" || site === "none"
      : origin === null || origin === new URL(url).origin;
  return { allowed: is_own, headers: { vary: "origin" } };
}

/** The answer to OPTIONS; to a preflight of an allowed origin it says what that page may send. */
export function answerOptions(
  request: Request,
  methods: readonly string[],
  verdict: OriginVerdict,
): Response {
  const allow = methods.join(", ");
  const headers = new Headers({ allow });
  const is_preflight = request.headers.has("access-control-request-method");
  if (is_preflight && "access-control-allow-origin" in verdict.headers) {
    headers.set("access-control-allow-methods", allow);
    headers.set("access-control-max-age", "600");
    // The page is trusted: it may send what it likes, a CSRF token of the site for example.
    const wanted = request.headers.get("access-control-request-headers");
    if (wanted) headers.set("access-control-allow-headers", wanted);
    headers.set("vary", "access-control-request-headers");
  }
  return new Response(null, { status: 204, headers });
}
