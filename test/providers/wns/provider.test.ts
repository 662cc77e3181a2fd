import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { WnsOptions } from "../../../providers/wns/index.js";
import { closeAllProviders, getPushProvider } from "../../../src/index.js";
import { startWnsService, type WnsService } from "../../../src/testing/index.js";
import { FakeClock } from "../../engine/support.js";

let service: WnsService;

beforeAll(async () => {
  service = await startWnsService();
});

afterEach(async () => {
  await closeAllProviders({ timeout_seconds: 0 });
  service.respond("*");
  service.respond("token_endpoint");
  service.clearFaults();
  service.clearReceived();
});

afterAll(() => service.close());

const open = (over: object = {}) =>
  getPushProvider("wns", { ...service.config, retry: { base_delay_ms: 0 }, ...over });

describe("every kind of notification is taken by a strict WNS and reaches the device", () => {
  it.each<[string, object, object]>([
    [
      "toast",
      { title: "Order 42", body: "Shipped & <on its way>" },
      { lines: ["Order 42", "Shipped & <on its way>"] },
    ],
    [
      "tile",
      { title: "Sales", body: "Up", platform_data: { wns: { type: "tile" } } },
      { lines: Array(3).fill(["Sales", "Up"]).flat() },
    ],
    [
      "badge",
      { badge: 7, platform_data: { wns_windows: { type: "badge" } } },
      { text: '<badge value="7"/>' },
    ],
    ["raw", { data: { sync: true } }, { text: '{"data":{"sync":true},"priority":"normal"}' }],
  ])("%s", async (type, payload, seen) => {
    const device = service.createDevice();
    const provider = await open();
    const result = await provider.sendNotification(device.device_token, payload);
    expect(result).toMatchObject({
      success: true,
      platform: "wns",
      status_code: 200,
      attempts: 1,
      warnings: [],
    });
    expect(result.service_message_id).toMatch(/^[\dA-F]{16}$/);
    expect(device.received).toMatchObject([{ type, ttl: 300, method: "POST", ...seen }]);
    expect(device.received[0]?.headers).toHaveProperty("content-length");
    expect(device.received[0]?.headers).not.toHaveProperty("transfer-encoding");
    expect(service.origin + device.received[0]?.path).toBe(device.device_token);
  });

  it("N8 a toast with everything", async () => {
    const device = service.createDevice();
    const own: WnsOptions = {
      attribution: "Via Files",
      progress: { value: 0.5, status: "Uploading…", value_text: "3 of 6" },
      header: { id: "files", title: "Files" },
      inputs: [{ id: "time", type: "selection", selections: [{ id: "5", content: "5 minutes" }] }],
      actions: [
        { action: "snooze", title: "", activation_type: "system", input_id: "time", button_style: "Success" },
        { action: "open", title: "Open", url: "https://a.example/" },
      ],
      content: [
        { name: "group", children: [{ name: "subgroup", children: [{ name: "text", children: ["<x>"] }] }] },
      ],
      image: "https://a.example/i.png",
      icon: "ms-appx:///logo.png",
      icon_crop: "circle",
      group: "files",
      request_for_status: true,
    };
    const provider = await open();
    const result = await provider.sendNotification(device.device_token, {
      title: "T",
      data: { a: "&" },
      sound: "Looping.Call2",
      priority: "critical",
      collapse_key: "order 42",
      created_at: "2026-11-20T12:00:00Z",
      platform_data: { wns: own },
    });
    expect(result).toMatchObject({ success: true, warnings: [] });
    expect(device.received[0]).toMatchObject({ priority: "1", tag: "59096d5ad4f7817d", group: "files" });
    expect(device.received[0]?.xml?.attributes).toEqual({
      launch: '{"a":"&"}',
      scenario: "urgent",
      duration: "long",
      displayTimestamp: "2026-11-20T12:00:00.000Z",
      useButtonStyle: "true",
    });
  });

  it("toasts are taken away from a phone, and other channels refuse that", async () => {
    const provider = await open();
    const payload = { platform_data: { wns: { remove: { tag: "t", group: "g" } } } } as const;
    const phone = service.createDevice({ phone: true });
    expect(await provider.sendNotification(phone.device_token, payload)).toMatchObject({ success: true });
    expect(service.received.at(-1)).toMatchObject({ method: "DELETE", status: 200 });
    expect(await provider.sendNotification(service.createDevice().device_token, payload)).toMatchObject({
      error_code: "PAYLOAD_INVALID",
      status_code: 405,
    });
  });
});

describe("what WNS does with a notification", () => {
  it("N3 a dropped one is DROPPED, a throttled channel waits for X-WNS-CONTINUE-AFTER", async () => {
    const provider = await open({ deadline_seconds: 5 });
    const blocked = service.createDevice();
    blocked.block();
    expect(await provider.sendNotification(blocked.device_token, { title: "t" })).toMatchObject({
      success: false,
      error_code: "DROPPED",
      reason: "dropped",
      status_code: 200,
      attempts: 1,
      retryable: false,
    });
    const throttled = service.createDevice();
    throttled.throttle(60);
    expect(await provider.sendNotification(throttled.device_token, { title: "t" })).toMatchObject({
      error_code: "RATE_LIMITED",
      reason: "channelthrottled",
      status_code: 200,
      retry_after: 60,
      retryable: true,
      attempts: 1,
    });
  });

  it("N4 406 and its Retry-After are kept to the second", async () => {
    const clock = new FakeClock();
    clock.time = Date.now();
    const strict = await startWnsService({ sender_limit: { requests: 1, window_seconds: 7 }, clock });
    try {
      const provider = await getPushProvider("wns", strict.config, { clock, random: () => 0 });
      const { device_token } = strict.createDevice();
      await provider.sendNotification(device_token, { title: "a" });
      const second = provider.sendNotification(device_token, { title: "b" });
      await strict.waitForRequests(2);
      await vi.waitFor(() => expect(provider.getPlatformInfo().counters.parked).toBe(1));
      await clock.advance(6999);
      expect(strict.received).toHaveLength(2);
      await clock.advance(1);
      expect(await second).toMatchObject({ success: true, attempts: 2 });
      // What is left of its life, and no more.
      expect(strict.received.map(({ status, ttl }) => [status, ttl])).toEqual([
        [200, 300],
        [406, 300],
        [200, 293],
      ]);
    } finally {
      await closeAllProviders({ timeout_seconds: 0 });
      await strict.close();
    }
  });

  it("N4 a device that is away is a warning when its status was asked for", async () => {
    const provider = await open();
    const device = service.createDevice();
    device.goOffline();
    const payload = { title: "t", platform_data: { wns: { request_for_status: true } } } as const;
    const result = await provider.sendNotification(device.device_token, payload);
    expect(result).toMatchObject({ success: true, warnings: [{ type: "device_not_connected" }] });
  });

  it("now or never never comes late, whatever its type", async () => {
    const provider = await open();
    for (const type of ["toast", "tile", "badge", "raw"] as const) {
      const device = service.createDevice();
      device.goOffline();
      const payload = { title: "t", badge: 1, ttl_seconds: 0, platform_data: { wns: { type } } } as const;
      await provider.sendNotification(device.device_token, payload);
      device.goOnline();
      expect(device.received).toEqual([]);
      await provider.sendNotification(device.device_token, payload);
      expect(device.received).toHaveLength(1);
    }
  });

  it("N2 a redirect is not followed: the bearer token stays here", async () => {
    const provider = await open();
    const { device_token } = service.createDevice();
    service.respond(device_token, { status: 307, headers: { location: `${service.origin}/elsewhere` } });
    expect(await provider.sendNotification(device_token, { title: "t" })).toMatchObject({
      error_code: "UNKNOWN_RESPONSE",
      status_code: 307,
      attempts: 1,
    });
    expect(service.received).toHaveLength(1);
  });

  it("an answer that never came is asked for again when a second toast replaces the first", async () => {
    const provider = await open({ timeout_seconds: 0.3 });
    const { device_token } = service.createDevice();
    for (const [payload, attempts] of [
      [{ title: "t" }, 1],
      [{ title: "t", tag: "order" }, 2],
    ] as const) {
      service.fault("reset", { device_token, times: 1 });
      const result = await provider.sendNotification(device_token, payload);
      expect(result.attempts).toBe(attempts);
      expect(result.success).toBe(attempts === 2);
      service.clearFaults();
    }
  });
});

describe("platform_data", () => {
  it("C5 flat keys are read, the namespace wins over them", async () => {
    const provider = await open();
    const result = await provider.sendNotification(
      service.createDevice().device_token,
      {
        title: "t",
        platform_data: { attribution: "flat", scenario: "alarm", wns: { attribution: "named" } },
      },
      { dry_run: true },
    );
    expect(result.request?.body).toContain('<text placement="attribution">named</text>');
    expect(result.request?.body).toContain('scenario="alarm"');
    expect(result.request?.headers).toMatchObject({ authorization: "[masked]", "x-wns-type": "wns/toast" });
  });

  it("an unknown key is refused by name", async () => {
    const provider = await open();
    const { device_token } = service.createDevice();
    const platform_data = { wns: { scenarios: "alarm" } } as never;
    expect(await provider.sendNotification(device_token, { title: "t", platform_data })).toMatchObject({
      error_code: "PAYLOAD_INVALID",
      message: expect.stringContaining("did you mean scenario?"),
    });
  });
});
