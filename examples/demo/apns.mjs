import { getPushProvider } from "pushmux";
import { startApnsService } from "pushmux/testing";
import { after, showMany } from "./many.mjs";

/** @typedef {import("pushmux/testing").ApnsService} Service */

/** @type {readonly import("./many.mjs").Kind<Service>[]} */
const KINDS = [
  {
    kind: "iPhone",
    amount: 380,
    fate: "accepted",
    attempts: 1,
    make: (service) => service.createDevice(),
  },
  {
    kind: "app deleted",
    amount: 40,
    fate: "UNREGISTERED",
    attempts: 1,
    dead: true,
    make: (service) => after(service.createDevice(), (device) => device.unregister()),
  },
  {
    kind: "expired",
    amount: 20,
    fate: "UNREGISTERED",
    attempts: 1,
    dead: true,
    make: (service) => after(service.createDevice(), (device) => device.expire()),
  },
  {
    kind: "from a debug build",
    amount: 20,
    fate: "INVALID_TOKEN",
    attempts: 1,
    make: (service) => service.createDevice({ environment: "sandbox" }),
  },
  {
    kind: "busy at first",
    amount: 20,
    fate: "accepted",
    attempts: 2,
    make(service) {
      const device = service.createDevice();
      service.respond(device.device_token, [{ status: 429, reason: "TooManyRequests" }]);
      return device;
    },
  },
  {
    kind: "malformed",
    amount: 20,
    fate: "INVALID_TOKEN",
    attempts: 0,
    make: (_service, i) => `no token ${i}`,
  },
];

/** @param {import("./screen.mjs").Screen} screen */
export async function showApns(screen) {
  const service = await startApnsService();
  const provider = await getPushProvider("apns", { ...service.config, max_concurrency: 64 });
  try {
    screen.chapter(
      "apns",
      `Notifications to Apple's devices. APNs is ${service.config.endpoint}, over HTTP/2.`,
    );
    const device = service.createDevice();
    const result = await provider.sendNotification(device.device_token, {
      title: "Order shipped",
      body: "It arrives tomorrow.",
      data: { order: 42 },
      priority: "critical",
    });
    screen.section("One notification");
    screen.line(`service  answered ${result.status_code}: ${result.service_message_id}`);
    screen.line(`device   got ${JSON.stringify(device.received[0]?.payload)}`);
    screen.check("one apns push", [result.success, device.received.length], [true, 1]);
    await showMany(screen, { service, provider, kinds: KINDS });
  } finally {
    await provider.close();
    await service.close();
  }
}
