import { readFileSync, writeFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { describe, expect, it, vi } from "vitest";
import { resultSchema } from "../../src/index.js";
import { startApnsService, startFcmService } from "../../src/testing/index.js";
import { cli, type Running, rows, rowsIn, start, useFolder } from "./support.js";

const folder = useFolder();
const tokens = (count: number) => Array.from({ length: count }, (_, i) => `device-${i + 1}`);
const list = (lines: readonly unknown[]) =>
  folder.write(
    "tokens.jsonl",
    `${lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n")}\n`,
  );
const simulation = (config: object = {}) =>
  folder.write("push.json", {
    simulation: { success_rate: 1, delivery_delay_ms: 0, retry: { max_attempts: 1 }, ...config },
  });
const SIMULATED = ["--platform", "simulation", "--title", "Hi"];

/** Runs `bulk` over these lines with the simulation. */
function bulk(lines: readonly unknown[], argv: readonly string[] = [], config: object = {}): Running {
  return start(["bulk", list(lines), ...SIMULATED, "--config", simulation(config), ...argv]);
}

describe("pushmux bulk", () => {
  it("gives one result for each line, and says at the end what came of all", async () => {
    const { code, stdout, stderr } = await bulk(tokens(2500), [], {
      outcomes: { "device-7": "UNREGISTERED" },
    }).outcome;
    const results = rows(stdout).sort((a, b) => Number(a.line) - Number(b.line));
    expect(results.map(({ device_token }) => device_token)).toEqual(tokens(2500));
    expect(results.every(({ line, index }) => line === Number(index) + 1)).toBe(true);
    for (const result of results) resultSchema.parse(result);
    expect([code, stderr]).toEqual([
      1,
      "2,499 of 2,500 accepted, 1 failed: UNREGISTERED 1.\nGone for good, so delete these tokens (remove_token): 1.\n",
    ]);
  });

  it("reads stdin, and the payload of a line", async () => {
    await using service = await startFcmService();
    const [one, other] = [service.createDevice(), service.createDevice()];
    const config = folder.write("push.json", { fcm: service.config });
    const stdin = `${one.device_token}\n\n{"device_token":"${other.device_token}","payload":{"body":"you"}}`;
    const { code, stdout } = await cli(
      ["bulk", "--platform", "fcm", "--title", "Hi", "--body", "all", "--config", config],
      { stdin },
    );
    expect([
      code,
      rows(stdout)
        .map(({ line }) => line)
        .sort(),
    ]).toEqual([0, [1, 3]]);
    expect([one, other].map(({ received }) => received[0]?.message?.notification)).toEqual([
      { title: "Hi", body: "all" },
      { title: "Hi", body: "you" },
    ]);
  });

  it("sends through several platforms; one that is not named is a result", async () => {
    await using fcm = await startFcmService();
    await using apns = await startApnsService();
    const [phone, tablet] = [apns.createDevice(), fcm.createDevice()];
    const config = folder.write("push.json", { fcm: fcm.config, apns: apns.config });
    const lines = list([
      phone.device_token,
      { device_token: tablet.device_token, platform: "fcm_android" },
      { device_token: "x", platform: "wns" },
    ]);
    const { code, stdout } = await cli([
      "bulk",
      lines,
      "--platform",
      "apns,fcm",
      "--title",
      "Hi",
      "--config",
      config,
    ]);
    const [first, second, third] = rows(stdout).sort((a, b) => Number(a.line) - Number(b.line));
    expect([code, first?.platform, second?.platform]).toEqual([1, "apns", "fcm"]);
    expect(third).toMatchObject({ platform: "wns", error_code: "PLATFORM_NOT_CONFIGURED" });
    expect([phone.received.length, tablet.received.length]).toEqual([1, 1]);
  });

  it("a line that cannot be read is a result that names it, and the others are sent", async () => {
    const { code, stdout } = await bulk(["device-1", '{"device_tokn":"secret"}', "device-3"]).outcome;
    const wrong = rows(stdout).find(({ success }) => success === false);
    expect([code, rows(stdout).length]).toEqual([1, 3]);
    expect(resultSchema.parse(wrong)).toMatchObject({
      platform: "simulation",
      error_code: "INVALID_TOKEN",
      attempts: 0,
    });
    expect(wrong?.message).toMatch(/^line 2: unknown key device_tokn; did you mean device_token\?/);
  });

  it("--fail-on decides the exit code", async () => {
    const outcomes = { outcomes: { "device-1": "UNREGISTERED" } };
    const codes = ["any", "none", "UNREGISTERED", "TIMEOUT,DROPPED"].map(
      async (words) => (await bulk(tokens(2), ["--fail-on", words], outcomes).outcome).code,
    );
    expect(await Promise.all(codes)).toEqual([1, 0, 1, 0]);
  });

  it("--dry-run sends nothing and shows requests", async () => {
    await using service = await startApnsService();
    const config = folder.write("push.json", { apns: service.config });
    const lines = list([service.createDevice().device_token]);
    const { code, stdout } = await cli([
      "bulk",
      lines,
      "--platform",
      "apns",
      "--title",
      "Hi",
      "--config",
      config,
      "--dry-run",
    ]);
    expect([code, service.received]).toEqual([0, []]);
    expect(rows(stdout)).toMatchObject([{ dry_run: true, request: { method: "POST" } }]);
  });

  it("--json: a summary for programs, beside the results or on stdout", async () => {
    const beside = await bulk(tokens(3), ["--json"]).outcome;
    const summary = {
      complete: true,
      accepted: 3,
      failed: 0,
      codes: {},
      answered_before: 0,
      unanswered_lines: [],
    };
    expect([rows(beside.stdout).length, rows(beside.stderr)]).toMatchObject([3, [summary]]);
    const { stdout, stderr } = await bulk(tokens(3), ["--json", "--out", folder.path("r.jsonl")]).outcome;
    expect([rows(stdout), stderr]).toMatchObject([[summary], ""]);
  });

  it("--concurrency is how many are under way at once", async () => {
    await using service = await startApnsService();
    const devices = Array.from({ length: 12 }, () => service.createDevice().device_token);
    const config = folder.write("push.json", { apns: service.config });
    service.fault("stall");
    const argv = ["bulk", list(devices), "--platform", "apns", "--title", "Hi", "--config", config];
    const running = start([...argv, "--concurrency", "3"]);
    await service.waitForRequests(3);
    running.interrupt();
    running.interrupt();
    const { stdout } = await running.outcome;
    expect([service.received.length, rows(stdout).length]).toEqual([3, 3]);
  });

  it("--rate is how many are begun in a second", async () => {
    const started_ms = performance.now();
    const { code } = await bulk(tokens(31), ["--rate", "100"]).outcome;
    expect([code, performance.now() - started_ms >= 195]).toEqual([0, true]);
  });

  it.each([
    [["--rate", "0"], "--rate: expected a number above 0"],
    [["--concurrency", "1.5"], "--concurrency: expected a whole number above 0"],
    [["--concurrency", "0"], "--concurrency: expected a whole number above 0"],
    [["--fail-on", "UNREGISTRED"], "--fail-on: did you mean UNREGISTERED?"],
  ])("%j is refused", async (argv, message) => {
    const { code, stdout, stderr } = await bulk(tokens(1), argv).outcome;
    expect([code, stdout, stderr]).toEqual([2, "", expect.stringContaining(message)]);
  });

  it("says what is missing: platform, list, file, credentials", async () => {
    const told = async (argv: string[], tty = false) => (await cli(["bulk", ...argv], { tty })).stderr;
    expect(await told(["x"])).toContain("--platform: expected web_push");
    expect(await told(SIMULATED, true)).toContain("expected FILE, or a list on stdin");
    expect(await told([folder.path("none"), ...SIMULATED])).toContain(
      "none: cannot be read: no such file or folder",
    );
    expect(await told([folder.path("."), ...SIMULATED])).toMatch(/cannot be read: it is a folder/);
    expect(await told(["--payload", "-", ...SIMULATED])).toContain("--payload -: the list is on stdin");
    const missing = await cli(["bulk", list(["x"]), "--platform", "simulation,apns"]);
    expect([missing.code, missing.stderr]).toEqual([3, expect.stringContaining("APNS_KEY_ID")]);
  });

  it("when nobody reads the results, begins no more, finishes what is under way, and ends with 141", async () => {
    await using service = await startApnsService();
    const devices = Array.from({ length: 100 }, () => service.createDevice().device_token);
    const config = folder.write("push.json", { apns: service.config });
    const argv = ["bulk", list(devices), "--platform", "apns", "--title", "Hi", "--config", config];
    const { code, stdout, stderr } = await cli([...argv, "--concurrency", "5"], { closes_after: 2000 });
    expect([code, stderr, service.received.length < 50]).toEqual([141, "", true]);
    expect(service.received.map(({ status }) => status)).toEqual(Array(service.received.length).fill(200));
    expect(stdout.length).toBeLessThan(4000);
  });

  it("does not wait for the rest of a list when nobody reads the results", async () => {
    const stdin = new PassThrough();
    stdin.write("device-1\n");
    const argv = ["bulk", ...SIMULATED, "--config", simulation()];
    expect(await cli(argv, { stdin, closes_after: 0 })).toMatchObject({ code: 141, stderr: "" });
  });
});

describe("pushmux bulk --out", () => {
  const results = () => folder.path("results.jsonl");
  const out = (...argv: string[]) => ["--out", results(), ...argv];

  it("a second run sends nothing again, and has the same exit code", async () => {
    const config = { outcomes: { "device-2": "UNREGISTERED" } };
    const first = await bulk(tokens(20), out(), config).outcome;
    expect([first.code, first.stdout, rowsIn(results()).length]).toEqual([1, "", 20]);
    const second = await bulk(tokens(20), out(), config).outcome;
    expect([second.code, rowsIn(results()).length]).toEqual([1, 20]);
    expect(second.stderr).toContain("Answered by an earlier run: 20.");
    const grown = await bulk(tokens(23), out("--fail-on", "none"), config).outcome;
    expect([grown.code, rowsIn(results()).length]).toEqual([0, 23]);
  });

  it("refuses another list and another message, before it sends anything", async () => {
    await bulk(tokens(5), out()).outcome;
    const other_list = await bulk(["x", ...tokens(5)], out()).outcome;
    expect([other_list.code, other_list.stderr]).toEqual([
      2,
      expect.stringContaining("line 1 of the input is not the one"),
    ]);
    for (const argv of [["--body", "more"], ["--dry-run"]]) {
      const other = await bulk(tokens(5), out(...argv)).outcome;
      expect([other.code, other.stderr]).toEqual([2, expect.stringContaining("results of another message")]);
    }
    expect(rowsIn(results())).toHaveLength(5);
  });

  it("a line that was put right is sent in the next run", async () => {
    const wrong = await bulk(["device-1", "{oops"], out()).outcome;
    const right = await bulk(["device-1", "device-2"], out()).outcome;
    expect([wrong.code, right.code]).toEqual([1, 0]);
    const fates = rowsIn(results()).map(({ line, success }) => `${line} ${success}`);
    expect(fates.sort()).toEqual(["1 true", "2 false", "2 true"]);
  });

  it("ctrl-C finishes what is under way, writes its results, says how to go on, and exits with 130", async () => {
    const stdin = new PassThrough();
    stdin.write("device-1\ndevice-2\n");
    const argv = ["bulk", ...SIMULATED, "--config", simulation({ delivery_delay_ms: 300 }), ...out()];
    const running = start(argv, { stdin });
    await vi.waitFor(
      () => expect(JSON.parse(readFileSync(`${results()}.state`, "utf8")).begun).toBe(2),
      5000,
    );
    expect(running.interrupt()).toBe(true);
    const { code, stderr } = await running.outcome;
    expect([code, rowsIn(results()).map(({ success }) => success)]).toEqual([130, [true, true]]);
    expect(stderr).toMatch(/^Finishing the 2 under way\. Ctrl-C again cuts them off\.\n2 of 2 accepted/);
    expect(stderr).toMatch(/Not finished: give the same command again to go on\.\n$/);
    const rest = await bulk(tokens(3), out()).outcome;
    expect([rest.code, rowsIn(results()).map(({ device_token }) => device_token)]).toEqual([0, tokens(3)]);
  });

  it("a second ctrl-C cuts off what is under way; the next run sends what never left, and not what may have", async () => {
    await using service = await startApnsService();
    const devices = Array.from({ length: 4 }, () => service.createDevice());
    service.fault("stall");
    const config = folder.write("push.json", { apns: service.config });
    const argv = [
      "bulk",
      list(devices.map(({ device_token }) => device_token)),
      "--platform",
      "apns",
      "--title",
      "Hi",
      "--config",
      config,
      ...out(),
    ];
    const running = start([...argv, "--concurrency", "2"]);
    await service.waitForRequests(2);
    running.interrupt("SIGTERM");
    expect(running.interrupt()).toBe(true);
    expect(running.interrupt()).toBe(false);
    expect((await running.outcome).code).toBe(143);
    expect(rowsIn(results())).toMatchObject(
      Array(2).fill({ error_code: "ABORTED", may_have_been_sent: true }),
    );
    service.clearFaults();
    service.clearReceived();
    const rest = await cli(argv);
    expect([rest.code, service.received.map(({ device_token }) => device_token).sort()]).toEqual([
      1,
      devices
        .slice(2)
        .map(({ device_token }) => device_token)
        .sort(),
    ]);
    const again = await cli([...argv, "--resend-unanswered"]);
    expect([again.code, devices.map(({ received }) => received.length)]).toEqual([0, [1, 1, 1, 1]]);
  });

  it("what was under way when a run was killed is named, and sent again only when told so", async () => {
    const killed = await bulk(tokens(2), out()).outcome;
    expect(killed.code).toBe(0);
    // As a kill leaves it: line 3 was begun, its result was not written.
    const state = readFileSync(`${results()}.state`, "utf8").replace('"begun":2}', '"begun":3}');
    writeFileSync(`${results()}.state`, state);
    const next = await bulk(tokens(4), out()).outcome;
    expect([next.code, next.stderr]).toEqual([
      1,
      expect.stringContaining(
        "Under way when an earlier run was killed, and not sent again (--resend-unanswered does): lines 3.",
      ),
    ]);
    const row = rowsIn(results()).find(({ line }) => line === 3);
    expect(resultSchema.parse(row)).toMatchObject({
      error_code: "ABORTED",
      may_have_been_sent: true,
      device_token: "device-3",
    });
    const again = await bulk(tokens(4), out("--resend-unanswered")).outcome;
    expect([
      again.code,
      rowsIn(results())
        .filter(({ line }) => line === 3)
        .map(({ success }) => success),
    ]).toEqual([0, [false, true]]);
  });

  it("--json names the lines that may have been sent", async () => {
    await bulk(tokens(1), out()).outcome;
    writeFileSync(
      `${results()}.state`,
      readFileSync(`${results()}.state`, "utf8").replace('"begun":1}', '"begun":2}'),
    );
    const { stdout } = await bulk(tokens(2), out("--json")).outcome;
    expect(rows(stdout)).toMatchObject([
      { complete: true, failed: 1, may_have_been_sent: 1, unanswered_lines: [2] },
    ]);
  });
});
