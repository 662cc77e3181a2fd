// Sends one web push notification and says what became of it.
// Without PUSH_SUBSCRIPTION in the environment it sends to a local push service, so it runs offline.
import { getPushProvider, PushPriority } from "pushmux";
import { startWebPushService } from "pushmux/testing";

// A device token is the browser's subscription, as JSON text: { "endpoint": "https://…", "keys": { "p256dh": "…", "auth": "…" } }
const subscription = process.env.PUSH_SUBSCRIPTION;
const service = subscription === undefined ? await startWebPushService() : undefined;

const provider = await getPushProvider(
  "web_push",
  service?.config ?? {
    vapid_private_key: process.env.WEB_PUSH_VAPID_PRIVATE_KEY,
    vapid_public_key: process.env.WEB_PUSH_VAPID_PUBLIC_KEY,
    vapid_subject: process.env.WEB_PUSH_VAPID_SUBJECT,
    ttl_seconds: Number(process.env.WEB_PUSH_TTL_SECONDS ?? 300),
    timeout_seconds: Number(process.env.WEB_PUSH_TIMEOUT_SECONDS ?? 30),
  },
);

const result = await provider.sendNotification(subscription ?? service?.createDevice().device_token, {
  title: "Payment Update",
  body: "New payment gateway configuration available",
  data: { url: "/config/payment", version: "2.1.0" },
  priority: PushPriority.HIGH,
  platform_data: {
    icon: "/icons/payment.png",
    badge: "/icons/badge.png",
    requireInteraction: true,
    actions: [
      { action: "view", title: "View details" },
      { action: "dismiss", title: "Dismiss" },
    ],
  },
});

if (result.success) {
  console.log(`✓ accepted (${result.status_code}), message ${result.message_id}`);
} else if (result.remove_token) {
  console.log("✗ this browser is gone: delete its subscription");
} else {
  const later = result.retryable ? `; try again in ${result.retry_after ?? 60} s` : "";
  console.log(`✗ ${result.error_code}: ${result.message}${later}`);
  process.exitCode = 1;
}

await provider.close();
await service?.close();
