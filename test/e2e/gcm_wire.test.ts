import { describe, expect, it } from "vitest";
import { encodeFrame, encodeMessage, FrameReader, MCS_VERSION, Message } from "./gcm_wire.js";

describe("the wire formats of Google's push channel", () => {
  it("messages are written and read as in the examples of their documentation", () => {
    const bytes = Buffer.from("089601120774657374696e67", "hex");
    expect(
      encodeMessage([
        [1, 150],
        [2, "testing"],
        [3, undefined],
      ]),
    ).toEqual(bytes);
    const message = new Message(bytes);
    expect([message.integer(1), message.text(2), message.text(3)]).toEqual([150n, "testing", undefined]);
  });

  it("numbers of eight bytes are little-endian; a large one needs ten bytes as a varint", () => {
    const bytes = encodeMessage([
      [7, { fixed64: 0x0102n }],
      [8, 2n ** 64n - 1n],
    ]);
    expect(bytes.toString("hex")).toBe("390201000000000000" + "40ffffffffffffffffff01");
    expect([new Message(bytes).integer(7), new Message(bytes).integer(8)]).toEqual([0x0102n, 2n ** 64n - 1n]);
  });

  it("frames are found however the bytes are cut", () => {
    const text = "x".repeat(300);
    const bytes = Buffer.concat([Buffer.of(MCS_VERSION), encodeFrame(8, [[2, text]]), encodeFrame(1, [])]);
    const reader = new FrameReader();
    const frames = [...bytes].flatMap((byte) => [...reader.read(Buffer.of(byte))]);
    expect(frames.map(({ tag, message }) => [tag, message.text(2)])).toEqual([
      [8, text],
      [1, undefined],
    ]);
  });

  it.each([
    ["another version", Buffer.of(38), "MCS version 38"],
    ["a frame that is too large", Buffer.of(MCS_VERSION, 8, 0x80, 0x80, 0x08), "131072 bytes"],
    ["a length without an end", Buffer.of(MCS_VERSION, 8, ...Array(11).fill(0xff)), "without an end"],
    ["a field that is cut off", Buffer.of(MCS_VERSION, 8, 2, 0x12, 5), "cut off"],
    ["a kind of field that nobody uses", Buffer.of(MCS_VERSION, 8, 1, 0x13), "cut off"],
  ])("%s is refused", (_title, bytes, words) => {
    expect(() => [...new FrameReader().read(bytes)]).toThrow(words);
  });
});
