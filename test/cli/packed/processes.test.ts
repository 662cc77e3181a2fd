import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type ApnsService, startApnsService } from "../../../src/testing/index.js";
import { packedProject, root } from "../../setup/packed_project.js";
import { run, runOk } from "../../setup/run.js";
import { finishedRows, NOBODYS, pushmux, startPushmux, userFolder } from "./installed.js";

let folder = "";
beforeAll(packedProject);
beforeEach(async () => {
  folder = await userFolder();
});

const SOON = { timeout: 20_000, interval: 10 };

describe("the installed command", () => {
  it("is there for npx, and says its version", async () => {
    const { version }: { version: string } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect(await runOk("npx", ["--no-install", "pushmux", "--version"], { cwd: folder })).toBe(
      `${version}\n`,
    );
  });

  it("shows every request without any account", async () => {
    const { code, stdout, stderr } = await pushmux(["explain", "--title", "Hello"], folder);
    expect([code, stderr, stdout.match(/^POST /gm)?.length]).toEqual([0, "", 4]);
  });

  it("ends with its exit code, and writes no colours into a pipe", async () => {
    const { code, stdout, stderr } = await pushmux(["send", "--titel", "x"], folder);
    expect([code, stdout, stderr]).toEqual([
      2,
      "",
      expect.stringMatching(/^pushmux: --titel: unknown option; did you mean/),
    ]);
  });

  it("takes a closed stdin for an empty one", async () => {
    const program = join(folder, "../../node_modules/pushmux/dist/cli/main.js");
    const command = `"${process.execPath}" "${program}" send --subscription - --title Hi <&-`;
    const { code, stderr } = await run("sh", ["-c", command], { cwd: folder, env: NOBODYS });
    expect([code, stderr]).toEqual([2, expect.stringContaining("--subscription -: expected a subscription")]);
  });
});

describe("a bulk run as a process", () => {
  const results = () => join(folder, "results.jsonl");

  /** Devices of the service, the list of them, and the command that sends to it. */
  function campaign(service: ApnsService, count: number, ...more: string[]) {
    const devices = Array.from({ length: count }, () => service.createDevice());
    writeFileSync(
      join(folder, "tokens.jsonl"),
      devices.map(({ device_token }) => `${device_token}\n`).join(""),
    );
    writeFileSync(join(folder, "push.json"), JSON.stringify({ apns: service.config }));
    const argv = [
      "bulk",
      "tokens.jsonl",
      "--platform",
      "apns",
      "--config",
      "push.json",
      "--title",
      "Hi",
      "--out",
      "results.jsonl",
    ];
    return { devices, argv: [...argv, ...more] };
  }

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)(
    "%s finishes what is under way and ends with %i; the same command sends the rest, nobody twice",
    async (signal, exit_code) => {
      await using service = await startApnsService();
      service.respond("*", { delay_ms: 50 });
      const { devices, argv } = campaign(service, 60, "--concurrency", "5");
      const { child, ended } = startPushmux(argv, folder);
      await vi.waitFor(() => expect(finishedRows(results()).length).toBeGreaterThan(5), SOON);
      child.kill(signal);
      const { code, stderr } = await ended;
      const sent = service.received.length;
      expect([code, sent < 60, finishedRows(results()).length]).toEqual([exit_code, true, sent]);
      expect(finishedRows(results()).every(({ success }) => success)).toBe(true);
      expect(stderr).toContain("Not finished: give the same command again to go on.");

      const rest = await pushmux(argv, folder);
      expect([rest.code, devices.map(({ received }) => received.length)]).toEqual([0, Array(60).fill(1)]);
      expect(rest.stderr).toContain(`60 of 60 accepted, none failed.\nAnswered by an earlier run: ${sent}.`);
    },
  );

  it("a second ctrl-C cuts off what is under way, and ends", async () => {
    await using service = await startApnsService();
    service.fault("stall");
    const { child, told, ended } = startPushmux(campaign(service, 3).argv, folder);
    await service.waitForRequests(3, { timeout_ms: 20_000 });
    child.kill("SIGINT");
    await vi.waitFor(() => expect(told()).toContain("Finishing the 3 under way"), SOON);
    child.kill("SIGINT");
    const { code, stderr } = await ended;
    expect([code, stderr]).toEqual([
      130,
      expect.stringContaining("Finishing the 3 under way. Ctrl-C again cuts them off."),
    ]);
    expect(finishedRows(results())).toMatchObject(
      Array(3).fill({ error_code: "ABORTED", may_have_been_sent: true }),
    );
  });

  it("survives kill -9, again and again: nobody gets it twice, and who may have missed it is named", async () => {
    await using service = await startApnsService();
    service.respond("*", { delay_ms: 30 });
    const { devices, argv } = campaign(service, 120, "--concurrency", "4");
    for (const kills of [1, 2, 3]) {
      const before = finishedRows(results()).length;
      const { child, ended } = startPushmux(argv, folder);
      await vi.waitFor(
        () => expect(finishedRows(results()).length).toBeGreaterThan(before + 8 * kills),
        SOON,
      );
      child.kill("SIGKILL");
      expect(await ended).toMatchObject({ code: null, signal: "SIGKILL" });
    }
    const { code, stderr } = await pushmux(argv, folder);
    const rows = finishedRows(results());
    expect(rows.map(({ line }) => line).sort((a, b) => a - b)).toEqual(devices.map((_, i) => i + 1));
    const maybe = rows.filter(({ may_have_been_sent }) => may_have_been_sent).map(({ line }) => line);
    expect([maybe.length > 0, maybe.length <= 12, code]).toEqual([true, true, 1]);
    expect(stderr).toMatch(/^Under way when an earlier run was killed, and not sent again .*: lines \d/m);
    devices.forEach(({ received }, i) => {
      if (maybe.includes(i + 1)) expect(received.length).toBeLessThan(2);
      else expect([i + 1, received.length]).toEqual([i + 1, 1]);
    });
  });

  it("is not joined by a second one on the same results", async () => {
    await using service = await startApnsService();
    service.fault("stall");
    const { argv } = campaign(service, 2);
    const { child, ended } = startPushmux(argv, folder);
    await service.waitForRequests(2, { timeout_ms: 20_000 });
    const second = await pushmux(argv, folder);
    child.kill("SIGKILL");
    await ended;
    expect([second.code, service.received.length]).toEqual([2, 2]);
    expect(second.stderr).toContain(`another run (process ${child.pid}) writes to it`);
  });

  it("ends when nobody reads its results any more", async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `device-${i}\n`).join("");
    writeFileSync(join(folder, "tokens.jsonl"), lines);
    writeFileSync(
      join(folder, "push.json"),
      JSON.stringify({ simulation: { success_rate: 1, delivery_delay_ms: 1 } }),
    );
    const argv = [
      "bulk",
      "tokens.jsonl",
      "--platform",
      "simulation",
      "--config",
      "push.json",
      "--title",
      "Hi",
    ];
    const { child, ended } = startPushmux(argv, folder);
    await once(child.stdout, "data");
    child.stdout.destroy();
    expect(await ended).toMatchObject({ code: 141, stderr: "" });
  });

  it("ends at ctrl-C while it waits for a list that is typed", async () => {
    writeFileSync(
      join(folder, "push.json"),
      JSON.stringify({ simulation: { success_rate: 1, delivery_delay_ms: 1 } }),
    );
    const { child, ended } = startPushmux(
      ["bulk", "--platform", "simulation", "--config", "push.json", "--title", "Hi"],
      folder,
    );
    child.stdin.write("alice\n");
    const [row] = await once(child.stdout, "data");
    child.kill("SIGINT");
    expect([(await ended).code, JSON.parse(String(row)).device_token]).toEqual([130, "alice"]);
  });
});
