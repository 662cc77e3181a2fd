// None of this may compile. An expected error that does not come is an error itself.
import {
  createPushRouter,
  getPushProvider,
  PushErrorCode,
  type PushNotificationProvider,
  type PushNotificationResult,
} from "pushmux";
import type { SimulationProvider } from "pushmux/simulation";
import type { WebPushProvider } from "pushmux/web_push";

export async function config(): Promise<void> {
  // @ts-expect-error a key that web_push does not have
  await getPushProvider("web_push", { vapid_key: "a" });
  // @ts-expect-error a key that another provider has
  await getPushProvider("simulation", { vapid_subject: "mailto:ops@example.org" });
  // @ts-expect-error a key of an older system
  await getPushProvider("simulation", { batch_size: 10 });
  // @ts-expect-error a value of the wrong kind
  await getPushProvider("simulation", { success_rate: "high" });
  // @ts-expect-error an option that does not exist
  await getPushProvider("simulation", {}, { force: true });
}

export async function router(): Promise<void> {
  // @ts-expect-error a key that web_push does not have
  const many = await createPushRouter({ web_push: { vapid_key: "a" } });
  const target = { platform: "web_push", device_token: "a" };
  // @ts-expect-error flat keys belong to one provider, and a router has many
  await many.send(target, { title: "a", platform_data: { requireInteraction: true } });
  // @ts-expect-error an option that does not exist
  await many.send(target, { title: "a" }, { fallback: true });
}

export async function platformData(
  web_push: WebPushProvider,
  simulation: SimulationProvider,
  any: PushNotificationProvider,
): Promise<void> {
  // @ts-expect-error an unknown key in a namespace
  await web_push.sendNotification("a", { title: "a", platform_data: { web_push: { colour: "red" } } });
  // @ts-expect-error a value of the wrong kind in a namespace
  await web_push.sendNotification("a", { title: "a", platform_data: { web_push: { format: "xml" } } });
  // @ts-expect-error a flat key of the wrong kind
  await web_push.sendNotification("a", { title: "a", platform_data: { requireInteraction: "yes" } });
  // @ts-expect-error a flat key that it does not have
  await web_push.sendNotification("a", { title: "a", platform_data: { requireInteracton: true } });
  // @ts-expect-error a flat key of another provider
  await simulation.sendNotification("a", { title: "a", platform_data: { requireInteraction: true } });
  // @ts-expect-error one token, where a list is expected
  await any.sendMulticastNotification("a", { title: "a" });
  // @ts-expect-error a priority that does not exist
  await any.sendNotification("a", { title: "a", priority: "urgent" });
  // @ts-expect-error a field that does not exist
  await any.sendNotification("a", { title: "a", topic: "news" });
}

export function results(result: PushNotificationResult): void {
  // @ts-expect-error only a failure has a code
  const code: PushErrorCode = result.error_code;
  if (result.success) {
    // @ts-expect-error a success has no reason
    const reason: string = result.reason;
    console.log(reason);
  }
  // @ts-expect-error a code that does not exist
  console.log(code, PushErrorCode.GONE);
}

export async function onlyWhatTheClassHas(
  any: PushNotificationProvider,
  web_push: WebPushProvider,
): Promise<void> {
  // @ts-expect-error deliveries are simulation's
  console.log(any.deliveries, web_push.deliveries);
}
