import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { serverCertificate } from "../../src/testing/certificates.js";
import { startTlsServer } from "../../src/testing/tls_server.js";
import { request } from "./client.js";

describe("the certificate", () => {
  it("is made once for the process", async () => {
    const [first, second] = await Promise.all([serverCertificate(), serverCertificate()]);
    expect(second).toBe(first);
  });

  it("is for localhost and both loopback addresses, and signed by its authority", async () => {
    const { ca, cert } = await serverCertificate();
    const [authority, server] = [new X509Certificate(ca), new X509Certificate(cert)];
    expect(server.checkIssued(authority)).toBe(true);
    expect(server.verify(authority.publicKey)).toBe(true);
    expect(server.checkHost("localhost")).toBe("localhost");
    expect(server.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(server.checkIP("::1")).toBe("::1");
    expect(server.checkHost("example.org")).toBeUndefined();
    expect([authority.ca, server.ca]).toEqual([true, false]);
  });

  it("keeps the authority's private key to itself", async () => {
    const certificate = await serverCertificate();
    expect(Object.keys(certificate).sort()).toEqual(["ca", "cert", "key"]);
    const authority = new X509Certificate(certificate.ca);
    expect(new X509Certificate(certificate.cert).publicKey.equals(authority.publicKey)).toBe(false);
  });

  it("is verified by clients that are told the authority, and by no others", async () => {
    const server = await startTlsServer(0, (_request, response) => response.end("hello"));
    const { origin, port, ca } = server;
    const other = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
    expect((await request({ url: origin, ca })).text).toBe("hello");
    expect((await request({ url: `https://127.0.0.1:${port}`, ca })).text).toBe("hello");
    await expect(request({ url: origin, ca: other })).rejects.toThrow();
    await server.close();
  });
});
