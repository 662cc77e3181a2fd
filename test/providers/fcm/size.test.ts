import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { prepare } from "../../../providers/fcm/encode.js";
import type { FcmOptions } from "../../../providers/fcm/index.js";
import { isRejection, type TargetKind } from "../../../src/codec.js";
import { payload, refused, sending } from "./support.js";

/** What may stand in a notification: one to four bytes a character. */
const CHARACTERS = ["a", "é", "€", "😀"];

/** Text of exactly so many bytes, of this character as far as it goes. */
function textOf(bytes: number, character: string): string {
  const size = Buffer.byteLength(character);
  return character.repeat(Math.floor(bytes / size)) + "a".repeat(bytes % size);
}

function tooLarge(prepared: unknown, size: number, limit: number): void {
  expect(refused(prepared)).toMatchObject({
    code: "PAYLOAD_TOO_LARGE",
    message: expect.stringContaining(`${size} bytes; FCM carries at most ${limit} bytes`),
  });
}

describe.each([
  ["token", 4096],
  ["topic", 2048],
  ["condition", 2048],
] as const)("C7 a message to a %s: at most %i bytes of keys and values", (kind, limit) => {
  const send = (fields: Parameters<typeof payload>[0], options: FcmOptions = {}) =>
    prepare(payload(fields, options), sending(kind as TargetKind));

  it.each(CHARACTERS)("of title, body and data, in bytes: of %s", (character) => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(500), (in_title, in_body) => {
        const keys = "title".length + "body".length + "k".length;
        const title = textOf(in_title, character);
        const body = textOf(in_body, character);
        const of = (total: number) =>
          send({ title, body, data: { k: textOf(total - keys - in_title - in_body, character) } });
        expect(isRejection(of(limit - 1))).toBe(false);
        expect(isRejection(of(limit))).toBe(false);
        tooLarge(of(limit + 1), limit + 1, limit);
      }),
      { numRuns: 25 },
    );
  });

  it("of data alone, keys in bytes too", () => {
    const of = (total: number) => send({ title: undefined, data: { "schlüssel€": textOf(total - 12, "ü") } });
    expect(Buffer.byteLength("schlüssel€")).toBe(13);
    expect(isRejection(of(limit - 1))).toBe(false);
    tooLarge(of(limit), limit + 1, limit);
  });

  it("values that are no text count as the text that they become", () => {
    const list = Array.from({ length: 100 }, (_, i) => i + 100);
    const of = (rest: number) => send({ title: undefined, data: { l: list, r: "x".repeat(rest) } });
    const taken = 1 + JSON.stringify(list).length + 1;
    expect(isRejection(of(limit - taken))).toBe(false);
    tooLarge(of(limit - taken + 1), limit + 1, limit);
  });

  it("the url and the message id that data carries count", () => {
    const fields = { title: undefined, url: "/a", message_id: "m1" };
    const taken = "url/amessage_idm1k".length;
    expect(isRejection(send({ ...fields, data: { k: "x".repeat(limit - taken) } }))).toBe(false);
    tooLarge(send({ ...fields, data: { k: "x".repeat(limit - taken + 1) } }), limit + 1, limit);
  });

  it("what one platform gets over the others takes the place of theirs", () => {
    const title = "x".repeat(limit - 100);
    expect(isRejection(send({ title }, { android: { notification: { title } } }))).toBe(false);
    tooLarge(
      send({ title }, { android: { notification: { ticker: "x".repeat(100) } } }),
      limit + "title".length + "ticker".length,
      limit,
    );
    tooLarge(send({ title }, { webpush: { data: { k: "x".repeat(100) } } }), limit + "titlek".length, limit);
  });

  it("delivery options and empty fields count nothing", () => {
    const fields = { title: "x".repeat(limit - 5), collapse_key: "k".repeat(100), ttl_seconds: 60 };
    expect(isRejection(send(fields, { fcm_options: { analytics_label: "campaign" } }))).toBe(false);
  });
});

describe("what FCM passes on to Apple", () => {
  it("a payload for APNs that is too large alone is refused", () => {
    const of = (bytes: number) =>
      prepare(payload({}, { apns: { payload: { k: "x".repeat(bytes) } } }), sending());
    const frame = Buffer.byteLength('{"k":""}');
    expect(isRejection(of(4096 - frame))).toBe(false);
    expect(refused(of(4097 - frame))).toMatchObject({
      code: "PAYLOAD_TOO_LARGE",
      message: "platform_data.fcm.apns.payload is 4097 bytes; APNs takes at most 4096 bytes.",
    });
  });
});
