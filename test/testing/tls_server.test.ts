import https from "node:https";
import { describe, expect, it } from "vitest";
import { startTlsServer } from "../../src/testing/tls_server.js";
import { request } from "./client.js";

describe("the server", () => {
  it("takes the port it is given, and says so when it cannot", async () => {
    const first = await startTlsServer(0, (_request, response) => response.end());
    await expect(startTlsServer(first.port, () => {})).rejects.toMatchObject({ code: "EADDRINUSE" });
    await first.close();
    const second = await startTlsServer(first.port, (_request, response) => response.end("second"));
    expect(second.origin).toBe(`https://localhost:${first.port}`);
    expect((await request({ url: second.origin, ca: second.ca })).text).toBe("second");
    await second.close();
  });

  it("is not reachable from outside this machine", async () => {
    const server = await startTlsServer(0, (_request, response) => response.end());
    const url = `https://127.0.0.2:${server.port}`;
    await expect(request({ url, ca: server.ca })).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await server.close();
  });

  it("cuts open and idle connections when it closes, and leaves nothing alive", async () => {
    let arrived = () => {};
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const server = await startTlsServer(0, ({ url }, response) => {
      if (url === "/idle") response.end();
      else arrived();
    });
    const agent = new https.Agent({ keepAlive: true });
    await request({ url: `${server.origin}/idle`, ca: server.ca, agent });
    const unanswered = request({ url: `${server.origin}/never`, ca: server.ca });
    const settled = expect(unanswered).rejects.toMatchObject({ code: "ECONNRESET" });
    await arrival;
    await Promise.all([server.close(), server.close()]);
    expect(alive()).not.toContain("TCPServerWrap");
    await settled;
    agent.destroy();
    // The client's own sockets take their time.
    await expect.poll(alive, { timeout: 5000 }).toEqual([]);
  });
});

/** Sockets and servers that keep the process alive. */
function alive(): string[] {
  return process.getActiveResourcesInfo().filter((name) => /TCP|TLS/.test(name));
}
