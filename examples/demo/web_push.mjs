import { getPushProvider } from "pushmux";
import { startWebPushService } from "pushmux/testing";
import { generateVapidKeys } from "pushmux/web_push";
import { after, showMany } from "./many.mjs";
import { count } from "./screen.mjs";

/** @typedef {import("pushmux/testing").WebPushService} Service */

const BROWSERS = /** @type {const} */ ({ Firefox: "mozilla", Chrome: "fcm", Safari: "apple", Edge: "wns" });
const VENDORS = Object.values(BROWSERS);

/**
 * What a list of subscriptions looks like after some time.
 *
 * @type {readonly import("./many.mjs").Kind<Service>[]}
 */
const KINDS = [
  {
    kind: "good",
    amount: 1560,
    fate: "accepted",
    attempts: 1,
    make: (service, i) => service.createDevice({ vendor: VENDORS[i % VENDORS.length] }),
  },
  {
    kind: "throttled for 1 s",
    amount: 60,
    fate: "accepted",
    attempts: 2,
    make(service, i) {
      const device = service.createDevice({ vendor: VENDORS[i % VENDORS.length] });
      service.respond(device.device_token, [{ status: 429, headers: { "retry-after": "1" } }]);
      return device;
    },
  },
  {
    kind: "throttled for 1 h",
    amount: 20,
    fate: "RATE_LIMITED",
    attempts: 1,
    make(service) {
      const device = service.createDevice();
      service.respond(device.device_token, { status: 429, headers: { "retry-after": "3600" } });
      return device;
    },
  },
  {
    kind: "unsubscribed",
    amount: 120,
    fate: "UNREGISTERED",
    attempts: 1,
    dead: true,
    make: (service, i) =>
      after(service.createDevice({ vendor: VENDORS[i % VENDORS.length] }), (device) => device.unsubscribe()),
  },
  {
    kind: "expired",
    amount: 80,
    fate: "UNREGISTERED",
    attempts: 1,
    dead: true,
    make: (service) => after(service.createDevice(), (device) => device.expire()),
  },
  {
    kind: "another VAPID key",
    amount: 40,
    fate: "SENDER_MISMATCH",
    attempts: 1,
    make: (service) => service.createDevice(generateVapidKeys()),
  },
  {
    kind: "malformed",
    amount: 80,
    fate: "INVALID_TOKEN",
    attempts: 0,
    make: (_service, i) => `not a subscription ${i}`,
  },
  {
    kind: "in our own network",
    amount: 40,
    fate: "ENDPOINT_REFUSED",
    attempts: 0,
    make(service) {
      const { keys } = service.createDevice().subscription;
      return JSON.stringify({ endpoint: "https://169.254.169.254/latest/meta-data", keys });
    },
  },
];

/** @param {import("./screen.mjs").Screen} screen */
export async function showWebPush(screen) {
  const service = await startWebPushService();
  // Both sides of the wire live in this process: with fewer requests at once each gets its turn soon.
  const provider = await getPushProvider("web_push", { ...service.config, max_concurrency: 32 });
  try {
    screen.chapter("web_push", `Messages to browsers. The push service is ${service.origin}, over real TLS.`);
    await showOne(screen, service, provider);
    const results = await showMany(screen, { service, provider, kinds: KINDS });
    const told = results.filter(({ retry_after }) => retry_after === 3600).length;
    screen.line(
      `${count(told)} were told to come back in an hour (retry_after): too long to wait for, so they are settled now.`,
    );
    screen.check("web_push, retry_after", told, 20);
  } finally {
    await provider.close();
    await service.close();
  }
}

/**
 * @param {import("./screen.mjs").Screen} screen
 * @param {Service} service
 * @param {import("pushmux/web_push").WebPushProvider} provider
 */
async function showOne(screen, service, provider) {
  const device = service.createDevice({ vendor: BROWSERS.Firefox });
  const result = await provider.sendNotification(device.device_token, {
    title: "Order shipped",
    body: "It arrives tomorrow.",
    url: "/orders/42",
    priority: "high",
    platform_data: { icon: "/box.png", actions: [{ action: "track", title: "Track it" }] },
  });
  const [push] = device.received;
  screen.section("One notification");
  screen.line(`service  answered ${result.status_code} after ${result.duration_ms} ms`);
  screen.line(
    `wire     ${push?.body.length} encrypted bytes (${push?.content_encoding}), TTL ${push?.ttl} s, Urgency ${push?.urgency}`,
  );
  screen.line("device   decrypted this with its own key:");
  for (const text of JSON.stringify(push?.json, null, 2).split("\n")) screen.line(`         ${text}`);
  screen.check("one web push", [result.success, device.received.length], [true, 1]);
}
