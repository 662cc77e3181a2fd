import { createPrivateKey } from "node:crypto";
import { connect as connectTcp, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import forge from "node-forge";
import { afterEach, describe, expect, it } from "vitest";
import type { ClientCertificate } from "../../src/codec.js";
import { send, sendMany, startFrames, startHttp2, tally, useHttp2 } from "./http2_support.js";
import {
  answered,
  certificate,
  failure,
  listening,
  startHttps,
  startProxy,
  startTcp,
  trusted,
  until,
} from "./support.js";

const { open, started } = useHttp2();

const LOOPBACK = { address: "127.0.0.1", family: 4 };

describe("a stranger's host over HTTP/2", () => {
  it.each([
    ["a private address", [LOOPBACK]],
    ["a private address behind a public one", [{ address: "8.8.8.8", family: 4 }, LOOPBACK]],
    ["IPv6 loopback", [{ address: "::1", family: 6 }]],
  ])("is not dialled when its name leads to %s, for every one of 50 at once", async (_title, addresses) => {
    const canary = await started(startTcp(() => {}));
    for (const protocol of ["h2", "alpn"] as const) {
      const outcomes = await sendMany(
        open({ lookup: async () => addresses }),
        `https://push.test:${canary.port}`,
        50,
        { connection: { guard: "public", protocol } },
      );
      expect(tally(outcomes)).toEqual({ "forbidden ADDRESS_NOT_PUBLIC": 50 });
    }
    expect(canary.sockets.total).toBe(0);
  });

  it("does not share the operator's connection", async () => {
    const server = await started(startHttp2());
    const transport = open();
    answered(await send(transport, server.origin));
    const outcome = await send(transport, server.origin, { connection: { guard: "public" } });
    expect(outcome).toEqual({ outcome: "forbidden", reason: "ADDRESS_NOT_PUBLIC" });
  });
});

describe("through a proxy HTTP/2", () => {
  it.each(["h2", "alpn"] as const)(
    "goes with credentials, verified against the host (%s)",
    async (protocol) => {
      const server = await started(startHttp2());
      const proxy = await started(startProxy(server.port));
      const transport = open({ proxy: `http://user:p%40ss@127.0.0.1:${proxy.port}` });
      const connection = { protocol };
      expect(tally(await sendMany(transport, "https://push.test:8443", 30, { connection }))).toEqual({
        200: 30,
      });
      expect(proxy.requests).toEqual([
        "CONNECT push.test:8443 HTTP/1.1\r\nhost: push.test:8443\r\n" +
          `proxy-authorization: Basic ${Buffer.from("user:p@ss").toString("base64")}\r\n\r\n`,
      ]);
      expect(await send(transport, "https://other.example", { connection })).toEqual(
        failure("connect_failed", "ERR_TLS_CERT_ALTNAME_INVALID"),
      );
    },
  );

  it("names only the checked address of a stranger's host to it", async () => {
    const server = await started(startHttp2());
    const proxy = await started(startProxy(server.port));
    const transport = open({
      proxy: `http://127.0.0.1:${proxy.port}`,
      lookup: async () => [{ address: "8.8.8.8", family: 4 }],
    });
    const connection = { guard: "public" } as const;
    expect(answered(await send(transport, "https://push.test", { connection })).text).toBe("fine");
    expect(proxy.requests).toEqual(["CONNECT 8.8.8.8:443 HTTP/1.1\r\nhost: 8.8.8.8:443\r\n\r\n"]);
  });

  it("that refuses is connect_failed, for every one of 20 at once", async () => {
    const proxy = await started(
      startTcp((socket) => socket.once("data", () => socket.write("HTTP/1.1 403 Forbidden\r\n\r\n"))),
    );
    const transport = open({ proxy: `http://127.0.0.1:${proxy.port}` });
    expect(tally(await sendMany(transport, "https://push.test", 20))).toEqual({
      "connect_failed PROXY_STATUS_403": 20,
    });
  });

  describe("from the environment", () => {
    const names = ["HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"] as const;
    const before = names.map((name) => [name, process.env[name]] as const);
    afterEach(() => {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    });

    it("follows HTTPS_PROXY, and NO_PROXY past it", async () => {
      for (const name of names) delete process.env[name];
      const server = await started(startHttp2());
      const proxy = await started(startProxy(server.port));
      process.env.HTTPS_PROXY = `http://127.0.0.1:${proxy.port}`;
      process.env.NO_PROXY = "127.0.0.1";
      const transport = open({ proxy: "env" });
      answered(await send(transport, server.origin));
      expect(proxy.requests).toHaveLength(0);
      answered(await send(transport, "https://push.test"));
      expect(proxy.requests).toHaveLength(1);
    });
  });
});

describe("a client certificate", () => {
  const mine = certificate({ names: ["client.test"] });
  const encrypted = createPrivateKey(mine.key).export({
    type: "pkcs8",
    format: "pem",
    cipher: "aes-256-cbc",
    passphrase: "secret",
  }) as string;
  const pfx = Buffer.from(
    forge.asn1
      .toDer(
        forge.pkcs12.toPkcs12Asn1(
          forge.pki.privateKeyFromPem(mine.key),
          [forge.pki.certificateFromPem(mine.cert)],
          "secret",
          { algorithm: "3des" },
        ),
      )
      .getBytes(),
    "latin1",
  );
  const pem: ClientCertificate = { certificate: mine.cert, private_key: mine.key };
  const wanted = { ca: mine.cert, requestCert: true, rejectUnauthorized: true };

  /** Who sends, as the server sees it. */
  async function startAsking(ALPNProtocols: string[]) {
    const names: string[] = [];
    const note = (socket: TLSSocket) => names.push(socket.getPeerCertificate().subjectaltname ?? "");
    if (ALPNProtocols.includes("h2")) {
      const options = { ...wanted, ALPNProtocols };
      return {
        names,
        ...(await started(startFrames({ tls: options, onConnection: ({ socket }) => note(socket) }))),
      };
    }
    const server = await started(
      startHttps(
        (request, response) => {
          note(request.socket as TLSSocket);
          response.end("fine");
        },
        { ...trusted, ...wanted },
      ),
    );
    return { names, ...server };
  }

  it.each<[string, ClientCertificate]>([
    ["as PEM", pem],
    ["as PEM with an encrypted key", { ...pem, private_key: encrypted, passphrase: "secret" }],
    ["as PKCS #12", { pfx, passphrase: "secret" }],
  ])("%s is shown to the host, over HTTP/2 and HTTP/1.1 alike", async (_title, client_certificate) => {
    for (const [protocol, offered] of [
      ["h2", ["h2"]],
      ["h1", ["http/1.1"]],
      ["alpn", ["h2"]],
      ["alpn", ["http/1.1"]],
    ] as const) {
      const server = await startAsking([...offered]);
      const connection = { protocol, client_certificate };
      answered(await send(open(), server.origin, { connection }));
      expect(server.names).toEqual(["DNS:client.test"]);
    }
  });

  it("adds nothing to trust and takes nothing away", async () => {
    const server = await startAsking(["h2"]);
    const connection = { client_certificate: pem };
    expect(await send(open({ ca: undefined }), server.origin, { connection })).toEqual(
      failure("connect_failed", "DEPTH_ZERO_SELF_SIGNED_CERT"),
    );
    expect(answered(await send(open(), server.origin, { connection })).text).toBe("fine");
  });

  it("that is missing is connect_failed, for every one of 20 at once", async () => {
    const server = await startAsking(["h2"]);
    for (const outcome of await sendMany(open(), server.origin, 20)) {
      expect(outcome).toEqual(failure("connect_failed", /ALERT_CERTIFICATE_REQUIRED|ECONNRESET|CLOSED/));
    }
  });

  it("keeps connections apart, by identity", async () => {
    const server = await started(
      startFrames({ tls: { ca: mine.cert, requestCert: true, rejectUnauthorized: false } }),
    );
    const transport = open();
    const twin = { ...pem };
    for (const client_certificate of [pem, twin, undefined, pem, twin, undefined]) {
      answered(await send(transport, server.origin, { connection: { client_certificate } }));
    }
    const names = server.peers.map(({ socket }) => socket.getPeerCertificate().subjectaltname);
    expect(names).toEqual(["DNS:client.test", "DNS:client.test", undefined]);
  });

  it.each<[string, ClientCertificate]>([
    ["is no PEM", { certificate: "no certificate", private_key: mine.key }],
    ["is empty", { certificate: "", private_key: mine.key }],
    ["has no key", { certificate: mine.cert, private_key: "" }],
    ["has another one's key", { certificate: mine.cert, private_key: trusted.key }],
    ["has a key that needs another passphrase", { ...pem, private_key: encrypted, passphrase: "wrong" }],
    ["has a key that needs a passphrase", { ...pem, private_key: encrypted }],
    ["is an empty archive", { pfx: new Uint8Array() }],
    ["is no archive", { pfx: Buffer.from("no archive"), passphrase: "secret" }],
    ["is an archive that needs another passphrase", { pfx, passphrase: "wrong" }],
  ])("that %s is connect_failed each time, and nothing is dialled", async (_title, client_certificate) => {
    const canary = await started(startTcp(() => {}));
    const transport = open();
    for (const protocol of ["h1", "h2", "alpn", "h2"] as const) {
      expect(await send(transport, canary.origin, { connection: { protocol, client_certificate } })).toEqual(
        failure("connect_failed", "CLIENT_CERTIFICATE_INVALID"),
      );
    }
    expect(canary.sockets.total).toBe(0);
  });

  it("is not shown to a proxy", async () => {
    const server = await startAsking(["h2"]);
    const shown: object[] = [];
    const proxy = await started(
      listening(
        createTlsServer({ ...trusted, requestCert: true, rejectUnauthorized: false }, (client: TLSSocket) => {
          shown.push(client.getPeerCertificate());
          client
            .on("error", () => {})
            .once("data", () => {
              const upstream: Socket = connectTcp(server.port, "127.0.0.1", () => {
                client.write("HTTP/1.1 200 OK\r\n\r\n");
                upstream.pipe(client).pipe(upstream);
              });
              upstream.on("error", () => client.destroy());
              client.once("close", () => upstream.destroy());
            });
        }),
      ),
    );
    const transport = open({ proxy: `https://127.0.0.1:${proxy.port}` });
    answered(await send(transport, "https://push.test", { connection: { client_certificate: pem } }));
    expect(server.names).toEqual(["DNS:client.test"]);
    expect(shown).toEqual([{}]);
    await until(() => transport.connections?.() === 1);
  });
});
