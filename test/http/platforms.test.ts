import { expect, it } from "vitest";
import { getPushProvider } from "../../src/index.js";
import { openWorld } from "./support.js";

it("3.1.vapid_public_key 5.1.p9 5.4.4 the key, as a page needs it, cached for a minute", async () => {
  const { ask, service } = await openWorld();
  const { status, headers, body } = await ask("GET vapid-public-key");
  expect([status, headers.get("cache-control")]).toEqual([200, "public, max-age=60"]);
  expect(body).toMatchObject({
    publicKey: service.config.vapid_public_key,
    platform: "web_push",
    timestamp: "2030-01-01T12:00:00.000Z",
    success: true,
  });
});

it("3.1.vapid_public_key without web push there is none: 404", async () => {
  const simulation = await getPushProvider("simulation", {});
  const { ask } = await openWorld({ router: undefined, providers: [simulation] });
  const { status, body } = await ask("GET vapid-public-key");
  expect([status, body.error_code]).toEqual([404, "PLATFORM_NOT_CONFIGURED"]);
  await simulation.close();
});

it("3.1.platforms each that there is: what it can do, or that it is not configured", async () => {
  const { ask } = await openWorld();
  const { status, body } = await ask("GET platforms");
  const platforms = body.platforms as { platform: string; available: boolean }[];
  expect([status, body.total]).toEqual([200, platforms.length]);
  expect(platforms.filter(({ available }) => available).map(({ platform }) => platform)).toEqual([
    "web_push",
    "simulation",
  ]);
  expect(platforms).toEqual(
    expect.arrayContaining([
      { platform: "fcm", available: false, error: "not configured here" },
      expect.objectContaining({
        platform: "web_push",
        info: expect.objectContaining({ platform: "web_push" }),
      }),
    ]),
  );
});

it.each(["web_push", "webpush", "web%5Fpush"])(
  "3.1.platform_info of %s: limits and abilities",
  async (name) => {
    const { ask } = await openWorld();
    const { status, body } = await ask(`GET platforms/${name}/info`);
    expect([status, body.platform]).toEqual([200, "web_push"]);
    expect(body.info).toMatchObject({ platform: "web_push", limits: { max_payload_bytes: 3993 } });
  },
);

it.each(["pigeon", "fcm", "toString"])(
  "H1 3.1.platform_info of %s, which is not here: 400, and what is",
  async (name) => {
    const { ask } = await openWorld();
    const { status, body } = await ask(`GET platforms/${name}/info`);
    expect([status, body.field, body.error_code]).toEqual([400, "platform", "PLATFORM_NOT_CONFIGURED"]);
    expect(body.message).toContain("configured: web_push, simulation");
  },
);

it("strangers do not learn who sends, nor how much", async () => {
  const { ask, service } = await openWorld();
  const answers = [await ask("GET platforms"), await ask("GET platforms/web_push/info")];
  const text = JSON.stringify(answers.map(({ body }) => body));
  expect(text).not.toContain(service.config.vapid_subject);
  expect(text).not.toMatch(/"(sender|counters)"/);
});
