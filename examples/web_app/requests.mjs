/** What is wrong with a request, for whoever sent it. */
export class Refused extends Error {
  /**
   * @param {400 | 401 | 403 | 404 | 409 | 413 | 415 | 429} code
   * @param {string} message
   * @param {{ field?: string, retry_after?: number }} [details]
   */
  constructor(code, message, details = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

const MOST_CHARACTERS = 16_384;

/**
 * The JSON object that a page of this site has sent. Another site's page can send no JSON without being asked first by its
 * browser, and cannot say that it is ours: https://www.w3.org/TR/fetch-metadata/
 *
 * @param {Request} request
 * @param {string | undefined} public_url
 * @returns {Promise<Record<string, unknown>>}
 */
export async function readJson(request, public_url) {
  if (!isOwnPage(request, public_url)) throw new Refused(403, "pages of other sites may not ask here");
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get("content-type") ?? "")) {
    throw new Refused(415, "expected content-type: application/json");
  }
  const value = parse(await readText(request));
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new Refused(400, "expected a JSON object");
}

/**
 * @param {Record<string, unknown>} body
 * @param {string} field
 * @param {{ least?: number, most: number }} length
 */
export function readString(body, field, { least = 1, most }) {
  const { [field]: value } = body;
  if (typeof value === "string" && value.length >= least && value.length <= most) return value;
  throw new Refused(400, `${field}: expected ${least} to ${most} characters`, { field });
}

/**
 * @param {Request} request
 * @param {string | undefined} public_url
 */
function isOwnPage({ headers, url }, public_url) {
  const site = headers.get("sec-fetch-site");
  const origin = headers.get("origin");
  if (site !== null) return site === "same-origin" || site === "none";
  return origin === null || origin === new URL(public_url ?? url).origin;
}

/** @param {Request} request */
async function readText({ body }) {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MOST_CHARACTERS) throw new Refused(413, "the body is too large");
  }
  return text + decoder.decode();
}

/**
 * @param {string} text
 * @returns {unknown}
 */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused(400, "the body is no JSON");
  }
}
