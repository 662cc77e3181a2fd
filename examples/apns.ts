// Sends an alert and a silent background push to an iPhone.
// Without APNS_DEVICE_TOKEN in the environment it talks to a local APNs, so it runs offline.
import { getPushProvider } from "pushmux";
import { startApnsService } from "pushmux/testing";

// What the app got in didRegisterForRemoteNotificationsWithDeviceToken, as hex.
const token = process.env.APNS_DEVICE_TOKEN;
const service = token === undefined ? await startApnsService() : undefined;
const device_token = token ?? service?.createDevice().device_token ?? "";

const provider = await getPushProvider(
  "apns",
  service?.config ?? {
    // From developer.apple.com: Certificates, Identifiers & Profiles, Keys. One key serves all apps of the team.
    team_id: process.env.APNS_TEAM_ID,
    key_id: process.env.APNS_KEY_ID,
    auth_key_path: process.env.APNS_AUTH_KEY_PATH,
    bundle_id: process.env.APNS_BUNDLE_ID,
    // An app that Xcode installed has a sandbox token; TestFlight and the App Store: production.
    environment: process.env.APNS_ENVIRONMENT === "sandbox" ? "sandbox" : "production",
  },
);

const alert = await provider.sendNotification(device_token, {
  title: "Order shipped",
  body: "It arrives tomorrow.",
  data: { order: 42 },
  badge: 1,
  priority: "critical", // interruption level "time-sensitive"
  platform_data: { apns: { thread_id: "order-42", sound: "chime.caf" } },
});
console.log(
  alert.success ? `✓ alert accepted: ${alert.service_message_id}` : `✗ ${alert.error_code}: ${alert.message}`,
);

// Data and nothing to show: a background push, priority 5, without sound or badge.
const silent = await provider.sendNotification(device_token, { data: { refresh: "orders" } });
console.log(silent.success ? "✓ background push accepted" : `✗ ${silent.error_code}: ${silent.message}`);

if (!alert.success || !silent.success) process.exitCode = 1;
await provider.close();
await service?.close();
