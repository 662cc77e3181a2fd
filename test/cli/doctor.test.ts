import { describe, expect, it } from "vitest";
import { checkNode, watchClock } from "../../src/cli/checkup.js";
import { makePair } from "../../src/cli/keys.js";
import {
  startApnsService,
  startFcmService,
  startWebPushService,
  startWnsService,
} from "../../src/testing/index.js";
import { cli, useFolder } from "./support.js";

const folder = useFolder();
const OPS = { vapid_subject: "mailto:ops@example.org" };

interface Check {
  name: string;
  status: string;
  message: string;
}

/** The exit code, and the findings by name. */
async function examine(
  configs: object,
  ...argv: string[]
): Promise<{ code: number } & Record<string, Check>> {
  const { code, stdout } = await cli([
    "doctor",
    "--json",
    "--config",
    folder.write("push.json", configs),
    ...argv,
  ]);
  const { checks }: { checks: Check[] } = JSON.parse(stdout);
  return Object.assign(Object.fromEntries(checks.map((check) => [check.name, check])), { code }) as never;
}

describe("pushmux doctor", () => {
  it("with nothing configured names every variable, and exits with 3", async () => {
    const { code, stdout, stderr } = await cli(["doctor"]);
    expect([code, stderr]).toEqual([3, ""]);
    expect(stdout).toMatch(/^ok {6}node {7}20|^ok {6}node {7}2\d/m);
    for (const name of [
      "VAPID_PRIVATE_KEY",
      "FCM_SERVICE_ACCOUNT_PATH",
      "APNS_AUTH_KEY_PATH",
      "WNS_CLIENT_SECRET",
    ]) {
      expect(stdout).toMatch(new RegExp(`^- .*not configured; its variables: .*${name}`, "m"));
    }
    expect(stdout).toMatch(/^FAILED {2}platforms {2}none is configured/m);
  });

  it("finds everything well, gets credentials, and sends nothing", async () => {
    await using web_push = await startWebPushService();
    await using fcm = await startFcmService();
    await using apns = await startApnsService();
    await using wns = await startWnsService();
    const services = { web_push, fcm, apns, wns };
    const configs = Object.fromEntries(Object.entries(services).map(([name, { config }]) => [name, config]));
    const found = await examine(configs);
    expect(found.code).toBe(0);
    expect(found.web_push).toMatchObject({
      status: "ok",
      message: expect.stringContaining("mailto:ops@example.org"),
    });
    expect(found.fcm).toMatchObject({
      status: "ok",
      message: expect.stringContaining(fcm.config.project_id),
    });
    expect(found.apns).toMatchObject({ status: "ok", message: expect.stringContaining("org.example.app") });
    expect(found.wns).toMatchObject({ status: "ok", message: expect.stringContaining(wns.config.client_id) });
    expect(found.clock).toMatchObject({
      status: "ok",
      message: expect.stringMatching(/^20.*(as the services have it|1 s )/),
    });
    expect([fcm.token_requests, wns.token_requests]).toEqual([1, 1]);
    for (const { received } of Object.values(services)) expect(received).toEqual([]);
    const all = JSON.stringify(found);
    for (const secret of [web_push.config.vapid_private_key, wns.config.client_secret])
      expect(all).not.toContain(secret);
  });

  it("3.4.troubleshooting 3.4.keys finds two keys that are no pair", async () => {
    const [one, other] = [makePair(), makePair()];
    const { vapid_public_key } = one;
    const { vapid_private_key } = other;
    const { code, web_push } = await examine({ web_push: { ...OPS, vapid_public_key, vapid_private_key } });
    expect([code, web_push]).toMatchObject([
      3,
      { status: "failed", message: expect.stringMatching(/is not the other half of/) },
    ]);
    expect(web_push?.message).not.toContain(vapid_private_key);
  });

  it.each(["mailto:me@localhost", "https://localhost", "mailto:me@somewhere.example"])(
    "3.4.subject warns of a subject that Apple refuses: %s",
    async (vapid_subject) => {
      const { vapid_public_key, vapid_private_key } = makePair();
      const { code, web_push } = await examine({
        web_push: { vapid_public_key, vapid_private_key, vapid_subject },
      });
      expect([code, web_push]).toMatchObject([
        0,
        { status: "warning", message: expect.stringMatching(/the subject is made up/) },
      ]);
    },
  );

  it("reads the environment, and names what is set and what is missing", async () => {
    const { vapid_public_key, vapid_private_key } = makePair();
    const file = folder.write(
      "k.env",
      `VAPID_PUBLIC_KEY=${vapid_public_key}\nVAPID_PRIVATE_KEY=${vapid_private_key}\n`,
    );
    const { code, stdout } = await cli(["doctor", "--env-file", file]);
    expect(code).toBe(3);
    expect(stdout).toMatch(
      /^FAILED {2}web_push {2}from VAPID_PUBLIC_KEY, VAPID_PRIVATE_KEY: .*vapid_subject: .*set WEB_PUSH_VAPID_SUBJECT/m,
    );
    expect(stdout).not.toContain(vapid_private_key);
    process.env.VAPID_CLAIM_EMAIL = "ops@example.org";
    expect((await cli(["doctor"])).code).toBe(0);
  });

  it("finds that credentials are refused, for each platform that is named", async () => {
    await using service = await startWnsService();
    service.respond("token_endpoint", { status: 401, reason: "invalid_client" });
    const { code, wns, apns } = await examine({ wns: service.config }, "--platform", "wns,apns");
    expect(code).toBe(3);
    expect(wns).toMatchObject({
      status: "failed",
      message: expect.stringContaining("AUTHENTICATION_FAILED"),
    });
    expect(apns).toMatchObject({ status: "failed", message: expect.stringContaining("not configured") });
    expect((await examine({ wns: service.config }, "--platform", "simulation")).code).toBe(0);
  });

  it("3.4.troubleshooting finds a clock that is off, by what a service says that the time is", async () => {
    await using service = await startFcmService();
    const date = new Date(Date.now() + 600_000).toUTCString();
    service.respond("token_endpoint", { headers: { date } });
    const { code, fcm, clock } = await examine({ fcm: service.config });
    expect([code, fcm?.status, clock?.status]).toEqual([3, "ok", "failed"]);
    expect(Number(/, (\d+) s behind a service$/.exec(clock?.message ?? "")?.[1])).toBeGreaterThan(595);
  });

  it("says when no service was asked for its time, and when a time cannot be", () => {
    expect(watchClock().end()).toMatchObject({
      status: "ok",
      message: expect.stringMatching(/no service was asked/),
    });
    expect(watchClock(() => Date.UTC(1970, 0, 2)).end()).toMatchObject({
      status: "failed",
      message: expect.stringMatching(/^1970.* cannot be$/),
    });
  });

  it.each([
    ["20.19.0", "ok"],
    ["22.1.0", "ok"],
    ["20.18.3", "failed"],
    ["18.20.0", "failed"],
  ])("Node %s: %s", (version, status) => {
    expect(checkNode(version)).toMatchObject({ name: "node", status });
  });

  it("says which optional packages are there", async () => {
    const { packages } = await examine({});
    expect(packages?.message).toMatch(
      /^firebase-admin is (not )?installed.*; @libsql\/client is (not )?installed/,
    );
  });
});
