import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { createHmac256 } from "../../../providers/web_push/hmac.js";

it("is node's HMAC-SHA-256, whatever was authenticated before", () => {
  const ours = createHmac256();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 32 }), fc.uint8Array({ maxLength: 192 }), (key, message) => {
      expect(ours(key, message)).toEqual(createHmac("sha256", key).update(message).digest());
    }),
  );
});

it("a longer key and a longer message leave nothing behind", () => {
  const ours = createHmac256();
  ours(Buffer.alloc(32, 0xff), Buffer.alloc(192, 0xff));
  expect(ours(Buffer.alloc(16, 1), Buffer.of(2))).toEqual(
    createHmac("sha256", Buffer.alloc(16, 1)).update(Buffer.of(2)).digest(),
  );
});
