import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { countLines, readItem, readLines } from "../../src/cli/bulk_lines.js";

const defaults = { platform: "fcm", payload: { title: "Hi", body: "all" } };
const item = (line: string) => readItem(line, defaults);

describe("the lines of a list", () => {
  it("end with \\n or \\r\\n only, wherever a chunk does", async () => {
    const text = '\u{feff}eins\n"z\u2028wei"\r\n\nd\rei\nvi€r';
    const bytes = Buffer.from(text);
    for (const size of [1, 2, 3, 7, bytes.length]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      expect(await all(readLines(Readable.from(chunks)))).toEqual([
        "eins",
        '"z\u2028wei"\r',
        "",
        "d\rei",
        "vi€r",
      ]);
    }
    expect(await countLines(Readable.from([bytes]))).toBe(4);
  });

  it("a file without line ends is no list", async () => {
    const stream = Readable.from([Buffer.alloc(600_000, 97), Buffer.alloc(600_000, 97)]);
    await expect(all(readLines(stream))).rejects.toThrow("this is not JSONL");
  });

  it.each([
    ["a bare token", "  00aabb\r", "00aabb"],
    ["a token of digits", "0123456789", "0123456789"],
    ["a token as JSON text", '"a b"', "a b"],
    ["a subscription", '{"endpoint":"https://p","keys":{}}', { endpoint: "https://p", keys: {} }],
    ["an object", '{"device_token":{"fid":"x"}}', { fid: "x" }],
  ])("hold %s", (_title, line, device_token) => {
    expect(item(line)).toEqual({ ...defaults, device_token });
  });

  it("may name a platform, and change fields of the payload", () => {
    expect(item('{"device_token":"t","platform":"apns","payload":{"body":"you","badge":1}}')).toEqual({
      platform: "apns",
      device_token: "t",
      payload: { title: "Hi", body: "you", badge: 1 },
    });
    expect(defaults.payload).toEqual({ title: "Hi", body: "all" });
  });

  it.each(["", "   ", "\r"])("%j holds nothing", (line) => {
    expect(item(line)).toBeUndefined();
  });

  it.each([
    ['{"device_token":"secret', "is not JSON"],
    ["[1]", "expected a token, or an object with device_token, payload, platform"],
    ['{"token":"secret"}', "unknown key token; "],
    ['{"device_token":"secret","paylod":{}}', "unknown key paylod; did you mean payload?"],
    ['{"platform":"apns"}', "device_token is missing"],
    ['{"device_token":"secret","platform":7}', "platform: expected a name"],
    ['{"device_token":"secret","payload":"Hi"}', "payload: expected an object"],
  ])("%s: %s", (line, problem) => {
    const found = item(line);
    expect(found).toMatchObject({ problem: expect.stringContaining(problem) });
    expect(JSON.stringify(found)).not.toContain("secret");
  });
});

async function all(lines: AsyncIterable<string>): Promise<string[]> {
  const collected: string[] = [];
  for await (const line of lines) collected.push(line);
  return collected;
}
