import { getPushProvider } from "pushmux";
import { startFcmService } from "pushmux/testing";
import { after, showMany } from "./many.mjs";

/** @typedef {import("pushmux/testing").FcmService} Service */

/** @type {readonly import("./many.mjs").Kind<Service>[]} */
const KINDS = [
  {
    kind: "Android",
    amount: 300,
    fate: "accepted",
    attempts: 1,
    make: (service) => service.createDevice(),
  },
  {
    kind: "iPhone, through FCM",
    amount: 80,
    fate: "accepted",
    attempts: 1,
    make: (service) => service.createDevice({ platform: "ios" }),
  },
  {
    kind: "uninstalled",
    amount: 40,
    fate: "UNREGISTERED",
    attempts: 1,
    dead: true,
    make: (service) => after(service.createDevice(), (device) => device.unregister()),
  },
  {
    kind: "uninstalled iPhone",
    amount: 20,
    fate: "UNREGISTERED",
    attempts: 1,
    dead: true,
    make: (service) => service.createDevice({ platform: "ios", apns_error: "Unregistered" }),
  },
  {
    kind: "another project's",
    amount: 20,
    fate: "SENDER_MISMATCH",
    attempts: 1,
    make: (service) => service.createDevice({ project_id: "somebody-else" }),
  },
  {
    kind: "busy for 1 s",
    amount: 20,
    fate: "accepted",
    attempts: 2,
    make(service) {
      const device = service.createDevice();
      service.respond(device.device_token, [{ status: 503, headers: { "retry-after": "1" } }]);
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
export async function showFcm(screen) {
  const service = await startFcmService();
  const provider = await getPushProvider("fcm", { ...service.config, max_concurrency: 64 });
  try {
    screen.chapter("fcm", `Messages to apps, by Google. FCM is ${service.config.endpoint}, over HTTP/2.`);
    const device = service.createDevice();
    const [subscribed] = await provider.subscribeToTopic([device.device_token], "news");
    const result = await provider.sendTopicNotification("news", { title: "We have news" });
    screen.section("One message to a topic");
    screen.line(`service  answered ${result.status_code}: ${result.service_message_id}`);
    screen.line(`device   shows "${device.received[0]?.message?.notification?.title}"`);
    screen.check("fcm topic", [subscribed?.success, result.success, device.received.length], [true, true, 1]);
    await showMany(screen, { service, provider, kinds: KINDS });
    screen.line(`All that with ${service.token_requests} request for an access token.`);
    screen.check("fcm, access tokens", service.token_requests, 1);
  } finally {
    await provider.close();
    await service.close();
  }
}
