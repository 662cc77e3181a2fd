// Sends to many: a list with its results in order, and a stream that may be of any length.
// Without PUSH_SUBSCRIPTIONS (a file, one subscription as JSON per line) it sends to a local push service, so it runs offline.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { getPushProvider, type PushNotification, type PushNotificationPayload } from "pushmux";
import { startWebPushService, type WebPushService } from "pushmux/testing";

const file = process.env.PUSH_SUBSCRIPTIONS;
const service = file === undefined ? await startWebPushService() : undefined;
const tokens = file === undefined ? localTokens(service) : createInterface({ input: createReadStream(file) });
const database = new Set<string>();
for await (const token of tokens) database.add(token);

// With a file, the VAPID keys come from the environment: WEB_PUSH_VAPID_PUBLIC_KEY, …_PRIVATE_KEY, …_SUBJECT.
const provider = await getPushProvider("web_push", service?.config);

// A list: pairs of token and payload, one result for each, in the same order.
const pairs = [...database].map((token, i): PushNotification => [token, greeting(i)]);
const results = await provider.sendBulkNotifications(pairs, {
  on_progress: ({ done, total, per_second }) =>
    console.log(`${done}/${total} (${Math.round(per_second)} per second)`),
});
const accepted = results.filter((result) => result.success).length;
console.log(`accepted ${accepted} of ${results.length}`);

// Subscriptions that will never work again. `remove_token` is true only where the push service said so itself.
const dead = results.filter((result) => result.remove_token).map((result) => String(result.device_token));
for (const token of dead) database.delete(token);
console.log(`removed ${dead.length} dead subscriptions, ${database.size} are left`);

// A stream: the input is pulled only as slots free up, and nothing is kept. Results come as they are ready.
const codes: Record<string, number> = {};
for await (const result of provider.streamNotifications(rows())) {
  const code = result.success ? "accepted" : result.error_code;
  codes[code] = (codes[code] ?? 0) + 1;
}
console.log("stream:", codes);

await provider.close();
await service?.close();

/** Stands for a database cursor. */
async function* rows(): AsyncGenerator<PushNotification> {
  let i = 0;
  for (const token of database) yield { device_token: token, payload: greeting(i++) };
}

function greeting(i: number): PushNotificationPayload {
  return {
    title: "Weekly report",
    body: `Report ${i + 1} is ready`,
    url: `/reports/${i + 1}`,
    collapse_key: "report",
  };
}

/** 200 browsers, every tenth of which has unsubscribed. */
function* localTokens(service: WebPushService | undefined): Generator<string> {
  for (let i = 0; service && i < 200; i++) {
    const device = service.createDevice();
    if (i % 10 === 0) device.unsubscribe();
    yield device.device_token;
  }
}
