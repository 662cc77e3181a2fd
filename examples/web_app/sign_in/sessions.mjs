import { createHash, randomBytes } from "node:crypto";

const HOUR_MS = 3_600_000;
/** A session ends so long after its sign-in, or after its last use. */
const LONGEST_MS = 12 * HOUR_MS;
const IDLE_MS = 2 * HOUR_MS;
const COOKIE = "pushmux_session";

/** @typedef {{ name: string, started_ms: number, used_ms: number }} Session */

/** Who is signed in. The browser has a random id, we have its hash: nothing here can be used to sign in. */
export class Sessions {
  /** @type {Map<string, Session>} */
  #sessions = new Map();
  #now;

  /** @param {() => number} now */
  constructor(now) {
    this.#now = now;
  }

  /**
   * Always a new id, so that nobody can have planted it.
   *
   * @param {string} name
   */
  start(name) {
    for (const [key, session] of this.#sessions) if (this.#isOver(session)) this.#sessions.delete(key);
    const id = randomBytes(32).toString("base64url");
    this.#sessions.set(keyOf(id), { name, started_ms: this.#now(), used_ms: this.#now() });
    return id;
  }

  /**
   * The name of whoever is signed in.
   *
   * @param {string | undefined} id
   */
  find(id) {
    const session = id === undefined ? undefined : this.#sessions.get(keyOf(id));
    if (!session || this.#isOver(session)) return undefined;
    session.used_ms = this.#now();
    return session.name;
  }

  /** @param {string | undefined} id */
  end(id) {
    if (id !== undefined) this.#sessions.delete(keyOf(id));
  }

  /**
   * Everywhere.
   *
   * @param {string} name
   */
  endAllOf(name) {
    for (const [key, session] of this.#sessions) if (session.name === name) this.#sessions.delete(key);
  }

  /** @param {Session} session */
  #isOver({ started_ms, used_ms }) {
    const now_ms = this.#now();
    return now_ms - started_ms >= LONGEST_MS || now_ms - used_ms >= IDLE_MS;
  }
}

/** @param {Request} request */
export function readSessionId({ headers }) {
  const pairs = (headers.get("cookie") ?? "").split(/; */).map((pair) => pair.split("="));
  return pairs.find(([name]) => name === COOKIE)?.[1];
}

/**
 * `Set-Cookie`. Lax, so that a link to the admin's page from elsewhere finds whoever is signed in; what changes anything
 * asks for the origin of the request besides.
 *
 * @param {string} id Empty: the cookie is taken away.
 * @param {boolean} is_secure
 */
export function sessionCookie(id, is_secure) {
  const seconds = id ? LONGEST_MS / 1000 : 0;
  const secure = is_secure ? "; Secure" : "";
  return `${COOKIE}=${id}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`;
}

/** @param {string} id */
function keyOf(id) {
  return createHash("sha256").update(id).digest("base64url");
}
