// All of this must compile: it is what a user writes.
import {
  closeAllProviders,
  createPushRouter,
  getAvailablePlatforms,
  getFallbackProvider,
  getPlatformStatus,
  getPushProvider,
  PushError,
  PushErrorCode,
  type PushNotification,
  type PushNotificationPayload,
  type PushNotificationProvider,
  type PushNotificationResult,
  PushPriority,
  payloadSchema,
  redactResult,
  registerProvider,
  type Subscription,
} from "pushmux";
import { defineProvider, type ProviderDefinition } from "pushmux/provider_kit";
import type { SimulationConfig, SimulationProvider } from "pushmux/simulation";
import { createStore, openSqliteStore, type StoreDriver, type SubscriptionStore } from "pushmux/store";
import { startWebPushService, storeConformance } from "pushmux/testing";
import { generateVapidKeys, type WebPushConfig, WebPushProvider } from "pushmux/web_push";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_same: Same<A, B>): void => {};

const subscription: Subscription = {
  endpoint: "https://updates.push.services.mozilla.com/wpush/v2/a",
  keys: { p256dh: "BA", auth: "AA" },
  expirationTime: null,
};
const payload: PushNotificationPayload = {
  title: "Hello",
  priority: PushPriority.HIGH,
  ttl_seconds: 0,
  data: { id: 1 },
};

export async function theTypeFollowsTheName(): Promise<void> {
  const web_push = await getPushProvider("web_push", { vapid_subject: "mailto:ops@example.org" });
  same<typeof web_push, WebPushProvider>(true);
  const by_alias = await getPushProvider("webpush");
  same<typeof by_alias, WebPushProvider>(true);
  const simulation = await getPushProvider("simulation", { seed: 7, success_rate: 1 }, { force_new: true });
  same<typeof simulation, SimulationProvider>(true);
  const deliveries = simulation.deliveries.map((delivery) => delivery.message_id);
  same<typeof deliveries, string[]>(true);

  const from_data: string = JSON.parse('"web_push"');
  const any_provider = await getPushProvider(from_data, { whatever: 1 });
  same<typeof any_provider, PushNotificationProvider>(true);
  const fallback = await getFallbackProvider([["web_push", {}], ["simulation"]]);
  same<typeof fallback, PushNotificationProvider | null>(true);
  if (any_provider instanceof WebPushProvider) any_provider.getVapidPublicKey();

  await simulation.close({ timeout_seconds: 1 });
  await closeAllProviders();
}

export async function theEnvironmentIsAConfig(): Promise<PushNotificationProvider> {
  const config: WebPushConfig = {
    vapid_public_key: process.env.VAPID_PUBLIC_KEY,
    vapid_private_key: process.env.VAPID_PRIVATE_KEY,
    vapid_subject: process.env.VAPID_SUBJECT,
    ttl_seconds: undefined,
  };
  const keys = generateVapidKeys();
  await getPushProvider("web_push", { ...keys, vapid_subject: process.env.VAPID_SUBJECT });
  await getPushProvider("web_push", { vapid_public_key: process.env.A, vapid_private_key: process.env.B });
  return getPushProvider("web_push", config);
}

export async function manyAtOnce(
  provider: PushNotificationProvider,
  web_push: WebPushProvider,
): Promise<void> {
  const list = [
    [subscription, payload],
    [JSON.stringify(subscription), { title: "Two" }],
  ] satisfies PushNotification[];
  await provider.sendBulkNotifications(list);
  await web_push.sendBulkNotifications([{ device_token: subscription, payload }]);
  await provider.sendMulticastNotification(["a", "b"], payload, {
    signal: AbortSignal.timeout(1000),
    max_concurrency: 5,
  });
  for await (const result of provider.streamNotifications(endless())) result.index.toFixed();
  async function* endless(): AsyncGenerator<PushNotification> {
    yield ["a", payload];
    yield { device_token: "b", payload };
  }
}

export async function aListWithoutAsConst(
  provider: PushNotificationProvider,
  web_push: WebPushProvider,
): Promise<void> {
  const s1 = subscription;
  const p1 = { title: "One" };
  const s2 = subscription;
  const p2 = { title: "Two" };
  const list = [
    [s1, p1],
    [s2, p2],
  ];
  await provider.sendBulkNotifications(list);
  await web_push.sendBulkNotifications(list);
}

export function successDiscriminates(result: PushNotificationResult): string {
  if (result.success) {
    same<typeof result.error_code, undefined>(true);
    return result.service_message_id ?? result.message_id;
  }
  same<typeof result.error_code, PushErrorCode>(true);
  same<typeof result.remove_token, boolean>(true);
  if (result.error_code === PushErrorCode.UNREGISTERED) JSON.stringify(redactResult(result));
  return result.reason ?? result.error_code;
}

export async function serviceOptions(
  provider: PushNotificationProvider,
  web_push: WebPushProvider,
): Promise<void> {
  const actions = [{ action: "open", title: "Open" }];
  await web_push.sendNotification(subscription, {
    title: "a",
    platform_data: { requireInteraction: true, actions },
  });
  await web_push.sendNotification(subscription, {
    title: "a",
    platform_data: { web_push: { format: "flat" } },
  });
  await provider.sendNotification("a", { title: "a", platform_data: { web_push: { urgency: "low" } } });
}

export async function oneDoorToMany(web_push: WebPushProvider, name: string): Promise<void> {
  const router = await createPushRouter(
    { web_push, simulation: { seed: 1 } },
    { on_dead_token: ({ platform, device_token, result }) => [platform, device_token, result.error_code] },
  );
  const target = { platform: name, device_token: subscription };
  await router.send(target, { title: "a", platform_data: { web_push: { urgency: "low" } } });
  await router.sendBulk([[target, payload]]);
  const list = [[target, { title: "One" }]];
  for await (const result of router.stream(list)) result.index.toFixed();
  const { results } = await router.sendWithFallback([target], payload, { fallback_on_ambiguous: true });
  same<typeof results, PushNotificationResult[]>(true);
  await router.close();
}

export async function mistakesAreThrown(): Promise<void> {
  try {
    await getPushProvider("simulation", { seed: 1 });
  } catch (error) {
    if (!PushError.is(error)) throw error;
    const code: "CONFIG_INVALID" | string = error.code;
    error.issues?.map((issue) => `${code} ${issue.path}: ${issue.message}`);
  }
  payloadSchema.parse({});
  const { simulation } = getPlatformStatus();
  simulation?.open.toFixed();
  getAvailablePlatforms().includes("simulation");
}

export async function emulators(): Promise<void> {
  const service = await startWebPushService();
  const provider = await getPushProvider("web_push", service.config);
  const device = await service.createDevice();
  await provider.sendNotification(device.device_token, payload);
  await service.close();
}

export const simulated: SimulationConfig = {
  outcomes: { gone: "UNREGISTERED", busy: ["RATE_LIMITED", "success"] },
};

export const definition: ProviderDefinition<{ topic: string }> = defineProvider({
  platform: "ours",
  config: { shape: {}, safeParse: () => ({ success: true as const, data: { topic: "a" } }) },
  codec: (config) => {
    throw new Error(config.topic);
  },
});
registerProvider(definition);

export async function stores(driver: StoreDriver): Promise<void> {
  const mine: SubscriptionStore = createStore(driver, { keep_payloads: false });
  await using sqlite = await openSqliteStore({ path: ":memory:" });
  const { device_key } = await sqlite.subscribe({ platform: "web_push", device_token: subscription });
  same<string, typeof device_key>(true);
  for (const { title, run } of storeConformance(async (options) => createStore(driver, options))) {
    await run();
    console.log(title, await mine.count({ tags: "a && !b" }));
  }
}
