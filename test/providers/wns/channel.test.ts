import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createChannelParser, parseChannel } from "../../../providers/wns/channel.js";
import { isRejection } from "../../../src/codec.js";
import { CHANNEL_URI, openCodec, refused } from "./support.js";

const policy = { allowed_hosts: ["*.notify.windows.com"], allow_private_endpoints: false };
/** One that has seen every host of these tests before. */
const parseKnown = createChannelParser(policy);

/** Read for the first time, and by one who knows its host: the same. */
function parse(value: unknown) {
  const channel = parseChannel(value, policy);
  expect(parseKnown(value)).toEqual(channel);
  expect(parseKnown(value)).toEqual(channel);
  return channel;
}

describe("a channel URI", () => {
  it.each([
    CHANNEL_URI,
    "https://db3.notify.windows.com/?token=AQYAAABeJq6l0sPoYsm6sYbHkQf4IzqBpJm3VzDXv%2bMzLwr8dI%3d",
    "https://wns.notify.windows.com/?token=emulator:00ff",
    "https://a.b.NOTIFY.windows.com/?token=x&more=1",
    "https://db5p.notify.windows.com:443/?token=x",
  ])("2.wns 1.10 %s is one, and kept to the last escape", (uri) => {
    expect(parse(uri)).toEqual({ uri, origin: new URL(uri).origin });
  });

  it.each<[string, unknown, string]>([
    ["empty", "", "INVALID_TOKEN"],
    ["no URL", "not a uri", "INVALID_TOKEN"],
    ["no text", { endpoint: CHANNEL_URI }, "INVALID_TOKEN"],
    ["nothing", undefined, "INVALID_TOKEN"],
    ["without a token", "https://db5p.notify.windows.com/", "INVALID_TOKEN"],
    ["with an empty token", "https://db5p.notify.windows.com/?token=", "INVALID_TOKEN"],
    ["over http", CHANNEL_URI.replace("https", "http"), "ENDPOINT_REFUSED"],
    ["of another domain", "https://example.com/?token=x", "ENDPOINT_REFUSED"],
    [
      "of a host that only contains it",
      "https://evil.example/?notify.windows.com&token=x",
      "ENDPOINT_REFUSED",
    ],
    [
      "of a host that only ends in its letters",
      "https://evilnotify.windows.com/?token=x",
      "ENDPOINT_REFUSED",
    ],
    [
      "of a host that begins with it",
      "https://db5p.notify.windows.com.evil.example/?token=x",
      "ENDPOINT_REFUSED",
    ],
    ["of the bare domain", "https://notify.windows.com/?token=x", "ENDPOINT_REFUSED"],
    ["with credentials", "https://db5p.notify.windows.com@evil.example/?token=x", "ENDPOINT_REFUSED"],
    ["with a user", "https://me:pw@db5p.notify.windows.com/?token=x", "ENDPOINT_REFUSED"],
    ["of another port", "https://db5p.notify.windows.com:8443/?token=x", "ENDPOINT_REFUSED"],
    [
      "that two parsers read differently",
      "https://evil.example\\.notify.windows.com/?token=x",
      "ENDPOINT_REFUSED",
    ],
    ["of 2049 characters", `${CHANNEL_URI}${"x".repeat(2049 - CHANNEL_URI.length)}`, "ENDPOINT_REFUSED"],
  ])("2.wns N2 %s is refused", (_what, value, code) => {
    const rejection = refused(parse(value));
    expect(rejection.code).toBe(code);
    expect(rejection.message).not.toContain("token=x");
  });

  it("N2 a host that passed passes for what is plain behind it, and for nothing else", () => {
    const hosts = [
      "db5p.notify.windows.com",
      "db5p.notify.windows.com:443",
      "evil.example",
      "a.notify.windows.com.",
    ];
    const ends = [
      "/?token=x",
      "/w/?token=a%2b",
      "/?a=1&token=x",
      "/?token=",
      "/?a=1",
      "/#?token=x",
      "?token=x",
    ];
    const more = [
      `/?token=${"x".repeat(1900)}`,
      `/?token=${"x".repeat(2100)}`,
      "/\\evil/?token=x",
      "/?token=x y",
    ];
    for (const host of hosts) for (const end of [...ends, ...more]) parse(`https://${host}${end}`);
    const plain = "https://db5p.notify.windows.com/?token=AwYAAAC%2b";
    expect(parseKnown(plain)).toEqual({ uri: plain, origin: "https://db5p.notify.windows.com" });
  });

  it("N2 any text is read without throwing, and what is taken is under notify.windows.com", () => {
    const uri = fc
      .tuple(
        fc.webUrl({ validSchemes: ["https", "http"] }),
        fc.constantFrom("", "?token=x", "?notify.windows.com"),
      )
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.string(), uri), (value) => {
        const channel = parse(value);
        if (!isRejection(channel)) expect(new URL(channel.uri).hostname).toMatch(/\.notify\.windows\.com$/);
      }),
    );
  });

  it("N2 its connection is HTTP/1.1 to its own origin, and to public addresses only unless the config says so", async () => {
    const target = {
      kind: "token",
      token: { uri: CHANNEL_URI, origin: "https://db5p.notify.windows.com" },
    } as const;
    const connection = { key: "https://db5p.notify.windows.com", protocol: "h1", guard: "public" };
    expect((await openCodec()).connection(target)).toEqual(connection);
    const inside = await openCodec({ allow_private_endpoints: true });
    expect(inside.connection(target)).toEqual({ ...connection, guard: "fixed" });
    const local = await openCodec({ allowed_hosts: ["localhost:8443"], allow_private_endpoints: true });
    expect(local.parseToken("https://localhost:8443/?token=a%2b")).toEqual({
      uri: "https://localhost:8443/?token=a%2b",
      origin: "https://localhost:8443",
    });
    expect(local.parseToken(CHANNEL_URI)).toMatchObject({ code: "ENDPOINT_REFUSED" });
  });
});
