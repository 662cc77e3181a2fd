import { describe, expect, it } from "vitest";
import { apns } from "../../providers/apns/index.js";
import { fcm } from "../../providers/fcm/index.js";
import { webPush } from "../../providers/web_push/index.js";
import { wns } from "../../providers/wns/index.js";
import { SERVICES, VARIABLES } from "../../src/cli/senders.js";
import { getAvailablePlatforms } from "../../src/index.js";
import { cli, useFolder } from "./support.js";

const folder = useFolder();
const CANARY = "canary-0f1e2d3c";
const SIMULATED = ["send", "--platform", "simulation", "--token", "device", "--title", "Hi"];

describe("credentials", () => {
  it("have the variables that the providers read, no more and no less", () => {
    expect(SERVICES).toEqual(
      getAvailablePlatforms()
        .filter((platform) => platform !== "simulation")
        .sort(byTable),
    );
    for (const { platform, environment } of [webPush, fcm, apns, wns]) {
      expect(VARIABLES[platform]).toEqual(Object.values(environment ?? {}).flat());
    }
  });

  it("come from a JSON file by platform, also under an alias", async () => {
    const config = folder.write("push.json", {
      wns_windows: { tenant_id: 7 },
      simulation: { success_rate: 0.5 },
    });
    const wns_result = await cli(["send", "--platform", "wns", "--token", "t", "--config", config]);
    expect([wns_result.code, wns_result.stderr]).toEqual([3, expect.stringContaining("tenant_id")]);
    const nobody = folder.write("none.json", { simulation: { outcomes: { device: "UNREGISTERED" } } });
    expect((await cli([...SIMULATED, "--config", nobody])).stderr).toContain("UNREGISTERED");
  });

  it("come from stdin", async () => {
    const stdin = JSON.stringify({ simulation: { outcomes: { device: "DROPPED" } } });
    expect((await cli([...SIMULATED, "--config", "-"], { stdin })).stderr).toMatch(/^DROPPED: /);
  });

  it("come from an environment file; what is set already wins", async () => {
    const file = folder.write("keys.env", "WNS_TENANT_ID=t\nWNS_CLIENT_ID=c\nWNS_NOTIFICATION_TYPE=wrong\n");
    const argv = ["send", "--platform", "wns", "--token", "t", "--env-file", file];
    process.env.WNS_NOTIFICATION_TYPE = "toast";
    const { code, stderr } = await cli(argv);
    expect([code, stderr]).toEqual([3, expect.stringMatching(/client_secret.*WNS_CLIENT_SECRET/)]);
    expect(stderr).not.toContain("notification_type");
  });

  it.each([
    ["push.json", `{ "fcm": { "x": "${CANARY}" `, 2, "expected a JSON object"],
    ["push.json", `["${CANARY}"]`, 2, "expected a JSON object"],
    ["push.json", `{ "fcn": { "key": "${CANARY}" } }`, 2, "unknown platform fcn; did you mean fcm?"],
    ["push.json", `{ "fcm": "${CANARY}" }`, 3, "fcm: expected an object"],
    ["push.json", `{ "simulation": { "sucess_rate": "${CANARY}" } }`, 3, "did you mean success_rate?"],
  ])("in a wrong file are told, without what stands there: %s %s", async (name, text, exit_code, message) => {
    const { code, stdout, stderr } = await cli([...SIMULATED, "--config", folder.write(name, text)]);
    expect([code, stderr]).toEqual([exit_code, expect.stringContaining(message)]);
    expect(stdout + stderr).not.toContain(CANARY);
  });

  it("in a file that is not there are told by the option", async () => {
    const { code, stderr } = await cli([...SIMULATED, "--env-file", folder.path("none")]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/--env-file .*none: cannot be read: no such file or folder/),
    ]);
  });

  it("cannot be given as arguments", async () => {
    const { code, stderr } = await cli([...SIMULATED, `--vapid-private-key=${CANARY}`]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("--vapid-private-key: unknown option")]);
    expect(stderr).not.toContain(CANARY);
  });

  it("stdin is read once", async () => {
    const argv = [...SIMULATED, "--config", "-", "--payload", "-"];
    const { code, stderr } = await cli(argv, { stdin: "{}" });
    expect([code, stderr]).toEqual([2, expect.stringContaining("stdin was read for another option")]);
  });
});

function byTable(a: string, b: string): number {
  return SERVICES.indexOf(a) - SERVICES.indexOf(b);
}
