import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

/**
 * What one guess costs: 32 MiB and some 100 ms. It stands in each hash, so that it can be raised later.
 * https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
const COST = { N: 2 ** 15, r: 8, p: 3 };
const KEY_BYTES = 32;

/** Of no password: an unknown name costs as much time as a known one. */
const NOBODY = format(COST, randomBytes(16), randomBytes(KEY_BYTES));

/**
 * `scrypt$N$r$p$salt$key`, with a salt of its own (https://www.rfc-editor.org/rfc/rfc7914).
 *
 * @param {string} password
 */
export async function hashPassword(password) {
  const salt = randomBytes(16);
  return format(COST, salt, await derive(password, salt, COST));
}

/**
 * @param {string | undefined} hash Undefined: of an unknown name.
 * @param {string} password
 */
export async function isPassword(hash, password) {
  const [, N, r, p, salt = "", key = ""] = (hash ?? NOBODY).split("$");
  const expected = Buffer.from(key, "base64url");
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  const given = await derive(password, Buffer.from(salt, "base64url"), cost);
  return timingSafeEqual(given, expected) && hash !== undefined;
}

/**
 * @param {string} password
 * @param {Buffer} salt
 * @param {typeof COST} cost
 * @returns {Promise<Buffer>}
 */
function derive(password, salt, cost) {
  // The same letters can be typed in more than one way.
  const text = password.normalize("NFKC");
  return new Promise((resolve, reject) => {
    scrypt(text, salt, KEY_BYTES, { ...cost, maxmem: 256 * cost.N * cost.r }, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}

/**
 * @param {typeof COST} cost
 * @param {Buffer} salt
 * @param {Buffer} key
 */
function format({ N, r, p }, salt, key) {
  return ["scrypt", N, r, p, salt.toString("base64url"), key.toString("base64url")].join("$");
}
