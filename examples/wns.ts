// Shows a toast with a picture and a button on Windows, then a number on the app's tile.
// Without WNS_CHANNEL_URI in the environment it talks to a local WNS, so it runs offline.
import { getPushProvider } from "pushmux";
import { startWnsService } from "pushmux/testing";

// The app's channel URI: https://….notify.windows.com/?token=…
const channel = process.env.WNS_CHANNEL_URI;
const service = channel === undefined ? await startWnsService() : undefined;
const device_token = channel ?? service?.createDevice().device_token ?? "";

const provider = await getPushProvider(
  "wns",
  service?.config ?? {
    // An app registration in Microsoft Entra ID (Windows App SDK). Older apps: package_sid and client_secret.
    tenant_id: process.env.WNS_TENANT_ID,
    client_id: process.env.WNS_CLIENT_ID,
    client_secret: process.env.WNS_CLIENT_SECRET,
  },
);

const toast = await provider.sendNotification(device_token, {
  title: "Order shipped",
  body: 'It arrives tomorrow, "before noon" & in one piece.',
  image: "https://shop.example.org/box.png",
  url: "https://shop.example.org/orders/42",
  actions: [{ action: "track", title: "Track it", url: "https://shop.example.org/track/42" }],
});
console.log(
  toast.success ? `✓ toast accepted: ${toast.service_message_id}` : `✗ ${toast.error_code}: ${toast.message}`,
);

const badge = await provider.sendNotification(device_token, {
  badge: 7,
  platform_data: { wns: { type: "badge" } },
});
console.log(badge.success ? "✓ badge accepted" : `✗ ${badge.error_code}: ${badge.message}`);

if (!toast.success || !badge.success) process.exitCode = 1;
await provider.close();
await service?.close();
