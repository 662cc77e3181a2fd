import { getPushProvider } from "pushmux";
import { startWnsService } from "pushmux/testing";
import { after, showMany } from "./many.mjs";

/** @typedef {import("pushmux/testing").WnsService} Service */

/** @type {readonly import("./many.mjs").Kind<Service>[]} */
const KINDS = [
  {
    kind: "Windows",
    amount: 180,
    fate: "accepted",
    attempts: 1,
    make: (service) => service.createDevice(),
  },
  {
    kind: "channel expired",
    amount: 20,
    fate: "UNREGISTERED",
    attempts: 1,
    dead: true,
    make: (service) => after(service.createDevice(), (device) => device.expire()),
  },
  {
    kind: "switched off",
    amount: 20,
    fate: "DROPPED",
    attempts: 1,
    make: (service) => after(service.createDevice(), (device) => device.block()),
  },
  {
    kind: "another app's",
    amount: 10,
    fate: "SENDER_MISMATCH",
    attempts: 1,
    make: (service) => service.createDevice({ app: "foreign" }),
  },
  {
    kind: "throttled for 1 s",
    amount: 10,
    fate: "accepted",
    attempts: 2,
    make(service) {
      const device = service.createDevice();
      service.respond(device.device_token, [{ status: 406, headers: { "retry-after": "1" } }]);
      return device;
    },
  },
  {
    kind: "not Microsoft's",
    amount: 10,
    fate: "ENDPOINT_REFUSED",
    attempts: 0,
    make: (_service, i) => `https://evil.example.org/?notify.windows.com=${i}`,
  },
];

/** @param {import("./screen.mjs").Screen} screen */
export async function showWns(screen) {
  const service = await startWnsService();
  const provider = await getPushProvider("wns", service.config);
  try {
    screen.chapter("wns", `Notifications to Windows. WNS is ${service.origin}, over HTTP/1.1.`);
    const device = service.createDevice();
    const result = await provider.sendNotification(device.device_token, {
      title: "Order shipped",
      body: 'It arrives "tomorrow" & in one piece.',
      actions: [{ action: "track", title: "Track it" }],
    });
    screen.section("One toast");
    screen.line(`service  answered ${result.status_code}: ${result.service_message_id}`);
    screen.line(`device   got ${device.received[0]?.text}`);
    screen.check("one toast", [result.success, device.received.length], [true, 1]);
    await showMany(screen, { service, provider, kinds: KINDS });
    screen.line(`All that with ${service.token_requests} request for an access token.`);
    screen.check("wns, access tokens", service.token_requests, 1);
  } finally {
    await provider.close();
    await service.close();
  }
}
