import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const CLIENT = fileURLToPath(new URL("client.mjs", import.meta.url));

/** A contender that has said nothing for so long after the end of its round hangs. */
const PATIENCE_SECONDS = 120;

/**
 * The parent's side of a measured process, pinned to a core of its own. `ask` rejects when the process failed, which
 * includes that the sink did not get exactly as many notifications as the library says it sent.
 */
export class ClientProcess {
  #child;
  #count;
  #words = "";

  /**
   * @param {import("./client.mjs").Job} job
   * @param {{ core: number, count: () => Promise<number>, profiles: string | undefined }} options `count`: notifications that the sink
   * has answered so far; `profiles`: folder for a CPU profile
   */
  constructor(job, { core, count, profiles }) {
    this.#count = count;
    const name = `${[job.service, job.in_flight, job.contender].join(" ").replace(/[^\w]+/g, "_")}.cpuprofile`;
    const profiling = profiles ? ["--cpu-prof", "--cpu-prof-dir", profiles, "--cpu-prof-name", name] : [];
    this.#child = spawn(
      "taskset",
      ["-c", `${core}`, process.execPath, "--no-warnings", ...profiling, CLIENT, JSON.stringify(job)],
      { stdio: ["ignore", "pipe", "pipe", "ipc"], env: { ...process.env, NODE_EXTRA_CA_CERTS: job.ca } },
    );
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text) => {
        this.#words = (this.#words + text).slice(-2000);
      });
    }
  }

  async ready() {
    await this.#next(0);
  }

  /**
   * One round.
   *
   * @param {{ messages: number, seconds: number }} limits
   * @returns {Promise<import("./client.mjs").Round>}
   */
  async ask(limits) {
    const before = await this.#count();
    this.#child.send(limits, () => {});
    const round = await this.#next(limits.seconds);
    const arrived = (await this.#count()) - before;
    if (round.failed > 0)
      throw new Error(`${round.failed} of ${round.messages} failed: ${round.first_failure}`);
    if (arrived !== round.messages) throw new Error(`${round.messages} sent, ${arrived} arrived`);
    return round;
  }

  async close() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = new Promise((resolve) => this.#child.once("close", resolve));
    this.#child.send("close", () => {});
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 5000);
    await closed;
    clearTimeout(timer);
  }

  /**
   * @param {number} seconds that it has
   * @returns {Promise<any>}
   */
  #next(seconds) {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      /** @param {() => void} settle */
      const done = (settle) => {
        child.off("message", onMessage).off("exit", onExit);
        clearTimeout(timer);
        settle();
      };
      const onMessage = (/** @type {unknown} */ message) => done(() => resolve(message));
      const onExit = () => done(() => reject(new Error(`ended: ${this.#words.trim() || "without a word"}`)));
      const timer = setTimeout(
        () => {
          child.kill("SIGKILL");
          done(() => reject(new Error("hangs")));
        },
        (seconds + PATIENCE_SECONDS) * 1000,
      );
      child.on("message", onMessage).on("exit", onExit);
      if (child.exitCode !== null || child.signalCode !== null) onExit();
    });
  }
}
