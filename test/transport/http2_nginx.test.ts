import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeWith } from "../setup/requirements.js";
import { type SendOptions, send, sendMany, tally, useHttp2 } from "./http2_support.js";
import { answered, failure, listening, trusted, until } from "./support.js";

const LARGE = Buffer.from(Array.from({ length: 400_000 }, (_, at) => at & 0xff));

/** Each request as it was processed: its number of bytes, its path, and a header of ours. */
const CONFIGURATION = (port: number) => `
daemon off; master_process off; pid nginx.pid; error_log stderr warn; events { worker_connections 256; }
http {
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${name};`).join(" ")}
  log_format mine '$uri $http_number $connection';
  access_log access.log mine;
  client_max_body_size 10m;
  http2_max_concurrent_streams 20;
  server {
    listen 127.0.0.1:${port} ssl http2;
    ssl_certificate cert.pem; ssl_certificate_key key.pem;
    # After so many it says GOAWAY.
    keepalive_requests 100;
    root files;
    location /echo { add_header x-path $request_uri; add_header x-note $http_x_note; return 200 "$http_number"; }
    location /upload { proxy_pass https://127.0.0.1:${port}/received; proxy_set_header number $http_number; }
    location /received { dav_methods PUT; client_body_in_file_only clean; add_header x-length $http_content_length always; return 200; }
  }
}`;

describeWith("nginx", "nginx", (nginx) => {
  const { open } = useHttp2();
  let folder = "";
  let origin = "";
  let server: ChildProcess;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "pushmux-nginx-"));
    const probe = await listening(createServer());
    await probe.close();
    origin = probe.origin;
    mkdirSync(join(folder, "files"));
    writeFileSync(join(folder, "files", "large"), LARGE);
    writeFileSync(join(folder, "cert.pem"), trusted.cert);
    writeFileSync(join(folder, "key.pem"), trusted.key);
    writeFileSync(join(folder, "nginx.conf"), CONFIGURATION(probe.port));
    server = spawn(nginx, ["-p", folder, "-c", "nginx.conf"], { stdio: ["ignore", "ignore", "inherit"] });
    await until(() => {
      try {
        return readFileSync(join(folder, "nginx.pid"), "utf8") !== "";
      } catch {
        return false;
      }
    });
  });

  afterAll(async () => {
    server.kill("SIGTERM");
    await once(server, "exit");
    rmSync(folder, { recursive: true, force: true });
  });

  /** Sent again as long as that is safe. */
  async function deliver(transport: ReturnType<typeof open>, options: SendOptions) {
    for (;;) {
      const outcome = await send(transport, origin, options);
      if (outcome.outcome !== "failure" || outcome.reach === "maybe_sent") return outcome;
    }
  }

  it("processes 2000 requests exactly once, over connections that it ends after 100 each", async () => {
    const transport = open({ max_sessions_per_origin: 3 });
    const outcomes = await Promise.all(
      Array.from({ length: 2000 }, (_, number) =>
        deliver(transport, {
          path: `/echo/${number}`,
          headers: {
            number: `${number}`,
            "x-note": number % 3 ? "same" : `other ${number % 7}`,
            fresh: `${Math.random()}`,
          },
          body: "b".repeat(number % 600),
        }),
      ),
    );
    for (const [number, outcome] of outcomes.entries()) {
      const { text, headers, status } = answered(outcome);
      expect([status, text, headers["x-path"]]).toEqual([200, `${number}`, `/echo/${number}`]);
      expect(headers["x-note"]).toBe(number % 3 ? "same" : `other ${number % 7}`);
    }
    const seen = readFileSync(join(folder, "access.log"), "utf8").trim().split("\n");
    const lines = seen.filter((line) => line.startsWith("/echo/"));
    expect(new Set(lines.map((line) => line.split(" ")[1])).size).toBe(2000);
    expect(lines).toHaveLength(2000);
    expect(new Set(lines.map((line) => line.split(" ")[2])).size).toBeGreaterThanOrEqual(20);
  });

  it("sends answers larger than every window", async () => {
    const options = { method: "GET", body: undefined, path: "/large", max_answer_bytes: 1_000_000 };
    for (const outcome of await sendMany(open(), origin, 12, options)) {
      const response = answered(outcome);
      expect(LARGE.equals(response.body)).toBe(true);
    }
  });

  it("takes requests larger than every window", async () => {
    const outcomes = await sendMany(open(), origin, 12, { method: "PUT", path: "/upload", body: LARGE });
    for (const outcome of outcomes) expect(answered(outcome).headers["x-length"]).toBe("400000");
  });

  it("ends a connection over a header that is too large for it; what it did not process is sent again", async () => {
    const transport = open({ max_sessions_per_origin: 2 });
    answered(await send(transport, origin, { path: "/echo" }));
    const large = sendMany(transport, origin, 5, {
      headers: { "x-large": "x".repeat(30_000) },
      path: "/echo",
    });
    const fine = Promise.all(Array.from({ length: 50 }, () => deliver(transport, { path: "/echo" })));
    expect(await large).toEqual(
      Array.from({ length: 5 }, () => failure(expect.any(String), "GOAWAY_ENHANCE_YOUR_CALM")),
    );
    expect(tally(await fine)).toEqual({ 200: 50 });
  });
});
