import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SLOW_MS } from "./plan.mjs";
import { HARD_CODED_HOSTS } from "./redirect.mjs";
import { NGINX_MODULE, programPath } from "./setup.mjs";

/**
 * Where the sink is.
 *
 * @typedef {object} SinkAddress
 * @property {number} quick port that answers at once
 * @property {number} slow port that answers after 50 ms
 * @property {string} ca file with the certificate that both show
 */

/**
 * nginx on one core, over TLS, HTTP/2 and HTTP/1.1: reads a request to its end and gives each service's constant answer.
 * Certificate, configuration and logs are in a folder of its own that goes with it.
 *
 * @param {{ core: number }} options
 */
export async function startSink({ core }) {
  const folder = mkdtempSync(join(tmpdir(), "pushmux-bench-"));
  try {
    const [quick = 0, slow = 0, status = 0] = await freePorts(3);
    makeCertificate(folder);
    writeFileSync(join(folder, "nginx.conf"), configuration({ quick, slow, status }));
    // nginx must not outlive this process, whatever ends it.
    const wrapped = ["-c", `${core}`, "setpriv", "--pdeathsig", "TERM", programPath("nginx")];
    const nginx = spawn("taskset", [...wrapped, "-p", folder, "-c", "nginx.conf"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let complaints = "";
    nginx.stderr.setEncoding("utf8").on("data", (text) => {
      complaints += text;
    });
    const ended = new Promise((resolve) => nginx.once("close", resolve));
    let looks = 0;
    const count = async () => {
      const requests = await requestsSoFar(status);
      looks += 1;
      const credentials = readFileSync(join(folder, "credentials.log"), "utf8").split("\n").length - 1;
      return requests - looks - credentials;
    };
    await untilReady(count, nginx, () => complaints);
    return {
      /** @type {SinkAddress} */
      address: { quick, slow, ca: join(folder, "certificate.pem") },
      /** Notifications that it has answered since its start: all requests but looks at the counter and those for a credential. */
      count,
      async stop() {
        nginx.kill("SIGQUIT");
        setTimeout(() => nginx.kill("SIGKILL"), 2000).unref();
        await ended;
        rmSync(folder, { recursive: true, force: true });
        if (complaints) console.warn(`nginx: ${complaints.trim()}`);
      },
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/**
 * An answer by `return` alone would come before the request's body is read, which no push service does. So the echo
 * module reads it first (and waits, in the slow half), then `return` gives an answer with its length.
 *
 * @param {{ quick: number, slow: number, status: number }} ports
 */
function configuration({ quick, slow, status }) {
  return `
load_module ${NGINX_MODULE};
worker_processes 1;
daemon off;
pid nginx.pid;
error_log stderr warn;
events { worker_connections 16384; }
http {
  access_log off;
  server_tokens off;
  # No connection is ever ended by the sink: what is measured is sending, not reconnecting.
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  # As many as APNs allows; nginx itself offers 128.
  http2_max_concurrent_streams 1000;
  # nginx counts the streams that it may forget in eight bits. More than 255 that end together are never forgotten, and
  # with the default index, 32 lists, each new stream then walks past thousands of them.
  http2_streams_index_size 65536;
  client_body_buffer_size 16k;
  ssl_certificate certificate.pem;
  ssl_certificate_key key.pem;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${name};`).join(" ")}
  server { listen 127.0.0.1:${status}; location / { stub_status; } }
  ${server(quick, "")}
  ${server(slow, `echo_sleep ${SLOW_MS / 1000};`)}
}`;
}

/**
 * @param {number} port
 * @param {string} wait
 */
function server(port, wait) {
  const answer = (/** @type {string} */ name) => `echo_read_request_body; ${wait} echo_exec @${name};`;
  return `server {
    listen 127.0.0.1:${port} ssl http2 backlog=4096;
    location /push/ { ${answer("web_push")} }
    location /v1/projects/ { ${answer("fcm")} }
    location /3/device/ { ${answer("apns")} }
    location /wns/ { ${answer("wns")} }
    location / { echo_read_request_body; echo_exec @credential; }
    location @web_push { add_header location https://push.example.org/m/gAAAAABk5c1xHq9; return 201; }
    location @fcm {
      default_type "application/json; charset=UTF-8";
      return 200 '{\\n  "name": "projects/bench/messages/0:1700000000000000%31bd1c9631bd1c96"\\n}\\n';
    }
    location @apns { add_header apns-id eabeae54-14a8-11e5-b60b-1697f925ec7b; return 200; }
    location @wns {
      add_header x-wns-status received;
      add_header x-wns-notificationstatus received;
      add_header x-wns-deviceconnectionstatus connected;
      add_header x-wns-msg-id 7A4E3B6C1D2F5A90;
      return 200;
    }
    location @credential {
      access_log credentials.log;
      default_type application/json;
      return 200 '{"access_token":"bench","token_type":"bearer","expires_in":3600}';
    }
  }`;
}

/**
 * Requests of all kinds since nginx started, this one included.
 *
 * @param {number} port
 */
async function requestsSoFar(port) {
  const text = await (await fetch(`http://127.0.0.1:${port}/`)).text();
  const [, total] = /^ \d+ \d+ (\d+)/m.exec(text) ?? [];
  if (total === undefined) throw new Error("the sink does not say how many requests it had");
  return Number(total);
}

/**
 * @param {() => Promise<number>} count
 * @param {import("node:child_process").ChildProcess} nginx
 * @param {() => string} complaints
 */
async function untilReady(count, nginx, complaints) {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (nginx.exitCode !== null) throw new Error(`nginx did not start: ${complaints()}`);
    try {
      await count();
      return;
    } catch {
      await sleep(50);
    }
  }
  nginx.kill("SIGKILL");
  throw new Error(`nginx does not answer: ${complaints()}`);
}

/** @param {string} folder */
function makeCertificate(folder) {
  const names = ["localhost", ...HARD_CODED_HOSTS].map((host) => `DNS:${host}`).join(",");
  const { status, stderr } = spawnSync(
    "openssl",
    [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"],
      ...["-subj", "/CN=pushmux benchmark", "-addext", `subjectAltName=${names}`],
      ...["-keyout", join(folder, "key.pem"), "-out", join(folder, "certificate.pem")],
    ],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`openssl: ${stderr}`);
}

/** @param {number} amount */
async function freePorts(amount) {
  const servers = await Promise.all(
    Array.from({ length: amount }, async () => {
      const probe = createServer().listen(0, "127.0.0.1");
      await new Promise((resolve) => probe.once("listening", resolve));
      return probe;
    }),
  );
  const ports = servers.map((probe) => /** @type {import("node:net").AddressInfo} */ (probe.address()).port);
  await Promise.all(servers.map((probe) => new Promise((resolve) => probe.close(resolve))));
  return ports;
}
