import { X509Certificate } from "node:crypto";
import { connect as connectHttp2Session } from "node:http2";
import https from "node:https";
import { connect as connectTls } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { issueClientCertificate, readExtension } from "../../src/testing/certificates.js";
import {
  type Answer,
  type Http2FaultKind,
  type HttpService,
  type HttpServiceOptions,
  type ServedRequest,
  startHttpService,
} from "../../src/testing/kit.js";
import { request } from "./client.js";
import { connectHttp2, type Http2Client } from "./http2_client.js";
import { connectRaw, headersFrame, SETTINGS_ACK } from "./http2_raw.js";

const services: HttpService[] = [];
const clients: Http2Client[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client[Symbol.asyncDispose]();
  await Promise.all(services.splice(0).map((service) => service.close()));
});

async function start(
  options: HttpServiceOptions = {},
  answer: (request: ServedRequest<Http2FaultKind>) => Answer | undefined = () => undefined,
) {
  const served: ServedRequest<Http2FaultKind>[] = [];
  const service = await startHttpService(
    0,
    {
      identify: () => ({}),
      serve: (one) => {
        served.push(one);
        return answer(one) ?? { status: 200 };
      },
    },
    options,
  );
  services.push(service);
  return { service, served };
}

async function open(service: HttpService, credentials = {}): Promise<Http2Client> {
  const client = await connectHttp2(service.origin, service.ca, credentials);
  clients.push(client);
  return client;
}

/** The protocol that a client offering these is served, or why it is not. */
function negotiate({ port, ca }: HttpService, protocols: string[] | undefined): Promise<unknown> {
  return new Promise((resolve) => {
    const socket = connectTls({
      port,
      ca,
      servername: "localhost",
      ...(protocols && { ALPNProtocols: protocols }),
    });
    socket.on("secureConnect", () => {
      if (socket.alpnProtocol) socket.destroy();
      resolve(socket.alpnProtocol);
    });
    socket.on("error", ({ code }: Error & { code?: string }) => resolve(code));
  });
}

describe("protocols", () => {
  it("are the two, unless it is told otherwise", async () => {
    const { service, served } = await start();
    expect(await negotiate(service, ["h2", "http/1.1"])).toBe("h2");
    expect(await negotiate(service, ["http/1.1"])).toBe("http/1.1");
    const client = await open(service);
    expect((await client.send({ path: "/2" })).status).toBe(200);
    expect((await request({ url: `${service.origin}/1`, ca: service.ca })).status).toBe(200);
    expect(
      served.map(({ path, connection, stream_id }) => [path, connection.http_version, stream_id]),
    ).toEqual([
      ["/2", "2", 1],
      ["/1", "1.1", undefined],
    ]);
  });

  it("may be HTTP/2 alone: who does not offer it is not served", async () => {
    const { service, served } = await start({ protocols: ["h2"] });
    expect(await negotiate(service, ["h2", "http/1.1"])).toBe("h2");
    expect(await negotiate(service, ["http/1.1"])).toBe("ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL");
    await expect(request({ url: service.origin, ca: service.ca })).rejects.toMatchObject({
      code: expect.stringMatching(/^(ECONNRESET|ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL)$/),
    });
    const silent = connectTls({ port: service.port, ca: service.ca, servername: "localhost" });
    await new Promise((resolve) => silent.on("error", () => {}).once("close", resolve));
    expect(served).toEqual([]);
  });

  it("may be HTTP/1.1 alone", async () => {
    const { service } = await start({ protocols: ["http/1.1"] });
    expect(await negotiate(service, ["h2", "http/1.1"])).toBe("http/1.1");
    expect(await negotiate(service, undefined)).toBe(false);
    expect((await request({ url: service.origin, ca: service.ca })).status).toBe(200);
  });
});

describe("what the rules see of a request", () => {
  it("is its head without HTTP/2's own fields, and its body", async () => {
    const { service, served } = await start();
    const client = await open(service);
    await client.send({ method: "PUT", path: "/a?b=%2f", headers: { "x-one": "1" }, body: "body" });
    expect(served[0]).toMatchObject({
      method: "PUT",
      origin: service.origin,
      path: "/a?b=%2f",
      stream_id: 1,
    });
    expect(served[0]?.headers).toEqual({ "x-one": "1" });
    expect(served[0]?.body.toString()).toBe("body");
  });

  it("names the headers that came twice, over either protocol", async () => {
    const { service, served } = await start();
    const headers = { "x-one": "1", "x-two": ["a", "b"] };
    await (await open(service)).send({ headers });
    await request({ url: service.origin, ca: service.ca, headers });
    for (const one of served) {
      expect(one.repeated_headers).toEqual(["x-two"]);
      expect(one.headers["x-two"]).toBe("a, b");
    }
    expect(served).toHaveLength(2);
  });

  it("is the same connection as long as it is one", async () => {
    const { service, served } = await start();
    const client = await open(service);
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    await client.send();
    await client.send();
    await (await open(service)).send();
    for (const _ of [1, 2]) await request({ url: service.origin, ca: service.ca, agent });
    agent.destroy();
    expect(served.map(({ connection }) => connection.id)).toEqual([1, 1, 2, 3, 3]);
    expect(served[1]?.connection).toBe(served[0]?.connection);
    expect(served[4]?.connection).toBe(served[3]?.connection);
  });
});

describe("the number of streams", () => {
  it("is limited from the start, and the rules may change it", async () => {
    const { service } = await start({ max_concurrent_streams: 1 }, ({ path, connection }) => {
      if (path === "/more") connection.limitStreams(1000);
      return { status: 200 };
    });
    const client = await open(service);
    expect(client.limits).toEqual([1]);
    await client.send({ path: "/more" });
    await client.send({ path: "/more" });
    expect(client.limits).toEqual([1, 1000]);
    expect((await open(service)).limits).toEqual([1]);
  });

  it("is 100 otherwise", async () => {
    const { service } = await start();
    expect((await open(service)).limits).toEqual([100]);
  });

  it("may depend on the client's certificate", async () => {
    const { service } = await start({
      client_certificates: true,
      max_concurrent_streams: (certificate) => (certificate?.trusted ? 1000 : 1),
    });
    const { certificate: cert, private_key: key } = await issueClientCertificate({ subject: {} });
    expect((await open(service)).limits).toEqual([1]);
    expect((await open(service, { cert, key })).limits).toEqual([1000]);
  });

  it("binds a client as soon as it has acknowledged it: more are refused, and not processed", async () => {
    const { service, served } = await start({ max_concurrent_streams: 1 });
    const connection = await connectRaw(service);
    connection.write(SETTINGS_ACK, headersFrame(1, { ends_stream: false }), headersFrame(3));
    await connection.until(({ name }) => name === "RST_STREAM");
    const refused = connection.frames().find(({ name }) => name === "RST_STREAM");
    expect(refused).toMatchObject({ stream_id: 3, payload: Buffer.from([0, 0, 0, 7]) });
    expect(served).toEqual([]);
    connection.end();
  });

  it("does not bind a client that cannot know it yet, but what it does shows", async () => {
    const { service, served } = await start({ max_concurrent_streams: 1 });
    const session = connectHttp2Session(service.origin, { ca: service.ca });
    const paths = ["/a", "/b", "/c"];
    await Promise.all(
      paths.map((path) => {
        const stream = session.request({ ":method": "GET", ":path": path });
        return new Promise((resolve) => stream.resume().on("close", resolve));
      }),
    );
    session.destroy();
    expect(served.map(({ path, exceeds_limit }) => [path, exceeds_limit])).toEqual([
      ["/a", false],
      ["/b", true],
      ["/c", true],
    ]);
  });
});

describe("a client's certificate", () => {
  const subject = {
    "2.5.4.3": "Apple Push Services: org.example",
    "0.9.2342.19200300.100.1.1": "org.example",
  };
  const seen = ({ connection }: ServedRequest<Http2FaultKind>) => {
    const { certificate, trusted } = connection.client_certificate ?? {};
    return { subject: certificate?.subject, trusted };
  };

  it("is asked for, and need not be there", async () => {
    const { service, served } = await start({ client_certificates: true });
    await (await open(service)).send();
    expect(served[0]?.connection.client_certificate).toBeUndefined();
  });

  it("is seen, and trusted when it is of the emulators' own authority", async () => {
    const { service, served } = await start({ client_certificates: true });
    for (const self_signed of [false, true]) {
      const { certificate, private_key } = await issueClientCertificate({ subject, self_signed });
      await (await open(service, { cert: certificate, key: private_key })).send();
      const shown = new X509Certificate(certificate);
      expect(shown.verify(shown.publicKey)).toBe(self_signed);
    }
    const text = "CN=Apple Push Services: org.example\nUID=org.example";
    expect(served.map(seen)).toEqual([
      { subject: text, trusted: true },
      { subject: text, trusted: false },
    ]);
  });

  it("is seen over HTTP/1.1 as well", async () => {
    const { service, served } = await start({ client_certificates: true });
    const { certificate, private_key } = await issueClientCertificate({ subject });
    const agent = new https.Agent({ cert: certificate, key: private_key });
    await request({ url: service.origin, ca: service.ca, agent });
    expect(served.map(seen)).toMatchObject([{ trusted: true }]);
  });

  it("is not asked for otherwise", async () => {
    const { service, served } = await start();
    const { certificate, private_key } = await issueClientCertificate({ subject });
    await (await open(service, { cert: certificate, key: private_key })).send();
    expect(served[0]?.connection.client_certificate).toBeUndefined();
  });

  it("has a serial number that every reader takes: positive, without padding", async () => {
    const issued = await Promise.all(
      Array.from({ length: 20 }, () => issueClientCertificate({ subject: {} })),
    );
    for (const { certificate } of issued) {
      expect(new X509Certificate(certificate).serialNumber).toMatch(/^4[0-9A-F]{31}$/);
    }
  });

  it("may carry any extension", async () => {
    const { service, served } = await start({ client_certificates: true });
    const extensions = { "1.2.3.4": Buffer.from([4, 2, 0xff, 0x80]) };
    const { certificate, private_key } = await issueClientCertificate({ subject, extensions });
    await (await open(service, { cert: certificate, key: private_key })).send();
    const shown = served[0]?.connection.client_certificate?.certificate;
    expect(shown && readExtension(shown, "1.2.3.4")).toEqual(extensions["1.2.3.4"]);
    expect(shown && readExtension(shown, "1.2.3.5")).toBeUndefined();
  });
});

describe("closing", () => {
  it("cuts open and waiting HTTP/2 connections, and leaves nothing alive", async () => {
    const { service } = await start({}, () => undefined);
    service.fault("stall", { times: 1 });
    const client = await open(service);
    const unanswered = client.send();
    await (await open(service)).send();
    await Promise.all([service.close(), service.close()]);
    expect((await unanswered).status).toBeUndefined();
    await Promise.all(clients.map(({ closed }) => closed));
    const alive = () => process.getActiveResourcesInfo().filter((name) => /TCP|TLS|JSStream/.test(name));
    await expect.poll(alive, { timeout: 5000 }).toEqual([]);
  });

  it("does not wait for a delayed answer", async () => {
    const { service, served } = await start();
    service.script.set("*", [{ delay_ms: 600_000 }]);
    const waiting = (await open(service)).send();
    await expect.poll(() => served.length).toBe(1);
    await service.close();
    expect((await waiting).status).toBeUndefined();
  });
});
