// One customer, several devices on different services: the first that accepts gets the message, dead tokens are deleted.
// All services are local, so it runs offline.
import { createPushRouter } from "pushmux";
import { startApnsService, startFcmService, startWebPushService } from "pushmux/testing";

const [apns, fcm, web_push] = await Promise.all([
  startApnsService(),
  startFcmService(),
  startWebPushService(),
]);

const iphone = apns.createDevice();
const tablet = fcm.createDevice();
const browser = web_push.createDevice();
/** What your database knows of the customer, the favourite device first. */
const devices = [
  { platform: "apns", device_token: iphone.device_token },
  { platform: "fcm", device_token: tablet.device_token },
  { platform: "web_push", device_token: browser.device_token },
];

const router = await createPushRouter(
  { apns: apns.config, fcm: fcm.config, web_push: web_push.config },
  {
    on_dead_token({ platform, device_token }) {
      devices.splice(
        devices.findIndex((device) => device.device_token === device_token),
        1,
      );
      console.log(`deleted a dead ${platform} token`);
    },
  },
);

// The app was deleted from the phone, and the tablet's service has a bad moment.
iphone.unregister();
fcm.respond(tablet.device_token, { status: 503, reason: "UNAVAILABLE" });

const { success, result, results } = await router.sendWithFallback(
  devices.slice(),
  { title: "Your taxi is here", priority: "high", ttl_seconds: 60 },
  { deadline_seconds: 2 },
);
for (const { platform, error_code } of results) console.log(`${platform}: ${error_code ?? "accepted"}`);
console.log(
  success ? `✓ reached by ${result.platform}; ${devices.length} devices are left` : "✗ nobody was reached",
);

if (!success) process.exitCode = 1;
await router.close();
await Promise.all([apns.close(), fcm.close(), web_push.close()]);
