import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { createPrivateFile, readPrivateFile, writePrivateFile } from "../private_file.mjs";
import { hashPassword, isPassword } from "./passwords.mjs";

/** An `admin` may do all, a `viewer` may look. */
export const ROLES = /** @type {const} */ (["admin", "viewer"]);

/** Characters of a password. */
export const LEAST_PASSWORD = 10;

/** @typedef {typeof ROLES[number]} Role */
/** @typedef {{ name: string, role: Role }} Account */
/** @typedef {Account & { password_hash: string }} StoredAccount */

/** Whoever may sign in, in a file of its own. */
export class Accounts {
  #path;
  #accounts;
  /** @type {Promise<unknown>} */
  #last_change = Promise.resolve();

  /**
   * @param {string} path
   * @param {readonly StoredAccount[]} accounts
   */
  constructor(path, accounts) {
    this.#path = path;
    this.#accounts = new Map(accounts.map((account) => [account.name, account]));
  }

  /**
   * On the first start there is an `admin`, with the given password or with a new one, which is told this once.
   *
   * @param {string} folder
   * @param {string} [admin_password]
   * @returns {Promise<{ accounts: Accounts, first_password: string | undefined }>}
   */
  static async open(folder, admin_password) {
    const path = join(folder, "accounts.json");
    const read = async () => /** @type {StoredAccount[] | undefined} */ (await readPrivateFile(path));
    const known = await read();
    if (known) return { accounts: new Accounts(path, known), first_password: undefined };
    if (admin_password !== undefined && admin_password.length < LEAST_PASSWORD) {
      throw new Error(`the admin's password: expected at least ${LEAST_PASSWORD} characters`);
    }
    const password = admin_password ?? randomBytes(15).toString("base64url");
    const admin = { name: "admin", role: ROLES[0], password_hash: await hashPassword(password) };
    const is_first = await createPrivateFile(path, [admin]);
    const accounts = new Accounts(path, (await read()) ?? []);
    return { accounts, first_password: is_first && !admin_password ? password : undefined };
  }

  /** @returns {Account[]} */
  list() {
    return [...this.#accounts.values()].map(({ name, role }) => ({ name, role }));
  }

  /**
   * @param {string} name
   * @returns {Account | undefined}
   */
  find(name) {
    return this.list().find((account) => account.name === name);
  }

  /**
   * Takes as long for an unknown name.
   *
   * @param {string} name
   * @param {string} password
   */
  async isPassword(name, password) {
    return isPassword(this.#accounts.get(name)?.password_hash, password);
  }

  /**
   * False when there is one of this name.
   *
   * @param {Account & { password: string }} account
   */
  async add({ name, role, password }) {
    const account = { name, role, password_hash: await hashPassword(password) };
    return this.#change(() => !this.#accounts.has(name) && this.#accounts.set(name, account));
  }

  /**
   * False when there is none of this name, any more perhaps.
   *
   * @param {string} name
   * @param {string} password
   */
  async changePassword(name, password) {
    const password_hash = await hashPassword(password);
    return this.#change(() => {
      const account = this.#accounts.get(name);
      return account && this.#accounts.set(name, { ...account, password_hash });
    });
  }

  /**
   * False when there is none of this name.
   *
   * @param {string} name
   */
  async remove(name) {
    return this.#change(() => this.#accounts.delete(name));
  }

  /**
   * One after the other, and written before it is answered for.
   *
   * @param {() => unknown} change Whether it changed anything.
   * @returns {Promise<boolean>}
   */
  #change(change) {
    const turn = this.#last_change
      .catch(() => {})
      .then(async () => {
        if (!change()) return false;
        await writePrivateFile(this.#path, [...this.#accounts.values()]);
        return true;
      });
    this.#last_change = turn;
    return turn;
  }
}
