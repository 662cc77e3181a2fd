/** What the service refuses by itself: each rule broken alone, with the status and the words of WNS. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WORDS } from "../../../providers/wns/emulator_words.js";
import { startWnsService, type WnsDeviceOptions, type WnsService } from "../../../src/testing/index.js";
import { request } from "../../testing/client.js";
import { BADGE, goodPush, send, sendLines, TOAST } from "./emulator_push.js";
import { authorize, header, PHONE, RULES, removal, type Scene } from "./emulator_rules.js";

const clock = { now_ms: Date.now() };
let service: WnsService;
beforeAll(async () => {
  service = await startWnsService({ clock: { now: () => clock.now_ms } });
});
afterAll(() => service.close());

describe("the service refuses", () => {
  it.each(RULES)("$title", async ({ refusal, status, type, options, spoil }) => {
    const device = service.createDevice(options);
    const push = goodPush(service, device, type);
    spoil({ push, device, service, clock });
    const reply = await send(service, push);
    expect(reply).toMatchObject({
      status,
      text: "",
      headers: {
        "content-length": "0",
        "x-wns-status": "dropped",
        "x-wns-notificationstatus": "dropped",
        "x-wns-error-description": WORDS[refusal][1],
        "x-wns-msg-id": expect.stringMatching(/^[0-9A-F]{16}$/),
      },
    });
    expect(device.received).toEqual([]);
    expect(service.received.at(-1)).toMatchObject({
      status,
      reason: WORDS[refusal][1],
      wns_status: "dropped",
    });
  });

  it("a POST that does not say how long it is", async () => {
    const push = goodPush(service, service.createDevice());
    const { pathname, search, host } = new URL(push.url);
    const answer = await sendLines(service, [
      `POST ${pathname}${search} HTTP/1.1`,
      `Host: ${host}`,
      "Connection: close",
      ...Object.entries(push.headers).map(([name, value]) => `${name}: ${value}`),
    ]);
    expect(answer).toMatch(/^HTTP\/1\.1 411 Length Required\r\n/);
    expect(answer).toContain(`x-wns-error-description: ${WORDS.length_missing[1]}\r\n`);
  });

  it("more than a sender may send, and says how long to wait; then takes it", async () => {
    let time_ms = 0;
    const slow = await startWnsService({
      clock: { now: () => time_ms },
      sender_limit: { requests: 2, window_seconds: 10 },
    });
    const device = slow.createDevice();
    const sendOne = () => send(slow, goodPush(slow, device));
    expect([(await sendOne()).status, (await sendOne()).status]).toEqual([200, 200]);
    time_ms += 3500;
    expect(await sendOne()).toMatchObject({
      status: 406,
      headers: {
        "retry-after": "7",
        "x-wns-status": "appthrottled",
        "x-wns-error-description": WORDS.sender_throttled[1],
      },
    });
    time_ms += 6500;
    expect((await sendOne()).status).toBe(200);
    expect(device.received).toHaveLength(3);
    await slow.close();
  });

  it("a token in the way of RFC 6750: without one it says Bearer, with a wrong one why", async () => {
    const push = goodPush(service, service.createDevice());
    push.headers.authorization = "Bearer wrong";
    expect((await send(service, push)).headers["www-authenticate"]).toBe('Bearer error="invalid_token"');
    delete push.headers.authorization;
    expect((await send(service, push)).headers["www-authenticate"]).toBe("Bearer");
  });

  it("another method with the one that it takes", async () => {
    const push = { ...goodPush(service, service.createDevice()), method: "PUT" };
    expect((await send(service, push)).headers.allow).toBe("POST");
  });

  it("nothing for which there is no rule here", () => {
    const covered = new Set<string>(RULES.map(({ refusal }) => refusal));
    const elsewhere = ["length_missing", "sender_throttled"];
    expect(Object.keys(WORDS).filter((refusal) => !covered.has(refusal))).toEqual(elsewhere);
  });
});

describe("the service takes", () => {
  it.each<{ title: string; type?: string; options?: WnsDeviceOptions; change?: (scene: Scene) => unknown }>([
    { title: "a toast" },
    { title: "a tile", type: "tile" },
    { title: "a badge", type: "badge" },
    { title: "raw bytes", type: "raw" },
    {
      title: "bytes that are no text",
      type: "raw",
      change: ({ push }) => Object.assign(push, { body: Uint8Array.of(0, 255, 128) }),
    },
    {
      title: "5000 bytes",
      type: "raw",
      change: ({ push }) => Object.assign(push, { body: Buffer.alloc(5000, "x") }),
    },
    { title: "text/xml with its charset", change: header("content-type", 'Text/XML; charset="UTF-8"') },
    {
      title: "octets with a charset, as .NET says it",
      type: "raw",
      change: header("content-type", "application/octet-stream; charset=utf-8"),
    },
    {
      title: "the scheme in lower case",
      change: ({ push }) =>
        Object.assign(push.headers, { authorization: `bearer ${service.createAccessToken()}` }),
    },
    {
      title: "every optional header",
      change: ({ push }) =>
        Object.assign(push.headers, {
          "x-wns-cache-policy": "no-cache",
          "x-wns-ttl": "0",
          "x-wns-requestforstatus": "true",
          "x-wns-tag": "a".repeat(16),
          "x-wns-group": "B".repeat(16),
          "x-wns-priority": "4",
          "ms-cv": "cVSDHFGs0UmSKG2n.1",
        }),
    },
    { title: "Expect, which Microsoft's own clients send", change: header("expect", "100-continue") },
    { title: "no popup on a phone", ...PHONE, change: header("x-wns-suppresspopup", "true") },
    {
      title: "a legacy token for a UWP app",
      options: { app: "uwp" },
      change: (scene) => authorize(scene, service.createAccessToken("legacy")),
    },
    {
      title: "a legacy token for an app that is mapped",
      change: (scene) => authorize(scene, service.createAccessToken("legacy")),
    },
    { title: "an Entra token for a Windows App SDK app", options: { app: "windows_app_sdk" } },
    {
      title: "a channel of almost 30 days ago",
      change: (scene) => {
        clock.now_ms += 30 * 86_400_000 - 1;
        authorize(scene, service.createAccessToken());
      },
    },
    {
      title: "a token to its last second",
      change: () => {
        clock.now_ms += 86_398_999;
      },
    },
  ])("$title", async ({ type, options, change }) => {
    const device = service.createDevice(options);
    const push = goodPush(service, device, type);
    change?.({ push, device, service, clock });
    expect(await send(service, push)).toMatchObject({
      status: 200,
      text: "",
      headers: { "x-wns-status": "received", "x-wns-notificationstatus": "received" },
    });
    expect(device.received).toHaveLength(1);
    expect(Buffer.from(device.received[0]?.body ?? []).equals(push.body)).toBe(true);
  });

  it.each(["all", "tag=a", "group=b", "group=b;tag=a"])(
    "a DELETE of %s on a phone, which needs no body and shows nothing",
    async (what) => {
      const device = service.createDevice({ phone: true });
      const push = goodPush(service, device);
      removal(`type:wns/toast;${what}`)({ push });
      const { url, method, headers } = push;
      expect((await request({ url, method, headers, ca: service.ca })).status).toBe(200);
      expect(device.received).toEqual([]);
      expect(service.received.at(-1)).toMatchObject({ method: "DELETE", wns_status: "received" });
      expect(service.received.at(-1)?.headers).not.toHaveProperty("content-length");
    },
  );

  it("no payload of another type than its header says", async () => {
    for (const [type, body] of [
      ["toast", BADGE],
      ["badge", TOAST],
      ["tile", TOAST],
    ] as const) {
      const { status, headers } = await send(service, goodPush(service, service.createDevice(), type, body));
      expect([status, headers["x-wns-error-description"]]).toEqual([
        400,
        `The notification payload is not valid: its root element is <${body.slice(1, 6)}>, not <${type}>`,
      ]);
    }
  });
});
