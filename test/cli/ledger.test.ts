import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { Ledger, type LedgerOptions, type Row } from "../../src/cli/ledger.js";
import { Tally } from "../../src/cli/tally.js";
import { rowsIn, useFolder } from "./support.js";

const folder = useFolder();
let path = "";
let tally = new Tally();
beforeEach(() => {
  path = folder.path("results.jsonl");
});

function open(options: Partial<LedgerOptions> = {}): Promise<Ledger> {
  tally = new Tally();
  return Ledger.open({ path, run: "message", tally, force: false, resend: false, ...options });
}

const row = (line: number, device_token: unknown, more: object = {}) =>
  ({ line, device_token, success: true, ...more }) as Row;
const failed = (line: number, token: unknown, error_code: string, may_have_been_sent: boolean) =>
  row(line, token, { success: false, error_code, may_have_been_sent });

/** As a killed process leaves it: nothing is closed. */
async function killedAt(...steps: ((ledger: Ledger) => void)[]): Promise<void> {
  const ledger = await open();
  for (const step of steps) step(ledger);
}

describe("a ledger", () => {
  it("knows what was answered, what may have been sent, and what was never begun", async () => {
    await killedAt(
      (ledger) => ledger.begin(1),
      (ledger) => ledger.begin(2),
      (ledger) => ledger.begin(3),
      (ledger) => ledger.record(row(2, "b")),
    );
    const ledger = await open();
    expect([1, 2, 3, 4].map((line) => ledger.earlier(line, "abcd"[line - 1]))).toEqual([
      "maybe_sent",
      "answered",
      "maybe_sent",
      "unknown",
    ]);
    expect([tally.accepted, tally.before]).toEqual([1, 1]);
    ledger.close();
  });

  it("can be read by its owner only", async () => {
    (await open()).close();
    expect([path, `${path}.state`].map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600]);
  });

  it("knows a token by its content, also one that is an object", async () => {
    const subscription = { endpoint: "https://p", keys: { auth: "a" } };
    await killedAt((ledger) => ledger.record(row(1, subscription)));
    const ledger = await open();
    expect(ledger.earlier(1, { ...subscription })).toBe("answered");
    expect(() => ledger.earlier(1, { endpoint: "https://q" })).toThrow("line 1 of the input is not the one");
    ledger.close();
  });

  it("holds more lines than it was made for", async () => {
    await killedAt((ledger) => {
      for (const line of [1, 1023, 1024, 5000, 100_000]) ledger.record(row(line, `t${line}`));
    });
    const ledger = await open();
    expect([1, 1023, 1024, 5000, 100_000].map((line) => ledger.earlier(line, `t${line}`))).toEqual(
      Array(5).fill("answered"),
    );
    expect([2, 1025, 100_001].map((line) => ledger.earlier(line, "x"))).toEqual(Array(3).fill("unknown"));
    ledger.close();
  });

  it("takes a line whose result was cut in the middle for one that may have been sent", async () => {
    await killedAt(
      (ledger) => ledger.begin(2),
      (ledger) => ledger.record(row(1, "a")),
      (ledger) => ledger.record(row(2, "b€".repeat(60_000))),
    );
    truncateSync(path, statSync(path).size - 2);
    const ledger = await open();
    expect([ledger.earlier(1, "a"), ledger.earlier(2, "b")]).toEqual(["answered", "maybe_sent"]);
    ledger.record(row(2, "b"));
    expect(rowsIn(path)).toEqual([row(1, "a"), row(2, "b")]);
    ledger.close();
  });

  it("a first line that was cut leaves nothing", async () => {
    await killedAt((ledger) => ledger.record(row(1, "a")));
    truncateSync(path, 5);
    (await open()).close();
    expect(readFileSync(path, "utf8")).toBe("");
  });

  it("what was aborted before it left is open, until it is begun again", async () => {
    await killedAt(
      (ledger) => ledger.begin(3),
      (ledger) => ledger.record(failed(1, "a", "ABORTED", false)),
      (ledger) => ledger.record(failed(2, "b", "ABORTED", true)),
      (ledger) => ledger.record(failed(3, "c", "UNREGISTERED", false)),
    );
    const second = await open();
    expect([1, 2, 3].map((line) => second.earlier(line, "abc"[line - 1]))).toEqual([
      "open",
      "answered",
      "answered",
    ]);
    expect([tally.failed, tally.codes]).toEqual([2, { ABORTED: 1, UNREGISTERED: 1 }]);
    second.begin(1);
    const killed = await open();
    expect(killed.earlier(1, "a")).toBe("maybe_sent");
    killed.record(failed(1, "a", "ABORTED", false));
    const third = await open();
    expect(third.earlier(1, "a")).toBe("open");
    third.record(row(1, "a"));
    expect((await open()).earlier(1, "a")).toBe("answered");
  });

  it("a line begun again whose note was cut was not begun again", async () => {
    await killedAt(
      (ledger) => ledger.begin(12),
      (ledger) => ledger.record(failed(1, "a", "ABORTED", false)),
      (ledger) => ledger.record(failed(12, "b", "ABORTED", false)),
    );
    appendFileSync(`${path}.state`, "1");
    const ledger = await open();
    expect(ledger.earlier(1, "a")).toBe("open");
    ledger.begin(12);
    const next = await open();
    expect([next.earlier(1, "a"), next.earlier(12, "b")]).toEqual(["open", "maybe_sent"]);
  });

  it("with resend what may have been sent is open, too", async () => {
    await killedAt(
      (ledger) => ledger.begin(1),
      (ledger) => ledger.record(failed(1, "a", "ABORTED", true)),
    );
    expect((await open({ resend: true })).earlier(1, "a")).toBe("open");
    expect(tally.done).toBe(0);
    expect((await open()).earlier(1, "a")).toBe("answered");
  });

  it("a line that could not be read is open: it may be right now", async () => {
    await killedAt((ledger) => ledger.record(failed(1, undefined, "INVALID_TOKEN", false)));
    expect((await open()).earlier(1, "a")).toBe("open");
    expect(tally.done).toBe(0);
  });

  it("the last result of a line that has two is the one that counts", async () => {
    await killedAt(
      (ledger) => ledger.record(failed(1, "a", "ABORTED", false)),
      (ledger) => ledger.record(row(1, "a")),
      (ledger) => ledger.record(failed(2, "b", "ABORTED", true)),
      (ledger) => ledger.record(failed(3, "c", "ABORTED", true)),
      (ledger) => ledger.record(row(2, "b")),
    );
    const ledger = await open();
    expect([1, 2, 3].map((line) => ledger.earlier(line, "abc"[line - 1]))).toEqual(Array(3).fill("answered"));
    expect([tally.accepted, tally.codes]).toEqual([2, { ABORTED: 1 }]);
  });
});

describe("a ledger is refused", () => {
  it("when the file is somebody else's", async () => {
    writeFileSync(path, "precious\n");
    await expect(open()).rejects.toThrow("it is there, and is not of a run that can be resumed");
    expect(readFileSync(path, "utf8")).toBe("precious\n");
  });

  it("but not when that is empty", async () => {
    writeFileSync(path, "");
    writeFileSync(`${path}.state`, "");
    await expect(open()).resolves.toBeInstanceOf(Ledger);
  });

  it("when it is of another message", async () => {
    (await open()).close();
    await expect(open({ run: "another" })).rejects.toThrow("these are the results of another message");
  });

  it("when a row is no result, or the state is no state", async () => {
    (await open()).close();
    appendFileSync(path, `${JSON.stringify(row(1, "a"))}\n{"line":1e99,"success":true}\n`);
    await expect(open()).rejects.toThrow("line 2 is no result of pushmux bulk");
    writeFileSync(`${path}.state`, "{}\n");
    await expect(open()).rejects.toThrow("is not the state of a run");
  });

  it("when it is no file, or its folder is not there", async () => {
    symlinkSync("/dev/null", path);
    await expect(open()).rejects.toThrow("expected a file");
    await expect(open({ path: folder.path("none/r.jsonl") })).rejects.toThrow(
      "cannot be written: no such file or folder",
    );
  });

  it("while another process writes to it; with force it is not", async () => {
    (await open()).close();
    const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    const state = readFileSync(`${path}.state`, "utf8").replace('"pid":0,', `"pid":${other.pid},`);
    writeFileSync(`${path}.state`, state);
    await expect(open()).rejects.toThrow(`another run (process ${other.pid}) writes to it`);
    (await open({ force: true })).close();
    writeFileSync(`${path}.state`, state);
    other.kill("SIGKILL");
    await once(other, "exit");
    (await open()).close();
  });
});
