import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { EncryptionThreads } from "../../../providers/web_push/encryption_threads.js";
import type { WebPushCodec } from "../../../providers/web_push/provider.js";
import type { HttpRequest } from "../../../src/codec.js";
import { getPushProvider } from "../../../src/index.js";
import { startWebPushService, type WebPushDevice, type WebPushService } from "../../../src/testing/index.js";
import { accepted, context, createDevice, openCodec, payload } from "./support.js";

const devices = Array.from({ length: 100 }, () => createDevice());

describe.each(["aes128gcm", "aesgcm"] as const)("a codec with threads: %s", (content_encoding) => {
  let codec: WebPushCodec;
  beforeAll(async () => {
    codec = await openCodec({ content_encoding, encryption_threads: 2 });
  });
  afterAll(() => codec.close?.());

  function encodeFor(count: number) {
    const prepared = accepted(codec.prepare(payload(), { kind: "token", dry_run: false }));
    return devices
      .slice(0, count)
      .map(({ recipient }) => codec.encode(prepared, { kind: "token", token: recipient }, context()));
  }

  it("many at once go to threads, and each device reads its own", async () => {
    const encoded = encodeFor(devices.length);
    expect(encoded.filter((one) => one instanceof Promise)).toHaveLength(devices.length - 1);
    const requests = await Promise.all(encoded);
    requests.forEach((request, i) => {
      const { headers, body, url, plaintext } = accepted(request as HttpRequest);
      const device = devices[i];
      expect(url).toBe(device?.recipient.endpoint);
      expect(headers["content-encoding"]).toBe(content_encoding);
      expect(device?.read({ method: "POST", url, headers, body }).toString()).toBe(plaintext);
      expect(JSON.parse(plaintext ?? "").notification.title).toBe("Hello");
    });
  });

  it("one alone is ready at once", async () => {
    const [request] = encodeFor(1);
    expect(request).not.toBeInstanceOf(Promise);
    expect(devices[0]?.read(accepted(request as HttpRequest)).toString()).toContain("Hello");
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe("a provider with threads", () => {
  let service: WebPushService;
  let receivers: WebPushDevice[];
  beforeAll(async () => {
    service = await startWebPushService();
    receivers = await Promise.all(Array.from({ length: 150 }, () => service.createDevice()));
  });
  afterAll(() => service.close());

  const open = () =>
    getPushProvider("web_push", { ...service.config, encryption_threads: 2 }, { force_new: true });
  const tokens = () => receivers.map(({ device_token }) => device_token);

  it("delivers what it would deliver without", async () => {
    const provider = await open();
    const results = await provider.sendMulticastNotification(tokens(), { title: "For all" });
    expect(results.filter(({ success }) => success)).toHaveLength(receivers.length);
    for (const { received } of receivers) {
      expect(received.map(({ text }) => JSON.parse(text ?? "").notification.title)).toEqual(["For all"]);
    }
    await provider.close();
  });

  it("settles everything at once when it is aborted while threads are at work", async () => {
    const provider = await open();
    const controller = new AbortController();
    const sending = provider.sendMulticastNotification(
      tokens(),
      { title: "x" },
      { signal: controller.signal },
    );
    setImmediate(() => controller.abort());
    const results = await sending;
    expect(results).toHaveLength(receivers.length);
    const codes = new Set(results.filter(({ success }) => !success).map(({ error_code }) => error_code));
    expect([...codes]).toEqual(["ABORTED"]);
    await provider.close();
  });

  it("closed while threads are at work, settles everything too", async () => {
    const provider = await open();
    const sending = provider.sendMulticastNotification(tokens(), { title: "x" });
    const closing = new Promise((resolve) => setImmediate(resolve)).then(() => provider.close());
    const results = await sending;
    expect(results).toHaveLength(receivers.length);
    expect(results.every(({ success, error_code }) => success || error_code === "ABORTED")).toBe(true);
    await closing;
  });
});

it("threads that cannot be started are told when it is opened, with the cause", async () => {
  const cause = new Error("no thread to be had");
  vi.spyOn(EncryptionThreads, "start").mockRejectedValueOnce(cause);
  await expect(openCodec({ encryption_threads: 1 })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining("encryption_threads: the threads could not be started"),
    cause,
  });
});
