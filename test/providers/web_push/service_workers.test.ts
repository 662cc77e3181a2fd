import { beforeAll, describe, expect, it } from "vitest";
import type { WebPushOptions } from "../../../providers/web_push/config.js";
import type { WebPushPayload } from "../../../providers/web_push/formats.js";
import type { WebPushCodec } from "../../../providers/web_push/provider.js";
import type { HttpRequest } from "../../../src/codec.js";
import { FakeServiceWorker } from "./fake_service_worker.js";
import { accepted, context, createDevice, openCodec, payload } from "./support.js";

let codec: WebPushCodec;
const device = createDevice();

beforeAll(async () => {
  codec = await openCodec();
});

/** All the way: laid out, encrypted, decrypted by the device. */
function message(fields: Partial<WebPushPayload>, options?: WebPushOptions): Buffer | null {
  const prepared = accepted(codec.prepare(payload(fields, options), { kind: "token", dry_run: false }));
  const target = { kind: "token", token: device.recipient } as const;
  const request = accepted(codec.encode(prepared, target, context()) as HttpRequest);
  return request.body === undefined ? null : device.read(request);
}

const PAYMENT = {
  title: "Payment Update",
  body: "New payment gateway configuration available",
  data: { url: "/config/payment", version: "2.1.0" },
  priority: "high",
} as const;
const FLAT_KEYS = {
  icon: "/icons/payment.png",
  badge: "/icons/badge.png",
  requireInteraction: true,
  actions: [
    { action: "view", title: "View Details" },
    { action: "dismiss", title: "Dismiss" },
  ],
};

async function show(worker: FakeServiceWorker, fields: Partial<WebPushPayload>, options?: WebPushOptions) {
  const notification = await worker.push(message(fields, options));
  if (!notification) throw new Error("nothing was shown");
  return notification;
}

describe("the guide's worker reads format nested", () => {
  it("W14 1.8 and shows everything of the guide's example", async () => {
    const worker = new FakeServiceWorker("guide.js");
    const { title, options } = await show(worker, PAYMENT, FLAT_KEYS);
    expect(title).toBe(PAYMENT.title);
    expect(options).toMatchObject({ body: PAYMENT.body, ...FLAT_KEYS, data: PAYMENT.data });
  });

  it("W7 also with every other option that it passes on", async () => {
    const options = { image: "/i.png", tag: "pay", silent: false, vibrate: [200, 100, 200] };
    expect((await show(new FakeServiceWorker("guide.js"), PAYMENT, options)).options).toMatchObject(options);
  });

  it("a click opens url", async () => {
    const worker = new FakeServiceWorker("guide.js");
    const notification = await show(worker, { title: "t", url: "/orders/42" });
    await worker.click(notification);
    expect(worker.opened).toEqual(["/orders/42"]);
    expect(notification.closed).toBe(true);
  });

  it("a silent notification with vibrate is still shown", async () => {
    const { title } = await show(
      new FakeServiceWorker("guide.js"),
      { title: "t", silent: true },
      { vibrate: [1] },
    );
    expect(title).toBe("t");
  });

  it("and finds nothing in flat: the format has to fit the worker", async () => {
    expect((await show(new FakeServiceWorker("guide.js"), PAYMENT, { format: "flat" })).title).toBe(
      "New Notification",
    );
  });
});

describe("the Python demo's worker reads format flat", () => {
  it("W14 and shows title, body, icon, badge", async () => {
    const worker = new FakeServiceWorker("seed_001.js");
    const options = { format: "flat", icon: "/i.png", badge: "/b.png" } as const;
    const { title, options: shown } = await show(
      worker,
      { title: "Title", body: "Body", url: "https://a.example/x" },
      options,
    );
    expect(title).toBe("Title");
    expect(shown).toMatchObject({
      body: "Body",
      icon: "/i.png",
      badge: "/b.png",
      data: { url: "https://a.example/x" },
    });
  });

  it("a click opens url, or focuses the window that is there", async () => {
    const worker = new FakeServiceWorker("seed_001.js");
    const notification = await show(worker, { title: "t", url: "https://a.example/x" }, { format: "flat" });
    await worker.click(notification);
    worker.windows = ["https://a.example/", "https://a.example/x"];
    await worker.click(notification);
    expect(worker.opened).toEqual(["https://a.example/x"]);
    expect(worker.focused).toEqual(["https://a.example/x"]);
  });

  it("its own defaults stand for what was not given", async () => {
    const { options } = await show(new FakeServiceWorker("seed_001.js"), { title: "t" }, { format: "flat" });
    expect(options).toMatchObject({
      body: "You have received a new notification",
      icon: "/icon-192x192.png",
    });
  });

  it("and finds nothing in nested", async () => {
    expect((await show(new FakeServiceWorker("seed_001.js"), PAYMENT)).title).toBe("Notification");
  });
});

describe("the Flask demo's worker reads format flat, and text", () => {
  it("W14 and shows title and body", async () => {
    const { title, options } = await show(new FakeServiceWorker("seed_002.js"), PAYMENT, { format: "flat" });
    expect([title, options.body]).toEqual([PAYMENT.title, PAYMENT.body]);
  });

  it("W14 text that is no JSON is the body of Untitled, as its testing advice says", async () => {
    const raw = { format: "raw", raw_body: "Just some text ✓" } as const;
    const { title, options } = await show(new FakeServiceWorker("seed_002.js"), {}, raw);
    expect([title, options.body]).toEqual(["Untitled", "Just some text ✓"]);
  });
});

describe("the HOMEPOT front end's worker reads format flat", () => {
  it("W14 and shows everything that it knows", async () => {
    const worker = new FakeServiceWorker("homepot.js");
    const { title, options } = await show(
      worker,
      { ...PAYMENT, tag: "pay" },
      { ...FLAT_KEYS, format: "flat", image: "/i.png" },
    );
    expect(title).toBe(PAYMENT.title);
    expect(options).toMatchObject({
      body: PAYMENT.body,
      ...FLAT_KEYS,
      tag: "pay",
      image: "/i.png",
      data: PAYMENT.data,
    });
  });

  it("W14 and acknowledges the message_id", async () => {
    const worker = new FakeServiceWorker("homepot.js");
    await show(worker, PAYMENT, { format: "flat" });
    const body = { message_id: context().message_id, status: "delivered", platform: "web_push" };
    expect(worker.fetched).toEqual([{ url: "/api/v1/push/ack", body }]);
  });

  it("a click goes to data.url, dismiss goes nowhere", async () => {
    const worker = new FakeServiceWorker("homepot.js");
    const notification = await show(worker, PAYMENT, { ...FLAT_KEYS, format: "flat" });
    await worker.click(notification, "dismiss");
    expect(worker.opened).toEqual([]);
    await worker.click(notification, "view");
    expect(worker.opened).toEqual(["/config/payment"]);
  });
});

describe("a background message", () => {
  it.each([
    ["guide.js", "nested", "New Notification"],
    ["seed_001.js", "flat", "Notification"],
    ["homepot.js", "flat", "HOMEPOT Notification"],
  ] as const)("does %s no harm: it shows its default text", async (file, format, title) => {
    const worker = new FakeServiceWorker(file);
    const shown = await show(worker, { title: undefined, data: { job: 7 } }, { format });
    expect(shown.title).toBe(title);
  });

  it("brings its data to the guide's worker", async () => {
    const { options } = await show(new FakeServiceWorker("guide.js"), { title: undefined, data: { job: 7 } });
    expect(options.data).toEqual({ job: 7, message_id: context().message_id });
  });
});

describe("an empty message", () => {
  it.each([
    ["guide.js", "New Notification"],
    ["seed_001.js", "New notification"],
    ["homepot.js", "HOMEPOT Notification"],
  ])("wakes %s, which shows its default text", async (file, title) => {
    const worker = new FakeServiceWorker(file);
    expect((await show(worker, {}, { format: "empty" })).title).toBe(title);
  });
});
