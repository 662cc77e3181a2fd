/**
 * The npm package `wns`, which nobody here wrote, sends through its own code to the WNS emulator. It knows nothing but
 * login.live.com and port 443, so its requests are led here; what it sends, and what it makes of the answers, is its own.
 */
import { readdirSync } from "node:fs";
import https from "node:https";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import wns, { type Callback, type Options, type Result } from "wns";
import { startWnsService, type WnsService } from "../../src/testing/index.js";

let service: WnsService;
let token_port: number;
const { request } = https;

beforeAll(async () => {
  service = await startWnsService();
  token_port = Number(new URL(service.legacy_config.token_endpoint).port);
  const redirected = (options: https.RequestOptions, answered: () => void) => {
    const port = options.host === "login.live.com" ? token_port : service.port;
    return request({ ...options, host: "localhost", port, ca: service.ca, agent: false }, answered);
  };
  https.request = redirected as typeof https.request;
});
afterEach(() => service.clearReceived());
afterAll(async () => {
  https.request = request;
  await service.close();
});

function credentials(more: object = {}): Options {
  const { package_sid, client_secret } = service.legacy_config;
  return { client_id: package_sid, client_secret, ...more };
}

/** What the package gives its callback when all is well. */
function sent(send: (callback: Callback) => void): Promise<Result> {
  return new Promise((resolve, reject) => {
    send((error, result) => (result ? resolve(result) : reject(error)));
  });
}

/** The error that it gives instead. */
function failed(send: (callback: Callback) => void): Promise<Error & Partial<Result>> {
  return new Promise((resolve, reject) => {
    send((error) => (error ? resolve(error) : reject(new Error("it was taken"))));
  });
}

describe("for the wns package", () => {
  it("it takes a toast with all that the package can put into one", async () => {
    const device = service.createDevice();
    const options = credentials({
      launch: 'a=1&b="2"',
      duration: "long",
      lang: "de",
      audio: { src: "Alarm", loop: true },
      headers: { "X-WNS-RequestForStatus": "true", "X-WNS-TTL": "60", "X-WNS-Tag": "order42" },
    });
    const { statusCode, headers } = await sent((callback) =>
      wns.sendToastText02(
        device.device_token,
        { text1: "<Grüße> & 'more'", text2: "世界" },
        options,
        callback,
      ),
    );
    expect([
      statusCode,
      headers["x-wns-notificationstatus"],
      headers["x-wns-deviceconnectionstatus"],
    ]).toEqual([200, "received", "connected"]);
    expect(device.received).toMatchObject([
      { type: "toast", lines: ["<Grüße> & 'more'", "世界"], ttl: 60, tag: "order42", sender: "legacy" },
    ]);
    expect(device.received[0]?.xml?.attributes).toEqual({ launch: 'a=1&b="2"', duration: "long" });
    expect(service.received_token_requests).toMatchObject([{ flow: "legacy", status: 200 }]);
  });

  it("it takes a toast and a tile of several bindings", async () => {
    const device = service.createDevice();
    await sent((callback) =>
      wns.sendToast(
        device.device_token,
        { type: "ToastText01", text1: "one" },
        { type: "ToastImageAndText02", image1src: "https://localhost/a.png", image1alt: "a", text1: "two" },
        credentials({ lang: "en-us", audio: { src: "Alarm", loop: true } }),
        callback,
      ),
    );
    await sent((callback) =>
      wns.sendTile(
        device.device_token,
        { type: "TileSquareText04", text1: "one", branding: "name", fallback: "TileSquareBlock" },
        { type: "TileWideText03", text1: "two" },
        credentials({ version: 2, addImageQuery: true }),
        callback,
      ),
    );
    expect(device.received.map(({ type, lines }) => [type, lines])).toEqual([
      ["toast", ["one", "two", ""]],
      ["tile", ["one", "two"]],
    ]);
  });

  it("it takes every template that the package has", async () => {
    const device = service.createDevice();
    const names = Object.keys(wns).filter((name): name is `send${string}` =>
      /^send(Toast|Tile).+/.test(name),
    );
    expect(names).toHaveLength(54);
    const token = service.createAccessToken("legacy");
    for (const name of names) {
      const options = credentials({ accessToken: token });
      await sent((callback) => wns[name]?.(device.device_token, { text1: name }, options, callback));
      expect(device.received.at(-1)).toMatchObject({
        type: /^send(Toast|Tile)/.exec(name)?.[1]?.toLowerCase(),
      });
    }
    expect(device.received).toHaveLength(names.length);
    expect(service.token_requests).toBe(0);
  });

  it.each([
    0,
    7,
    100,
    "none",
    "activity",
    "alert",
    "available",
    "away",
    "busy",
    "newMessage",
    "paused",
    "playing",
    "unavailable",
    "error",
  ])("it takes the badge %s", async (value) => {
    const device = service.createDevice();
    await sent((callback) => wns.sendBadge(device.device_token, value, credentials(), callback));
    expect(device.received[0]?.xml?.attributes).toEqual({ value: String(value), version: "1" });
  });

  it("it takes each notification that Microsoft took when the package recorded its own tests", async () => {
    const recordings = readRecordings();
    expect(recordings).toHaveLength(60);
    for (const { file, payload } of recordings) {
      const device = service.createDevice();
      const type = /^<(toast|tile|badge)\b/.exec(payload)?.[1];
      if (type)
        await sent((done) => wns.send(device.device_token, payload, `wns/${type}`, credentials(), done));
      else await sent((done) => wns.sendRaw(device.device_token, payload, credentials(), done));
      expect([file, device.received.length]).toEqual([file, 1]);
    }
  });

  it("it takes a raw notification", async () => {
    const device = service.createDevice();
    await sent((callback) => wns.sendRaw(device.device_token, '{"a":"ü"}', credentials(), callback));
    expect(device.received).toMatchObject([{ type: "raw", text: '{"a":"ü"}' }]);
  });

  it("it tells of an access token that is no longer good; the package gets another and is let in", async () => {
    const device = service.createDevice();
    const options = credentials({ accessToken: "EgAstale" });
    const { newAccessToken } = await sent((callback) =>
      wns.sendBadge(device.device_token, 1, options, callback),
    );
    expect(service.received.map(({ status }) => status)).toEqual([401, 200]);
    expect(service.token_requests).toBe(1);
    expect(service.received[1]?.headers.authorization).toBe(`Bearer ${newAccessToken}`);
  });

  it("it does not give a token for a wrong secret, in the words that the package was tested with", async () => {
    const options = { ...credentials(), client_id: "foo", client_secret: "bar" };
    const error = await failed((callback) =>
      wns.sendBadge(service.createDevice().device_token, 1, options, callback),
    );
    expect(error).toMatchObject({
      statusCode: 400,
      innerError: '{"error":"invalid_client","error_description":"Invalid client id"}',
    });
    expect(error.newAccessToken).toBeUndefined();
    expect(service.received).toEqual([]);
  });

  it.each<[title: string, status: number, message: string, device: () => string, payload: string]>([
    [
      "a bad channel",
      404,
      "The channel URI is not valid or is not recognized by WNS.",
      () => `${service.origin}/?token=invalidToken`,
      "raw",
    ],
    [
      "a channel that has expired",
      410,
      "The channel expired.",
      () => {
        const device = service.createDevice();
        device.expire();
        return device.device_token;
      },
      "raw",
    ],
    [
      "the channel of another app",
      403,
      "The cloud service is not authorized to send a notification to this URI even though they are authenticated.",
      () => service.createDevice({ app: "foreign" }).device_token,
      "raw",
    ],
    [
      "a payload that is too large",
      413,
      "The notification payload exceeds the 5000 byte size limit.",
      () => service.createDevice().device_token,
      "x".repeat(5001),
    ],
    [
      "a payload that is empty",
      400,
      "One or more headers were specified incorrectly or conflict with another header.",
      () => service.createDevice().device_token,
      "",
    ],
    [
      "a channel that is throttled",
      200,
      "Windows Notification Service returned HTTP status code 200 with x-wns-notificationstatus value of channelthrottled",
      () => {
        const device = service.createDevice();
        device.throttle();
        return device.device_token;
      },
      "raw",
    ],
  ])("it gives the package its error for %s", async (_title, statusCode, message, channel, payload) => {
    const error = await failed((callback) => wns.sendRaw(channel(), payload, credentials(), callback));
    expect(error).toMatchObject({ statusCode, message, newAccessToken: expect.any(String) });
    expect(service.received).toMatchObject([{ status: statusCode }]);
  });
});

/** Payloads that the package's authors sent to WNS itself, from the recordings that the package ships. */
function readRecordings(): { file: string; payload: string }[] {
  const require = createRequire(import.meta.url);
  const folder = join(dirname(require.resolve("wns")), "../test/nock");
  return readdirSync(folder)
    .filter((file) => file.endsWith("-success.js"))
    .map((file) => {
      const payloads: string[] = [];
      const scope = {
        post: (_path: string, payload: string) => {
          payloads.push(payload);
          return scope;
        },
        reply: () => scope,
      };
      require(join(folder, file)).setupMockScopes(() => scope);
      // The first is the request for a token.
      return { file, payload: payloads[1] ?? "" };
    });
}
