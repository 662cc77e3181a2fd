import { describe, expect, it } from "vitest";
import {
  startApnsService,
  startFcmService,
  startWebPushService,
  startWnsService,
} from "../../src/testing/index.js";
import { cli, useFolder } from "./support.js";

const folder = useFolder();
const simulation = (config: object) =>
  folder.write("push.json", { simulation: { success_rate: 1, ...config } });
const SIMULATED = ["send", "--platform", "simulation", "--token", "device-7f3a"];

describe("pushmux send, over sockets", () => {
  it("5.1.s1 sends to the subscription of a file: title, body, url, icon", async () => {
    await using service = await startWebPushService();
    const device = service.createDevice();
    const text = JSON.stringify(JSON.parse(device.device_token), null, 2);
    const subscription = folder.write(
      "subscription.json",
      `
 ${text}
`,
    );
    const argv = [
      "--title",
      "Order shipped",
      "--body",
      "Tomorrow",
      "--url",
      "/orders/42",
      "--icon",
      "/i.png",
    ];
    const config = folder.write("push.json", { web_push: service.config });
    const { code, stdout, stderr } = await cli([
      "send",
      "--subscription",
      subscription,
      "--config",
      config,
      ...argv,
    ]);
    const [message] = await device.waitForMessages(1);
    expect([code, stderr, stdout]).toEqual([
      0,
      "",
      expect.stringMatching(/^Accepted by web_push, in \d+ ms/),
    ]);
    expect(message?.json).toMatchObject({
      notification: { title: "Order shipped", body: "Tomorrow", icon: "/i.png", data: { url: "/orders/42" } },
    });
  });

  it("5.1.s1 5.1.weak takes keys from the environment and a subscription from stdin; the audience is the endpoint's", async () => {
    await using service = await startWebPushService();
    const device = service.createDevice();
    const { vapid_public_key, vapid_private_key, vapid_subject, ...reach } = service.config;
    const stdin = device.device_token;
    const argv = ["send", "--subscription", "-", "--title", "Hi"];
    // The emulator's host is not allowed without its config, so this proves who signs, and the config that it arrives.
    const file = folder.write(
      "k.env",
      `VAPID_PUBLIC_KEY=${vapid_public_key}\nVAPID_PRIVATE_KEY=${vapid_private_key}\nVAPID_CLAIM_EMAIL=${vapid_subject}\n`,
    );
    expect((await cli([...argv, "--env-file", file], { stdin })).stderr).toMatch(/^ENDPOINT_REFUSED: /);
    const config = folder.write("push.json", {
      web_push: { ...reach, vapid_public_key, vapid_private_key, vapid_subject },
    });
    expect((await cli([...argv, "--config", config], { stdin })).code).toBe(0);
    expect(device.received).toHaveLength(1);
  });

  it("sends to a phone through APNs, with priority, lifetime and collapse key", async () => {
    await using service = await startApnsService();
    const device = service.createDevice();
    const config = folder.write("push.json", { apns: service.config });
    const argv = [
      "--title",
      "Hi",
      "--priority",
      "low",
      "--ttl",
      "60",
      "--collapse-key",
      "k",
      "--data",
      "a=b=c",
    ];
    const { code } = await cli([
      "send",
      "--platform",
      "apns_apple",
      "--token",
      device.device_token,
      "--config",
      config,
      ...argv,
    ]);
    expect(code).toBe(0);
    expect(device.received).toMatchObject([{ aps: { alert: { title: "Hi" } }, payload: { a: "b=c" } }]);
    expect(service.received[0]?.headers).toMatchObject({ "apns-priority": "5", "apns-collapse-id": "k" });
  });

  it("sends to a device and to a topic through FCM; options change the fields of a payload file", async () => {
    await using service = await startFcmService();
    const device = service.createDevice();
    device.subscribeToTopic("news");
    const sender = ["--config", folder.write("push.json", { fcm: service.config })];
    const payload = folder.write("m.json", { title: "from the file", body: "kept", data: { a: 1, b: 1 } });
    const argv = ["--payload", payload, "--title", "changed", "--data", '{"b":2}', "--data", "c=3"];
    const to_device = await cli([
      "send",
      "--platform",
      "fcm",
      "--token",
      device.device_token,
      ...argv,
      ...sender,
    ]);
    const to_topic = await cli([
      "send",
      "--platform",
      "fcm",
      "--topic",
      "news",
      "--title",
      "News",
      ...sender,
    ]);
    expect([to_device.code, to_topic.code]).toEqual([0, 0]);
    expect(device.received.map(({ message }) => message?.notification)).toEqual([
      { title: "changed", body: "kept" },
      { title: "News" },
    ]);
    expect(device.received[0]?.message?.data).toEqual({ a: "1", b: "2", c: "3" });
  });

  it("sends a toast through WNS", async () => {
    await using service = await startWnsService();
    const device = service.createDevice();
    const config = folder.write("push.json", { wns: service.config });
    const argv = ["send", "--platform", "wns", "--token", device.device_token, "--config", config];
    const { code, stdout, stderr } = await cli([...argv, "--title", "Hi", "--body", "you"]);
    expect([code, device.received[0]?.lines]).toEqual([0, ["Hi", "you"]]);
    expect(stdout + stderr).not.toContain(device.device_token);
  });

  it("says that a token is gone, and exits with 1", async () => {
    await using service = await startApnsService();
    const device = service.createDevice();
    device.unregister();
    const config = folder.write("push.json", { apns: service.config });
    const argv = [
      "send",
      "--platform",
      "apns",
      "--token",
      device.device_token,
      "--title",
      "Hi",
      "--config",
      config,
    ];
    const { code, stdout, stderr } = await cli(argv);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(
      /^UNREGISTERED: .*\nThe service's word for it: Unregistered\nThe token is gone for good: delete it\.\n$/,
    );
  });

  it("a dry run sends nothing and shows the request without the token", async () => {
    await using service = await startApnsService();
    const { device_token } = service.createDevice();
    const config = folder.write("push.json", { apns: service.config });
    const argv = [
      "send",
      "--platform",
      "apns",
      "--token",
      device_token,
      "--title",
      "Hi",
      "--config",
      config,
      "--dry-run",
    ];
    const shown = await cli(argv);
    expect([shown.code, service.received]).toEqual([0, []]);
    expect(shown.stdout).toContain("/3/device/[device token]\n");
    expect(shown.stdout).toContain("authorization: [masked]\n");
    const { request } = JSON.parse((await cli([...argv, "--json"])).stdout);
    expect(request.url).toMatch(/\/3\/device\/\[device token\]$/);
    expect(shown.stdout + JSON.stringify(request)).not.toContain(device_token);
  });
});

describe("pushmux send", () => {
  it("works at once, with the simulation", async () => {
    const { code, stdout } = await cli([
      ...SIMULATED,
      "--title",
      "Hi",
      "--config",
      simulation({ delivery_delay_ms: 0 }),
    ]);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^Accepted by simulation, in \d+ ms, id sim-000000\.\n$/),
    ]);
  });

  it("writes the result as JSON, the token as a fingerprint", async () => {
    const config = simulation({
      outcomes: { "device-7f3a": { error_code: "RATE_LIMITED", retry_after: 9000 } },
    });
    const { code, stdout, stderr } = await cli([...SIMULATED, "--title", "Hi", "--json", "--config", config]);
    expect([code, stderr]).toEqual([1, ""]);
    expect(JSON.parse(stdout)).toMatchObject({
      success: false,
      error_code: "RATE_LIMITED",
      retry_after: 9000,
      device_token: expect.stringMatching(/^sha256:/),
    });
    expect(stdout).not.toContain("7f3a");
  });

  it("tells for how long to wait, and that it may have been sent", async () => {
    const config = simulation({
      outcomes: { "device-7f3a": { error_code: "RATE_LIMITED", retry_after: 9000 } },
    });
    const { stderr } = await cli([...SIMULATED, "--title", "Hi", "--config", config]);
    expect(stderr).toMatch(/^RATE_LIMITED: .*\nTry again in 9000 s\.\n$/s);
    const silent = simulation({ outcomes: { "device-7f3a": "TIMEOUT" }, timeout_seconds: 0.05 });
    const unanswered = await cli([...SIMULATED, "--title", "Hi", "--config", silent]);
    expect(unanswered.stderr).toMatch(/^TIMEOUT: .*\nIt may have been sent all the same\.\n$/s);
  });

  it("tells warnings", async () => {
    const argv = [
      ...SIMULATED,
      "--payload",
      folder.write("m.json", { title: "Hi", platform_data: { aps: {} } }),
    ];
    const { stderr } = await cli([...argv, "--config", simulation({ delivery_delay_ms: 0 })]);
    expect(stderr).toMatch(/^warning: platform_data\.aps: /);
  });

  it.each([
    [["send", "--token", "t"], "--platform: expected web_push, fcm, apns, wns or simulation"],
    [["send", "--platform", "fcm,apns", "--token", "t"], "--platform: expected one; bulk takes several"],
    [["send", "--platform", "simulation"], "expected one of --token, --subscription, --topic"],
    [["send", "--platform", "fcm", "--token", "t", "--topic", "n"], "give only one of --token, --topic"],
    [[...SIMULATED, "--ttl", "1.5"], "--ttl: expected a whole number of seconds, 0 or more"],
    [[...SIMULATED, "--ttl=-1"], "--ttl: expected a whole number"],
    [[...SIMULATED, "--ttl", "soon"], "--ttl: expected a whole number"],
    [[...SIMULATED, "--data", "novalue"], "--data: expected a JSON object or KEY=VALUE"],
    [[...SIMULATED, "--data", '{"a":"b=c"'], "--data: expected a JSON object or KEY=VALUE"],
  ])("%j is refused: %s", async (argv, message) => {
    expect(await cli(argv)).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(message) });
  });

  it("an empty stdin is no subscription", async () => {
    const { code, stderr } = await cli(["send", "--subscription", "-", "--title", "Hi"]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining("--subscription -: expected a subscription as JSON"),
    ]);
  });

  it("a wrong payload is a result: it is the platform that knows", async () => {
    const { code, stderr } = await cli([...SIMULATED, "--priority", "urgent", "--title", "Hi"]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^PAYLOAD_INVALID: .*priority/)]);
  });

  it("missing credentials name the variables, and exit with 3", async () => {
    const { code, stderr } = await cli(["send", "--platform", "apns", "--token", "00", "--title", "Hi"]);
    expect([code, stderr]).toEqual([3, expect.stringContaining("APNS_BUNDLE_ID")]);
  });
});
