import { beforeEach, describe, expect, it, vi } from "vitest";
import { SERVICES } from "../../src/cli/senders.js";
import type { ResultRequest } from "../../src/index.js";
import { startApnsService, startFcmService, startWnsService } from "../../src/testing/index.js";
import { cli, useFolder } from "./support.js";

const folder = useFolder();
const CANARY = "canary-5e6f7a8b";

interface Explained {
  platform: string;
  configured: boolean;
  request?: ResultRequest;
  warnings: unknown[];
  error?: { code: string };
}

async function explained(...argv: string[]): Promise<Record<string, Explained>> {
  const { stdout } = await cli(["explain", "--json", ...argv]);
  return Object.fromEntries(JSON.parse(stdout).map((one: Explained) => [one.platform, one]));
}

describe("pushmux explain, without any account", () => {
  it("shows a newcomer the request of each platform", async () => {
    const { code, stdout, stderr } = await cli(["explain"]);
    expect([code, stderr]).toEqual([0, ""]);
    for (const platform of SERVICES) expect(stdout).toContain(`${platform} (placeholder credentials)\n`);
    for (const line of [
      "POST https://fcm.googleapis.com/fcm/send/a-subscription",
      "POST https://fcm.googleapis.com/v1/projects/your-project/messages:send",
      "POST https://api.push.apple.com/3/device/0123456789abcdef",
      "POST https://db5.notify.windows.com/?token=a-channel",
    ]) {
      expect(stdout).toContain(line);
    }
    expect(stdout.match(/^authorization: \[masked\]$/gm)).toHaveLength(4);
    expect(stdout).toContain(
      'bytes, encrypted; decrypted by the device:)\n{\n  "notification": {\n    "title": "Hello"',
    );
    expect(stdout).toContain("<text>Hello</text><text>World</text>");
  });

  it("shows what becomes of the fields of a payload", async () => {
    const all = await explained(
      "--title",
      "Hi",
      "--ttl",
      "60",
      "--priority",
      "high",
      "--collapse-key",
      "k",
      "--url",
      "/a",
    );
    expect(Object.keys(all)).toEqual(SERVICES);
    expect(all.web_push?.request?.headers).toMatchObject({ ttl: "60", urgency: "high", topic: "k" });
    expect(JSON.parse(all.web_push?.request?.plaintext ?? "")).toMatchObject({
      notification: { data: { url: "/a" } },
    });
    expect(all.apns?.request?.headers).toMatchObject({ "apns-priority": "10", "apns-collapse-id": "k" });
    expect(all.wns?.request?.headers).toMatchObject({ "x-wns-priority": "1", "x-wns-ttl": "60" });
    const { validate_only, message } = JSON.parse(all.fcm?.request?.body ?? "");
    expect([validate_only, message.android]).toMatchObject([
      undefined,
      { ttl: "60s", collapse_key: "k", priority: "HIGH" },
    ]);
  });

  it("shows only the platforms that are named, the simulation too, and topics where there are any", async () => {
    expect(Object.keys(await explained("--platform", "apns,webpush", "--platform", "simulation"))).toEqual([
      "apns",
      "web_push",
      "simulation",
    ]);
    const { fcm, wns } = await explained("--platform", "fcm,wns", "--topic", "news");
    expect(JSON.parse(fcm?.request?.body ?? "").message.topic).toBe("news");
    expect(wns?.error?.code).toBe("TOPICS_NOT_SUPPORTED");
  });

  it("says what cannot be sent, and exits with 1", async () => {
    const { code, stdout, stderr } = await cli([
      "explain",
      "--platform",
      "apns",
      "--data",
      '{"aps":{}}',
      "--title",
      "Hi",
    ]);
    expect([code, stdout, stderr]).toEqual([
      1,
      expect.not.stringContaining("POST"),
      expect.stringMatching(/^apns: PAYLOAD_INVALID: .*aps/),
    ]);
  });

  it("shows warnings", async () => {
    const payload = folder.write("m.json", { title: "Hi", badge: "/b.png" });
    const { code, stdout } = await cli(["explain", "--platform", "apns", "--payload", payload]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^warning: badge: /m)]);
  });
});

describe("pushmux explain, with accounts", () => {
  beforeEach(() => vi.stubEnv("WNS_NOTIFICATION_TYPE", undefined));

  it("uses the credentials that there are, and asks nobody", async () => {
    await using fcm = await startFcmService();
    await using apns = await startApnsService();
    await using wns = await startWnsService();
    const services = { fcm, apns, wns };
    const configs = { fcm: fcm.config, apns: apns.config, wns: wns.config };
    const all = await explained("--config", folder.write("push.json", configs));
    expect([all.web_push?.configured, all.fcm?.configured, all.apns?.configured]).toEqual([
      false,
      true,
      true,
    ]);
    expect(all.fcm?.request?.url).toBe(`${fcm.origin}/v1/projects/${fcm.config.project_id}/messages:send`);
    expect(all.apns?.request?.headers["apns-topic"]).toBe("org.example.app");
    expect(all.wns?.request?.url).toBe(`${wns.origin}/?token=a-channel`);
    for (const service of Object.values(services)) expect(service.received).toEqual([]);
    expect([fcm.token_requests, wns.token_requests]).toEqual([0, 0]);
  });

  it("masks the token that was given, wherever it stands", async () => {
    const { fcm } = await explained("--platform", "fcm", "--token", CANARY);
    expect(JSON.parse(fcm?.request?.body ?? "").message.token).toBe("[device token]");
    const channel = `https://db5.notify.windows.com/?token=${CANARY}`;
    const shown = await cli(["explain", "--platform", "wns", "--token", channel]);
    expect(shown.stdout).toContain("POST https://db5.notify.windows.com/[device token]\n");
    const subscription = {
      endpoint: `https://updates.push.services.mozilla.com/wpush/v2/${CANARY}`,
      keys: {
        p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        auth: "BTBZMqHH6r4Tts7J_aSIgg",
      },
    };
    const { stdout } = await cli(["explain", "--subscription", "-"], { stdin: JSON.stringify(subscription) });
    expect(stdout).toContain("POST https://updates.push.services.mozilla.com/[device token]\n");
    for (const text of [stdout, shown.stdout, JSON.stringify(fcm)]) expect(text).not.toContain(CANARY);
  });

  it("says which credentials are wrong, exits with 3, and shows the other platforms", async () => {
    const config = folder.write("push.json", { apns: { team_id: CANARY, bundle_id: "com.example.app" } });
    const { code, stdout, stderr } = await cli(["explain", "--platform", "apns,wns", "--config", config]);
    expect([code, stderr]).toEqual([
      3,
      expect.stringMatching(/^apns: CONFIG_INVALID: apns: team_id: expected 10 letters/),
    ]);
    expect(stdout).toContain("POST https://db5.notify.windows.com/");
    expect(stdout + stderr).not.toContain(CANARY);
  });
});
