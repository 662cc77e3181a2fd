import { Refused } from "../requests.mjs";
import { Attempts } from "./attempts.mjs";
import { readSessionId, Sessions } from "./sessions.mjs";

/** Guesses per quarter of an hour: at one name from everywhere, and from one address at all names. */
const MOST_PER_NAME = 10;
const MOST_PER_ADDRESS = 30;

/** @typedef {import("./accounts.mjs").Account} Account */

/** Who may come in, and who is in. */
export class Gate {
  #accounts;
  #sessions;
  #by_name;
  #by_address;
  #log;

  /**
   * @param {object} parts
   * @param {import("./accounts.mjs").Accounts} parts.accounts
   * @param {import("../log.mjs").Log} parts.log
   * @param {() => number} parts.now
   */
  constructor({ accounts, log, now }) {
    this.#accounts = accounts;
    this.#sessions = new Sessions(now);
    this.#by_name = new Attempts(MOST_PER_NAME, now);
    this.#by_address = new Attempts(MOST_PER_ADDRESS, now);
    this.#log = log;
  }

  /**
   * Whether it is their password.
   *
   * @param {{ name: string, password: string, address: string }} attempt
   * @throws Refused 429
   */
  async isPassword({ name, password, address }) {
    const wait = Math.max(this.#by_address.take(address), this.#by_name.take(name));
    if (wait > 0) {
      this.#log("info", "sign-in refused: too many attempts", { address });
      throw new Refused(429, "too many attempts; try again later", { retry_after: wait });
    }
    const is_right = await this.#accounts.isPassword(name, password);
    if (is_right) this.#by_name.forget(name);
    else this.#log("info", "sign-in failed", { address });
    return is_right;
  }

  /**
   * A new session in place of the one that the request has.
   *
   * @param {Request} request
   * @param {string} name
   */
  open(request, name) {
    this.close(request);
    return this.#sessions.start(name);
  }

  /** @param {Request} request */
  close(request) {
    this.#sessions.end(readSessionId(request));
  }

  /**
   * Every session of somebody.
   *
   * @param {string} name
   */
  closeAllOf(name) {
    this.#sessions.endAllOf(name);
  }

  /**
   * Who is in.
   *
   * @param {Request} request
   * @returns {Account | undefined}
   */
  find(request) {
    const name = this.#sessions.find(readSessionId(request));
    return name === undefined ? undefined : this.#accounts.find(name);
  }

  /**
   * @param {Request} request
   * @throws Refused 401
   */
  signedIn(request) {
    const account = this.find(request);
    if (!account) throw new Refused(401, "sign in first");
    return account;
  }

  /**
   * @param {Request} request
   * @throws Refused 401 or 403
   */
  adminOnly(request) {
    const account = this.signedIn(request);
    if (account.role !== "admin") throw new Refused(403, "only an admin may do this");
    return account;
  }
}
