import { describe, expect, it } from "vitest";
import { proxyAuthorization, proxyFor } from "../../src/transport/proxy.js";

const target = new URL("https://push.example.com");

describe("a proxy that is given by its URL", () => {
  it("is used, whatever the environment says", () => {
    const env = { HTTPS_PROXY: "http://other:1", NO_PROXY: "*" };
    expect(proxyFor(target, "http://proxy.example:3128", env)?.host).toBe("proxy.example:3128");
  });

  it("is none when it is not set", () => {
    expect(proxyFor(target, undefined, { HTTPS_PROXY: "http://other:1" })).toBeUndefined();
  });

  it.each(["socks5://secret.example:1080", "secret", "http://", "http://secret%zz@host"])(
    "is refused without its text when it is %s",
    (setting) => {
      const attempt = () => proxyFor(target, setting, {});
      expect(attempt).toThrow(expect.objectContaining({ code: "PROXY_URL_INVALID" }));
      expect(attempt).not.toThrow(/secret/);
    },
  );
});

describe("a proxy from the environment", () => {
  it.each([
    ["HTTPS_PROXY", { HTTPS_PROXY: "http://upper:1" }, "upper:1"],
    ["https_proxy", { https_proxy: "http://lower:1" }, "lower:1"],
    [
      "https_proxy before HTTPS_PROXY",
      { https_proxy: "http://lower:1", HTTPS_PROXY: "http://upper:1" },
      "lower:1",
    ],
    ["HTTPS_PROXY when https_proxy is empty", { https_proxy: "", HTTPS_PROXY: "http://upper:1" }, "upper:1"],
    ["a host and port without a scheme", { HTTPS_PROXY: "upper:1" }, "upper:1"],
    ["no HTTP_PROXY", { HTTP_PROXY: "http://other:1" }, undefined],
    ["nothing", {}, undefined],
  ])("comes from %s", (_title, env, host) => {
    expect(proxyFor(target, "env", env)?.host).toBe(host);
  });

  it.each([
    ["https://push.example.com", "*", false],
    ["https://push.example.com", "push.example.com", false],
    ["https://push.example.com", "PUSH.example.com", false],
    ["https://push.example.com", "example.com", false],
    ["https://push.example.com", ".example.com", false],
    ["https://push.example.com", "*.example.com", false],
    ["https://push.example.com", "other.example, example.com", false],
    ["https://push.example.com", "other.example example.com", false],
    ["https://push.example.com", "example.com:443", false],
    ["https://push.example.com", "example.com:8443", true],
    ["https://push.example.com:8443", "example.com:8443", false],
    ["https://push.example.com:8443", "example.com:443", true],
    ["https://push.example.com", "ample.com", true],
    ["https://push.example.com", "push.example.com.evil", true],
    ["https://push.example.com", "", true],
    ["https://push.example.com", " , ", true],
    ["https://127.0.0.1", "127.0.0.1", false],
    ["https://127.0.0.1:8443", "127.0.0.1:8443", false],
    ["https://[::1]:8443", "::1", false],
    ["https://[::1]:8443", "[::1]", false],
    ["https://[::1]:8443", "[::1]:8443", false],
    ["https://[::1]:8443", "[::1]:443", true],
    ["https://[2606::1]", "2606::2", true],
  ])("for %s with NO_PROXY %j is used: %s", (url, no_proxy, used) => {
    for (const name of ["NO_PROXY", "no_proxy"]) {
      const env = { HTTPS_PROXY: "http://proxy.example:3128", [name]: no_proxy };
      expect(proxyFor(new URL(url), "env", env) !== undefined).toBe(used);
    }
  });
});

describe("the authorization for a proxy", () => {
  it("is RFC 7617's with the escapes of the URL undone", () => {
    const value = proxyAuthorization(new URL("http://user%40corp:p%3Ass%C3%A4@proxy.example"));
    expect(Buffer.from(String(value).replace("Basic ", ""), "base64").toString()).toBe("user@corp:p:ssä");
  });

  it("is none without credentials", () => {
    expect(proxyAuthorization(new URL("http://proxy.example"))).toBeUndefined();
  });
});
