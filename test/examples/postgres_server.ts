import { spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ownEnvironment } from "../../scripts/own_environment.mjs";

export interface PostgresServer {
  /** For `pg`: a folder with a socket, no port on any network. */
  readonly connection: { readonly host: string; readonly user: string; readonly database: string };
  close(): Promise<void>;
}

/** Of the user nobody: the server refuses to run as root. */
const NOBODY = 65534;
const DEADLINE_MS = 60_000;

/** A server of its own in a temporary folder. `initdb`: the path of that program; the others stand beside it. */
export async function startPostgres(initdb: string): Promise<PostgresServer> {
  const place = mkdtempSync(join(tmpdir(), "pushmux-pg-"));
  const as_root = process.getuid?.() === 0;
  if (as_root) chownSync(place, NOBODY, NOBODY);
  const start = (program: string, args: readonly string[]) => {
    const child = spawn(join(dirname(realpathSync(initdb)), program), args, {
      cwd: place,
      env: { ...ownEnvironment(), LC_ALL: "C.UTF-8" },
      stdio: ["ignore", "ignore", "pipe"],
      ...(as_root ? { uid: NOBODY, gid: NOBODY } : {}),
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text) => {
      said += text;
    });
    return { child, ended: once(child, "close"), said: () => said };
  };
  const data = join(place, "data");
  const init = start("initdb", ["-D", data, "-U", "tester", "-A", "trust", "--no-sync", "-E", "UTF8"]);
  const [code] = await init.ended;
  if (code !== 0) throw new Error(`initdb: exit code ${code}\n${init.said()}`);

  const quick = ["fsync=off", "listen_addresses=", `unix_socket_directories=${place}`];
  const server = start("postgres", ["-D", data, ...quick.flatMap((setting) => ["-c", setting])]);
  const deadline = Date.now() + DEADLINE_MS;
  while (!server.said().includes("ready to accept connections")) {
    if (server.child.exitCode !== null || Date.now() > deadline) {
      server.child.kill("SIGKILL");
      throw new Error(`postgres did not start\n${server.said()}`);
    }
    await delay(50);
  }
  if (!existsSync(join(place, ".s.PGSQL.5432"))) throw new Error(`postgres has no socket\n${server.said()}`);
  return {
    connection: { host: place, user: "tester", database: "postgres" },
    close: async () => {
      // "Fast": sessions are ended, nothing is waited for.
      server.child.kill("SIGINT");
      await server.ended;
      rmSync(place, { recursive: true, force: true });
    },
  };
}
