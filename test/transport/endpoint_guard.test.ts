import { describe, expect, it } from "vitest";
import { isRejection } from "../../src/codec.js";
import { checkEndpoint, checkHostPattern } from "../../src/transport/endpoint_guard.js";

const vendors = ["push.example.com", "*.push.example.net", "self.hosted.example:8443"];
const check = (endpoint: string, allowed_hosts: readonly string[], allow_private_endpoints = false) => {
  const checked = checkEndpoint(endpoint, { allowed_hosts, allow_private_endpoints });
  return isRejection(checked) ? checked.code : "allowed";
};

describe("an endpoint is allowed", () => {
  it.each([
    ["its host is listed", "https://push.example.com/send/abc", vendors],
    ["the listed port is named", "https://push.example.com:443/x", vendors],
    ["it has neither path nor query", "https://push.example.com", vendors],
    [
      "its path holds escapes and symbols",
      "https://push.example.com/w/?token=a%2bb%2F%3d&c=[!$'()*,;:@~]",
      vendors,
    ],
    ["it is written in upper case", "HTTPS://PUSH.Example.COM/send/abc", vendors],
    ["its host ends with a dot", "https://push.example.com./send/abc", vendors],
    ["one label stands before a listed suffix", "https://a.push.example.net/x", vendors],
    ["several labels stand before a listed suffix", "https://a.b.c.push.example.net/x", vendors],
    ["its port is the listed one", "https://self.hosted.example:8443/x", vendors],
    [
      "the entry is written in upper case and with a dot",
      "https://push.example.com/x",
      ["PUSH.example.COM."],
    ],
    [
      "the entry is an international name",
      "https://xn--mnchen-3ya.example/x",
      ["*.example", "münchen.example"],
    ],
    ["its own host is an international name", "https://münchen.example/x", ["xn--mnchen-3ya.example"]],
    ["any public host may be posted to", "https://anything.example/x", ["*"]],
    ["any public host may be posted to at a port", "https://anything.example:8443/x", ["*", "*:8443"]],
    ["it is a listed public address", "https://8.8.8.8/x", ["8.8.8.8"]],
    ["it is a public address and any host is allowed", "https://8.8.8.8/x", ["*"]],
    ["it is a listed public IPv6 address", "https://[2606:4700:0::1111]/x", ["[2606:4700::1111]"]],
    [
      "it is a listed public IPv6 address with a port",
      "https://[2606:4700::1111]:99/",
      ["[2606:4700::1111]:99"],
    ],
    ["a name without dots is listed", "https://localhost/x", ["localhost"]],
  ])("when %s", (_title, endpoint, hosts) => {
    expect(check(endpoint, hosts)).toBe("allowed");
  });

  it.each([
    ["a private address", "https://127.0.0.1:8443/x", ["127.0.0.1"]],
    ["a private address under *", "https://10.1.2.3/x", ["*"]],
    ["a private IPv6 address", "https://[::1]:8443/x", ["[::1]"]],
    ["localhost under *", "https://localhost:1234/x", ["*"]],
    ["any port of a listed host", "https://push.example.com:9/x", vendors],
  ])("when private endpoints are and it is %s", (_title, endpoint, hosts) => {
    expect(check(endpoint, hosts, true)).toBe("allowed");
  });

  it("as a URL whose host has no trailing dot", () => {
    const url = checkEndpoint("https://Push.Example.com./A%2b?b#c", {
      allowed_hosts: vendors,
      allow_private_endpoints: false,
    });
    expect(url).toBeInstanceOf(URL);
    expect(String(url)).toBe("https://push.example.com/A%2b?b#c");
  });
});

describe("W9 an endpoint is refused", () => {
  const wide = ["*.google.com", "*.googleapis.com", "*.apple.com", "*.windows.com"];
  it.each([
    ["http", "http://push.example.com/x", vendors],
    ["ftp", "ftp://push.example.com/x", vendors],
    ["file", "file:///etc/passwd", ["*"]],
    ["javascript", "javascript:alert(1)", ["*"]],
    ["a host that is not listed", "https://evil.example/x", vendors],
    ["the bare suffix of a wildcard", "https://push.example.net/x", vendors],
    ["a suffix that is not on a label's border", "https://evilpush.example.net/x", vendors],
    ["a listed host as the beginning of another", "https://push.example.com.evil.example/x", vendors],
    ["a listed host in the path", "https://evil.example/push.example.com/", vendors],
    ["a listed host in the query", "https://evil.example/?push.example.com", vendors],
    ["a listed host in the fragment", "https://evil.example#push.example.com", vendors],
    ["a listed host as user", "https://push.example.com@evil.example/x", vendors],
    ["a listed host as user and password", "https://push.example.com:443@evil.example/x", vendors],
    ["credentials for a listed host", "https://user:secret@push.example.com/x", vendors],
    ["empty credentials", "https://@push.example.com/x", vendors],
    ["empty user and password", "https://:@push.example.com/x", vendors],
    ["another port", "https://push.example.com:8443/x", vendors],
    ["port 443 where the entry names another", "https://self.hosted.example/x", vendors],
    ["port 0", "https://push.example.com:0/x", vendors],
    ["a loopback address behind a pattern in the path", "https://127.0.0.1:8080/a.google.com/", wide],
    [
      "the metadata address behind a pattern in the path",
      "https://169.254.169.254/latest/x.apple.com/",
      wide,
    ],
    ["a stranger's host behind a pattern in the path", "https://evil.example/a.google.com/", wide],
    [
      "a vendor's name as a subdomain",
      "https://fcm.googleapis.com.evil.example/",
      [...wide, "fcm.googleapis.com"],
    ],
    ["no allowed host at all", "https://push.example.com/x", []],
    ["two trailing dots", "https://push.example.com../x", ["*", "push.example.com"]],
    ["an empty label", "https://push..example.com/x", ["*"]],
    ["a leading dot", "https://.push.example.com/x", ["*"]],
    ["a private address", "https://127.0.0.1/x", ["*"]],
    ["a private address that is listed", "https://127.0.0.1/x", ["127.0.0.1"]],
    ["the metadata address", "https://169.254.169.254/latest/meta-data", ["*"]],
    ["a decimal address", "https://2130706433/x", ["*"]],
    ["a hexadecimal address", "https://0x7f000001/x", ["*"]],
    ["an octal address", "https://0177.0.0.1/x", ["*"]],
    ["a short address", "https://127.1/x", ["*"]],
    ["an address with a trailing dot", "https://127.0.0.1./x", ["*"]],
    ["full-width digits", "https://１２７.0.0.1/x", ["*"]],
    ["IPv6 loopback", "https://[::1]/x", ["*"]],
    ["mapped loopback", "https://[::ffff:127.0.0.1]/x", ["*"]],
    ["a mapped public address", "https://[::ffff:8.8.8.8]/x", ["*"]],
    ["NAT64 of a private address", "https://[64:ff9b::a00:1]/x", ["*"]],
    ["unique local", "https://[fd00::1]/x", ["*", "[fd00::1]"]],
    ["a public address that is not listed", "https://8.8.8.8/x", vendors],
    ["localhost", "https://localhost/x", ["*"]],
    ["localhost in upper case with a dot", "https://LOCALHOST./x", ["*"]],
    ["a subdomain of localhost", "https://push.localhost/x", ["*"]],
    ["multicast DNS", "https://printer.local/x", ["*"]],
    ["an internal name", "https://metadata.google.internal/x", ["*"]],
    ["an intranet name", "https://intranet/x", ["*"]],
    ["backslashes", "https:\\\\push.example.com\\x", vendors],
    ["a backslash before a listed host", "https://evil.example\\.push.example.net/x", vendors],
    ["a backslash in the path", "https://push.example.com/a\\b", vendors],
    ["a missing slash", "https:/push.example.com/x", vendors],
    ["missing slashes", "https:push.example.com/x", vendors],
    ["a third slash", "https:///push.example.com/x", vendors],
    ["a leading space", " https://push.example.com/x", vendors],
    ["a space in the path", "https://push.example.com/a b", vendors],
    ["a line feed in the path", "https://push.example.com/a\nb", vendors],
    ["a line feed at the end", "https://push.example.com/a\n", vendors],
    ["a tab in the host", "https://push.exam\tple.com/x", vendors],
    ["a path that is not ASCII", "https://push.example.com/ä", vendors],
    ["2049 characters", `https://push.example.com/${"a".repeat(2049 - 25)}`, vendors],
  ])("%s", (_title, endpoint, hosts) => {
    expect(check(endpoint, hosts)).toBe("ENDPOINT_REFUSED");
  });

  it("also private ones when private endpoints are allowed but the host is not listed", () => {
    expect(check("https://127.0.0.1/x", vendors, true)).toBe("ENDPOINT_REFUSED");
    expect(check("https://user@127.0.0.1/x", ["*"], true)).toBe("ENDPOINT_REFUSED");
    expect(check("http://127.0.0.1/x", ["*"], true)).toBe("ENDPOINT_REFUSED");
  });
});

it("2048 characters are no longer than allowed", () => {
  expect(check(`https://push.example.com/${"a".repeat(2048 - 25)}`, vendors)).toBe("allowed");
});

it.each([
  "",
  "no url",
  "push.example.com/x",
  "//push.example.com/x",
  "https://",
  "https://[::1",
  "https://a b/",
  "https://a:99999/",
  "https://evil.example%40push.example.com/x",
])("%j is no URL and so no token", (endpoint) => {
  expect(check(endpoint, ["*"])).toBe("INVALID_TOKEN");
});

it("a refusal names the host, cut short, and nothing else of the endpoint", () => {
  const host = `${"very-long-label.".repeat(20)}example`;
  const refused = checkEndpoint(`https://${host}/secret-path?secret-query`, {
    allowed_hosts: vendors,
    allow_private_endpoints: false,
  });
  const text = JSON.stringify(refused);
  expect(text).toContain("very-long-label");
  expect(text).not.toContain("secret");
  expect(text.length).toBeLessThan(250);
});

describe("a host pattern", () => {
  it.each([
    "a.example",
    "A.Example.",
    "*.a.example",
    "*",
    "*:8443",
    "a.example:1",
    "a.example:65535",
    "8.8.8.8",
    "[::1]",
    "[::1]:8443",
    "localhost",
    "münchen.example",
    "a_b.example",
  ])("%s is one", (pattern) => {
    expect(checkHostPattern(pattern)).toBeUndefined();
  });

  it.each([
    "",
    ".",
    "*.",
    "**",
    "*a.example",
    "a.*.example",
    "*.*.example",
    ".example",
    "a..example",
    "a.example:",
    "a.example:0",
    "a.example:65536",
    "a.example:x",
    "https://a.example",
    "a.example/x",
    "a@b.example",
    "a b.example",
    "a.example?",
    "a%2eexample",
    "::1",
    "[::1",
    "[x]",
    "*.8.8.8.8",
    "*.[::1]",
    "a.example\n",
    "a\\b",
  ])("%j is none", (pattern) => {
    expect(checkHostPattern(pattern)).toContain("expected a host");
  });

  it("that is none allows nothing", () => {
    expect(check("https://a.b.example/", ["a.*.example", "https://a.b.example", ".b.example"])).toBe(
      "ENDPOINT_REFUSED",
    );
  });
});
