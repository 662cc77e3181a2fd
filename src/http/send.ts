/** Sending to few, at once. What became of each is in the body of the answer; the delivery log has a row for each. */
import { z } from "zod";
import type { PushNotificationPayload, PushNotificationResult, ResultRequest } from "../index.js";
import { deliver, type Segment, type SubscriptionTarget } from "../store/index.js";
import { type Reply, refuse } from "./answers.js";
import type { Call } from "./call.js";
import { check, checkPayload, id } from "./check.js";
import { providerOf, readRecipient } from "./target.js";
import { resultReply } from "./views.js";

/** One device may have so many subscriptions. */
const MAX_OF_A_DEVICE = 100;

/** To a token; or to a device, by its `device_id`: to each of its subscriptions. */
export async function send(call: Call): Promise<Reply> {
  const { platform, device_token, subscription, subscription_json, device_id, ...rest } = call.body;
  const payload = checkPayload(rest);
  if (device_id === undefined || device_id === null) {
    return deliverTo(call, [readRecipient(call.body, call.router)], payload);
  }
  if ([platform, device_token, subscription, subscription_json].some((given) => given != null)) {
    refuse(400, "expected either a device_id or a token", { field: "device_id" });
  }
  const device_ids = [check(id, device_id, "device_id")];
  const targets = await call.store.page({ segment: { device_ids }, limit: MAX_OF_A_DEVICE });
  if (targets.length === 0) refuse(404, "device_id: no such device", { field: "device_id" });
  return deliverTo(call, targets, payload);
}

/** One payload to 1 to 1,000 tokens of one platform. */
export async function sendBulk(call: Call): Promise<Reply> {
  const { platform = "web_push", device_tokens, ...rest } = call.body;
  const payload = checkPayload(rest);
  const given = check(
    z.strictObject({ platform: z.string(), device_tokens: z.array(z.unknown()).min(1).max(1000) }),
    { platform, device_tokens },
  );
  const provider = providerOf(call.router, given.platform);
  const targets = given.device_tokens.map((device_token) => ({ platform: provider.platform, device_token }));
  return deliverTo(call, targets, payload);
}

/** What each platform would get: one subscription of the segment stands for its platform, and nothing is sent to it. */
export async function preview({ body, router, store }: Call): Promise<Reply> {
  const { segment: wanted, ...rest } = body;
  const payload = checkPayload(rest);
  // The store says what is wrong with it.
  const segment = wanted as Segment | undefined;
  const total = await store.count(segment);
  const named = segment?.platforms?.map((name) => router.provider(name)?.platform);
  const asked = router.platforms.map(async (platform) => {
    const own = { ...segment, platforms: named === undefined || named.includes(platform) ? [platform] : [] };
    const recipients = await store.count(own);
    const [example] = await store.page({ segment: own, limit: 1 });
    if (!example) return { platform, recipients };
    const { device_token } = example;
    const result = await router.send({ platform, device_token }, payload, { dry_run: true });
    const { success, message, error_code, warnings, request } = result;
    const shown = request && maskToken(request, device_token);
    return { platform, recipients, success, message, error_code, warnings, request: shown };
  });
  return { message: "nothing was sent", fields: { total, platforms: await Promise.all(asked) } };
}

async function deliverTo(
  { router, store }: Call,
  targets: readonly SubscriptionTarget[],
  payload: PushNotificationPayload,
): Promise<Reply> {
  const notifications = targets.map(({ platform, device_token }) => ({ platform, device_token, payload }));
  const results: PushNotificationResult[] = [];
  for await (const result of deliver(notifications, { store, router })) results[result.index] = result;
  const success_count = results.filter(({ success }) => success).length;
  const [first] = results;
  const { length: total } = results;
  return {
    code: results.every(isSendersMistake) ? 400 : 200,
    success: success_count > 0,
    message: total === 1 && first ? first.message : `${success_count} of ${total} accepted`,
    platform: first?.platform,
    fields: {
      ...(total === 1 ? { message_id: first?.message_id, error_code: first?.error_code } : {}),
      ...{ total, success_count, failure_count: total - success_count },
      results: results.map(resultReply),
    },
  };
}

/** Nothing was sent, because of what was asked. All else is the fate of a notification, and no error of HTTP. */
function isSendersMistake({ error_code }: PushNotificationResult): boolean {
  return SENDERS_MISTAKES.has(error_code);
}

const SENDERS_MISTAKES = new Set<string | undefined>([
  "PAYLOAD_INVALID",
  "PAYLOAD_TOO_LARGE",
  "INVALID_TOKEN",
]);

/** Without the address; and what the device would read in place of what is encrypted. */
function maskToken({ url, plaintext, ...request }: ResultRequest, device_token: string): object {
  const mask = (text: string) => text.replaceAll(device_token, "<device_token>");
  const headers = Object.entries(request.headers).map(([name, value]) => [name, mask(value)]);
  const readable = plaintext === undefined ? {} : { body: plaintext, body_encoding: "utf8" };
  return {
    ...request,
    origin: new URL(url).origin,
    headers: Object.fromEntries(headers),
    body: mask(request.body),
    ...readable,
  };
}
