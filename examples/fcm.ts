// Sends to an Android device, subscribes it to a topic, and sends to the topic.
// Without FCM_TOKEN in the environment it talks to a local FCM, so it runs offline.
import { getPushProvider } from "pushmux";
import { startFcmService } from "pushmux/testing";

// The registration token that FirebaseMessaging gave the app.
const token = process.env.FCM_TOKEN;
const service = token === undefined ? await startFcmService() : undefined;
const device_token = token ?? service?.createDevice().device_token ?? "";

const provider = await getPushProvider(
  "fcm",
  service?.config ?? {
    // The project's own if you leave it out.
    project_id: process.env.FCM_PROJECT_ID,
    // From the Firebase console: Project settings, Service accounts, Generate new private key.
    service_account_path: process.env.FCM_SERVICE_ACCOUNT_PATH,
  },
);

const result = await provider.sendNotification(device_token, {
  title: "Order shipped",
  body: "It arrives tomorrow.",
  data: { order: 42, items: ["book", "lamp"] }, // FCM takes text only: numbers and objects are sent as JSON text
  collapse_key: "order-42", // a later one takes its place
  ttl_seconds: 3600,
  platform_data: { fcm: { android: { notification: { channel_id: "orders", color: "#3366ff" } } } },
});
console.log(
  result.success ? `✓ accepted: ${result.service_message_id}` : `✗ ${result.error_code}: ${result.message}`,
);

const [subscribed] = await provider.subscribeToTopic([device_token], "news");
console.log(
  subscribed?.success ? "✓ subscribed to news" : `✗ ${subscribed?.error_code}: ${subscribed?.message}`,
);

const news = await provider.sendTopicNotification("'news' in topics && !('muted' in topics)", {
  title: "We have news",
});
console.log(news.success ? "✓ sent to the topic" : `✗ ${news.error_code}: ${news.message}`);

if (!result.success || !subscribed?.success || !news.success) process.exitCode = 1;
await provider.close();
await service?.close();
