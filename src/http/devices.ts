/** What a device may ask for itself, without anybody being signed in. */
import { z } from "zod";
import { type Delivery, deliver } from "../store/index.js";
import { type Reply, refuse } from "./answers.js";
import type { Call } from "./call.js";
import { check, checkQuery, id, wholeNumber } from "./check.js";
import { hasSameSecret, readRecipient } from "./target.js";
import { deliveryReply, isoTime } from "./views.js";

const acknowledgement = z.object({
  message_id: id,
  device_id: id,
  status: z.enum(["delivered", "failed", "opened", "dismissed"]).default("delivered"),
  received_at: z.iso
    .datetime({ offset: true, error: "expected an ISO 8601 time with Z or an offset" })
    .nullish(),
  error_message: z
    .string()
    // A cut may go through a letter.
    .transform((text) => text.slice(0, 500).toWellFormed())
    .nullish(),
});

/** What became of a message on its device. Also of an unknown one it says no more than this: nothing is told to strangers. */
export async function ack({ body, store, limitDevice }: Call): Promise<Reply> {
  const { received_at, error_message, ...said } = check(acknowledgement, body);
  limitDevice(said.device_id);
  await store.acknowledge({
    ...said,
    ...(received_at ? { received_at_ms: Math.max(0, Date.parse(received_at)) } : {}),
    ...(error_message ? { error_message } : {}),
  });
  return { message: "acknowledged" };
}

/** What a device has not acknowledged, for one that may have missed it. Its key came with `subscribe`. */
export async function pending({ request: { headers }, query, store }: Call): Promise<Reply> {
  const { limit } = checkQuery({ limit: wholeNumber(1, 50, 50) }, query);
  const device_id = headers.get("x-device-id") ?? "";
  const bearer = /^Bearer +(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  const device_key = bearer ?? headers.get("x-api-key") ?? "";
  const is_possible = device_id !== "" && device_id.length <= 200 && device_key.length <= 200;
  const deliveries = is_possible ? await store.pending({ device_id, device_key, limit }) : undefined;
  if (!deliveries) {
    refuse(401, "expected the headers x-device-id, and authorization: Bearer with the device's key", {
      headers: { "www-authenticate": "Bearer" },
    });
  }
  return {
    message: `${deliveries.length} pending`,
    fields: { device_id, pushes: deliveries.map(pendingPush) },
  };
}

/** Sends a notification to whoever asks: only to a stored subscription, and only when its secret is known. */
export async function test(call: Call): Promise<Reply> {
  const { body, router, store, settings, limitDevice } = call;
  const target = readRecipient(body, router);
  limitDevice(target.name);
  const stored = await store.get(target);
  if (!stored) refuse(404, "no such subscription", { field: target.field, platform: target.platform });
  if (!hasSameSecret(stored.device_token, target.device_token)) {
    refuse(403, "not the secret of this subscription", { field: target.field, platform: target.platform });
  }
  const { platform, device_token } = stored;
  const { test_notification } = settings;
  const timestamp = new Date(settings.now()).toISOString();
  const payload = { ...test_notification, data: { platform, timestamp, ...test_notification.data } };
  for await (const result of deliver([{ platform, device_token, payload }], { store, router })) {
    const { success, message, message_id, error_code } = result;
    return { success, message, platform, fields: { message_id, error_code } };
  }
  throw new Error("a notification without a result");
}

function pendingPush(delivery: Delivery): object {
  const { message_id, platform, status, sent_at } = deliveryReply(delivery);
  const { payload, expires_at_ms } = delivery;
  return { message_id, platform, status, sent_at, expires_at: isoTime(expires_at_ms), payload };
}
