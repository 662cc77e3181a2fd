import fc from "fast-check";
import { expect, it } from "vitest";
import {
  packMessages,
  packResults,
  unpackMessages,
  unpackResults,
} from "../../../providers/web_push/packing.js";

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));

it("messages come out as they went in, in order", () => {
  const message = fc.record({
    plaintext: bytes(4078),
    receiver: fc.record({ p256dh: bytes(65), auth: bytes(16) }),
    secrets: fc.record({ private_key: bytes(32), salt: bytes(16) }),
  });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 5 }), (all) => {
      expect(unpackMessages(packMessages(all))).toEqual(all);
    }),
  );
});

it("so do results", () => {
  const result = fc.record({ body: bytes(4096), salt: bytes(16), sender_key: bytes(65) });
  fc.assert(
    fc.property(fc.array(result, { maxLength: 5 }), (all) => {
      expect(unpackResults(packResults(all))).toEqual(all);
    }),
  );
});

it("a batch is sent without anything that only lies beside it in memory", () => {
  const plaintext = Buffer.from("x");
  const packed = packMessages([
    {
      plaintext,
      receiver: { p256dh: plaintext, auth: plaintext },
      secrets: { private_key: plaintext, salt: plaintext },
    },
  ]);
  expect(packed.buffer.byteLength).toBe(packed.length);
});

it("what arrives as a part of a larger buffer is read from its own start", () => {
  const packed = packResults([
    { body: Buffer.from("b"), salt: Buffer.from("s"), sender_key: Buffer.from("k") },
  ]);
  const larger = new Uint8Array(packed.length + 20);
  larger.set(packed, 7);
  expect(unpackResults(larger.subarray(7, 7 + packed.length))).toEqual(unpackResults(packed));
});
