import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { generateVapidKeys } from "../../providers/web_push/vapid_keys.js";
import { root } from "../setup/packed_project.js";
import { compileExamples, type Programs } from "./packed_examples.js";

let examples: Programs;
beforeAll(async () => {
  const text = readFileSync(join(root, "examples/simulation_in_a_test.ts"), "utf8");
  examples = await compileExamples("examples", {
    "forgets_nobody.ts": text.replace("customers.delete(", "customers.has("),
  });
});

/** The keys of a stranger's browser; its push service is on no list. */
const SUBSCRIPTION = JSON.stringify({
  endpoint: "https://push.example.org/1",
  keys: {
    p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    auth: "BTBZMqHH6r4Tts7J_aSIgg",
  },
});

function environment(): Record<string, string> {
  const { vapid_public_key, vapid_private_key } = generateVapidKeys();
  return {
    WEB_PUSH_VAPID_PUBLIC_KEY: vapid_public_key,
    WEB_PUSH_VAPID_PRIVATE_KEY: vapid_private_key,
    WEB_PUSH_VAPID_SUBJECT: "mailto:ops@example.org",
  };
}

it("all examples compile in a strict project of a user", () => {
  expect(examples.errors).toEqual([]);
});

it("each example is run by a test", () => {
  const tested = [
    ...["apns.ts", "debug_logging.ts", "demo.mjs", "fcm.ts"],
    ...["http_express.mjs", "http_fastify.mjs", "http_hono.mjs", "http_visitor.mjs"],
    ...["live_activity.ts", "opentelemetry.mjs"],
    ...[
      "prometheus.mjs",
      "router_fallback.ts",
      "send_bulk.ts",
      "send_one.ts",
      "simulation_in_a_test.ts",
      "wns.ts",
    ],
  ];
  const programs = readdirSync(join(root, "examples")).filter((name) => /\.(ts|mjs)$/.test(name));
  expect(programs.sort()).toEqual(tested);
  expect(readdirSync(join(root, "examples/custom_provider")).sort()).toEqual(["ntfy.ts", "send.ts"]);
});

describe("send_one", () => {
  it("sends to a local push service when nothing is set", async () => {
    const { code, stdout, stderr } = await examples.run("send_one.js");
    expect(stdout).toMatch(/^✓ accepted \(201\), message [0-9a-f-]{36}\n$/);
    expect([code, stderr]).toEqual([0, ""]);
  });

  it("takes keys and subscription from the environment, and says why it failed", async () => {
    const env = { ...environment(), PUSH_SUBSCRIPTION: SUBSCRIPTION };
    const { code, stdout } = await examples.run("send_one.js", env);
    expect(stdout).toMatch(/^✗ ENDPOINT_REFUSED: .*push\.example\.org.*allowed_hosts/);
    expect(code).toBe(1);
  });

  it("names what is missing from the environment", async () => {
    const { code, stderr } = await examples.run("send_one.js", { PUSH_SUBSCRIPTION: SUBSCRIPTION });
    expect(stderr).toContain("CONFIG_INVALID");
    expect(stderr).toContain("vapid_private_key");
    expect(code).toBe(1);
  });
});

describe("send_bulk", () => {
  it("sends to 200, forgets the 20 that are gone, and streams to the rest", async () => {
    const { code, stdout, stderr } = await examples.run("send_bulk.js");
    expect(stdout).toMatch(/^200\/200 \(\d+ per second\)$/m);
    expect(stdout).toContain(
      "accepted 180 of 200\nremoved 20 dead subscriptions, 180 are left\nstream: { accepted: 180 }\n",
    );
    expect([code, stderr]).toEqual([0, ""]);
  });

  it("reads subscriptions from a file", async () => {
    const file = join(examples.folder, "subscriptions.txt");
    writeFileSync(file, `${SUBSCRIPTION}\nnot a subscription\n`);
    const { code, stdout } = await examples.run("send_bulk.js", {
      ...environment(),
      PUSH_SUBSCRIPTIONS: file,
    });
    expect(stdout).toContain("accepted 0 of 2\nremoved 0 dead subscriptions, 2 are left\n");
    expect(stdout).toContain("stream: { ENDPOINT_REFUSED: 1, INVALID_TOKEN: 1 }");
    expect(code).toBe(0);
  });
});

describe("simulation_in_a_test", () => {
  it("passes", async () => {
    const { code, stdout } = await examples.run("simulation_in_a_test.js");
    expect(stdout).toMatch(/pass 3\n/);
    expect(stdout).toMatch(/fail 0\n/);
    expect(code).toBe(0);
  });

  it("fails when the code that it tests is wrong", async () => {
    const { code, stdout } = await examples.run("forgets_nobody.js");
    expect(stdout).toMatch(/not ok 1|✖ a customer who is gone is forgotten/);
    expect(stdout).toMatch(/pass 2\n/);
    expect(stdout).toMatch(/fail 1\n/);
    expect(code).toBe(1);
  });
});

it.each([
  [
    "fcm.js",
    /^✓ accepted: projects\/[^/]+\/messages\/\S+\n✓ subscribed to news\n✓ sent to the topic\n$/,
    "FCM_TOKEN",
    "service_account_path",
  ],
  [
    "apns.js",
    /^✓ alert accepted: [0-9a-f-]{36}\n✓ background push accepted\n$/,
    "APNS_DEVICE_TOKEN",
    "auth_key_path",
  ],
  ["wns.js", /^✓ toast accepted: \S+\n✓ badge accepted\n$/, "WNS_CHANNEL_URI", "client_secret"],
])(
  "%s sends to a local service when nothing is set, else names what is missing",
  async (program, shown, name, missing) => {
    const { code, stdout, stderr } = await examples.run(program);
    expect(stdout).toMatch(shown);
    expect([code, stderr]).toEqual([0, ""]);
    const without = await examples.run(program, { [name]: "x" });
    expect(without.stderr).toContain("CONFIG_INVALID");
    expect(without.stderr).toContain(missing);
    expect(without.code).toBe(1);
  },
);

it("live_activity starts, updates and ends one, and broadcasts over a channel", async () => {
  const { code, stdout, stderr } = await examples.run("live_activity.js");
  expect(stdout).toBe(
    "start: accepted\nupdate: accepted\nend: accepted\nbroadcast: accepted\nchannel deleted: true\n",
  );
  expect([code, stderr]).toEqual([0, ""]);
});

it("router_fallback goes on to the next device, and deletes the dead one", async () => {
  const { code, stdout, stderr } = await examples.run("router_fallback.js");
  expect(stdout).toBe(
    "deleted a dead apns token\napns: UNREGISTERED\nfcm: SERVICE_UNAVAILABLE\nweb_push: accepted\n" +
      "✓ reached by web_push; 2 devices are left\n",
  );
  expect([code, stderr]).toEqual([0, ""]);
});

it("debug_logging tells what happens, and shows no token and no payload", async () => {
  const { code, stdout, stderr } = await examples.run("debug_logging.js");
  expect(stderr.match(/^pushmux simulation debug (attempt|settled) \{/gm)).toHaveLength(5);
  expect(
    stdout.match(/^metric push_retries\{platform="simulation",code="SERVICE_UNAVAILABLE"\} 1$/gm),
  ).toHaveLength(1);
  expect(stdout.match(/^metric push_settled/gm)).toHaveLength(2);
  expect(stdout).toContain("device_token: 'sha256:");
  expect(stdout).toContain("error_code: 'UNREGISTERED'");
  expect(stdout).toContain("health healthy");
  expect(stdout + stderr).not.toMatch(/alice|bob|Secret plan|Meet at nine/);
  expect(code).toBe(0);
});

it.each(["http_express.mjs", "http_fastify.mjs", "http_hono.mjs"])(
  "%s takes a subscription, sends to it, and lets only its own people send",
  async (program) => {
    const { code, stdout, stderr } = await examples.run(program);
    expect(stdout).toBe(
      "subscribe: 201 subscribed\ntest: 200 The notification was sent successfully: the service accepted it.\nsend: 401 sign in first\n" +
        "send: 200 The notification was sent successfully: the service accepted it.\nunsubscribe: 200 unsubscribed\n" +
        "shown: Test notification\nshown: Doors open\n",
    );
    expect([code, stderr]).toEqual([0, ""]);
  },
);

it("opentelemetry makes a span for each notification and each request, below whoever sent it", async () => {
  const { code, stdout, stderr } = await examples.run("opentelemetry.mjs");
  // What ran at the same time may have ended in any order.
  const trees = stdout.split(/^(?=POST \/orders)/m).map((tree) => tree.trimEnd().split(/\n(?= {2}\S)/));
  expect(trees.map(([request, ...sends]) => [request, ...sends.sort()]).sort()).toEqual([
    [
      "POST /orders of alice",
      "  send simulation 200\n    POST 200",
      "  send simulation 200\n    POST 503, SERVICE_UNAVAILABLE\n    POST 200, resend 1",
    ],
    [
      "POST /orders of bob",
      "  send simulation 200\n    POST 200",
      "  send simulation 410, UNREGISTERED\n    POST 410, UNREGISTERED",
    ],
  ]);
  expect([code, stderr]).toEqual([0, ""]);
});

it("prometheus serves what was counted, in few series and without a token", async () => {
  const { code, stdout, stderr } = await examples.run("prometheus.mjs");
  const samples = new Map(
    [...stdout.matchAll(/^(\w+\{.*\}) (\S+)$/gm)].map(([, series = "", value]) => [series, Number(value)]),
  );
  const lines = stdout.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  expect(lines).toHaveLength(samples.size);
  const simulation = (name: string, label = "") => samples.get(`${name}{platform="simulation"${label}}`);
  expect(simulation("pushmux_notifications_total", ',code="accepted"')).toBe(2);
  expect(simulation("pushmux_notifications_total", ',code="UNREGISTERED"')).toBe(1);
  expect(simulation("pushmux_attempts_total")).toBe(4);
  expect(simulation("pushmux_retries_total")).toBe(1);
  expect(simulation("pushmux_notification_seconds_count")).toBe(3);
  expect(samples.get('pushmux_connections{platform="fcm"}')).toBeGreaterThan(0);
  expect(samples.get('pushmux_credential_expires_in_seconds{platform="fcm"}')).toBeGreaterThan(3000);
  const buckets = [...samples].filter(([name]) => /^pushmux_attempt_seconds_bucket.*simulation/.test(name));
  const counts = buckets.map(([, count]) => count);
  expect([counts.length, counts.at(-1), counts]).toEqual([19, 4, counts.toSorted((a, b) => a - b)]);
  expect(buckets.at(-1)?.[0]).toContain('le="+Inf"');
  expect(samples.size).toBeLessThan(120);
  expect(stdout).not.toMatch(/alice|Secret|127\.0\.0\.1|localhost/);
  expect([code, stderr]).toEqual([0, ""]);
});
