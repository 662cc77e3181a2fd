import { createECDH } from "node:crypto";
import { expect, it } from "vitest";
import { createSecrets, SECRETS_BYTES } from "../../../providers/web_push/secrets.js";

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const bytes = (number: bigint) => Buffer.from(number.toString(16).padStart(64, "0"), "hex");

/** Secrets out of these private keys, then of more that all are 7; the salts count up. */
function drawing(...keys: readonly bigint[]) {
  let drawn = 0;
  return createSecrets((random) => {
    for (let at = 0; at < random.length; at += SECRETS_BYTES) {
      random.set(bytes(keys[drawn] ?? 7n), at);
      random.fill(drawn++, at + 32, at + SECRETS_BYTES);
    }
  });
}

it("every message has a key and a salt that no other has", () => {
  const draw = createSecrets();
  const all = Array.from({ length: 1000 }, draw);
  expect(new Set(all.map(({ private_key }) => private_key.toString("hex"))).size).toBe(1000);
  expect(new Set(all.map(({ salt }) => salt.toString("hex"))).size).toBe(1000);
  expect(all.every(({ private_key, salt }) => private_key.length === 32 && salt.length === 16)).toBe(true);
});

it("what was handed out does not change when more is drawn", () => {
  const draw = createSecrets();
  const first = draw();
  const before = Buffer.concat([first.private_key, first.salt]);
  for (let i = 0; i < 200; i++) draw();
  expect(Buffer.concat([first.private_key, first.salt])).toEqual(before);
});

it.each([
  ["0", 0n],
  ["the order", ORDER],
  ["more than the order", ORDER + 1n],
  ["all ones", 2n ** 256n - 1n],
])("%s is no private key: the next is taken, with its own salt", (_title, number) => {
  const { private_key, salt } = drawing(number, number, 5n)();
  expect(private_key).toEqual(bytes(5n));
  expect(salt).toEqual(Buffer.alloc(16, 2));
});

it.each([
  ["1", 1n],
  ["the order less 1", ORDER - 1n],
])("%s is the least, or the greatest, and node takes it", (_title, number) => {
  const { private_key } = drawing(number)();
  expect(private_key).toEqual(bytes(number));
  expect(() => createECDH("prime256v1").setPrivateKey(private_key)).not.toThrow();
});
