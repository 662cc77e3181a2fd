import type { PushErrorCode, PushNotificationPayload, PushNotificationResult } from "../index.js";
import type { StoredSubscription, SubscriptionTarget } from "./records.js";
import type { BroadcastRun, StoreOptions, SubscriptionStore } from "./store.js";

/** Opens a new, empty store. */
export type OpenStore = (options: StoreOptions) => Promise<SubscriptionStore>;

/** One promise of every store. */
export interface StoreCheck {
  readonly title: string;
  readonly run: (world: World) => Promise<void>;
}

/** When the clock of a check starts. */
export const START_MS = Date.UTC(2030, 0, 1);

/** A store, its clock, and what a sender would do with it. */
export class World {
  now_ms = START_MS;

  private constructor(
    readonly store: SubscriptionStore,
    private readonly openStore: OpenStore,
  ) {}

  static async open(openStore: OpenStore, options: StoreOptions = {}): Promise<World> {
    const now = { read: () => START_MS };
    const world = new World(await openStore({ ...options, now: () => now.read() }), openStore);
    now.read = () => world.now_ms;
    return world;
  }

  /** Another store, with options of its own; it is closed afterwards. */
  async withOptions(options: StoreOptions, run: (world: World) => Promise<void>): Promise<void> {
    const world = await World.open(this.openStore, options);
    try {
      await run(world);
    } finally {
      await world.store.close();
    }
  }

  pass(milliseconds: number): void {
    this.now_ms += milliseconds;
  }

  /** So many subscriptions of different browsers. */
  async subscribeMany(count: number, more: object = {}): Promise<StoredSubscription[]> {
    const all = Array.from({ length: count }, (_, i) => ({ ...browser(i), ...more }));
    return this.store.upsert(all);
  }

  /** Begins one delivery; its result is `settle`d by the caller. */
  async begin(
    target: SubscriptionTarget,
    message_id: string,
    payload: PushNotificationPayload = { title: message_id },
    broadcast?: BroadcastRun,
  ): Promise<boolean> {
    const { platform, device_token } = target;
    return this.store.begin([{ platform, device_token, message_id, payload }], broadcast);
  }

  /** Begins one, and settles it as accepted. */
  async send(
    target: SubscriptionTarget,
    message_id: string,
    payload?: PushNotificationPayload,
  ): Promise<void> {
    await this.begin(target, message_id, payload);
    await this.store.settle([accepted(target, message_id)]);
  }
}

/** What a browser would hand over. */
export function browser(number: number | string): { platform: string; device_token: object } {
  return {
    platform: "web_push",
    device_token: {
      endpoint: `https://push.example.org/send/${number}`,
      expirationTime: null,
      keys: { p256dh: `BPublicKeyOf${number}`, auth: `auth${number}` },
    },
  };
}

export function accepted(target: SubscriptionTarget, message_id: string): PushNotificationResult {
  return { ...common(target, message_id), success: true };
}

export function refused(
  target: SubscriptionTarget,
  message_id: string,
  error_code: PushErrorCode = "UNREGISTERED",
): PushNotificationResult {
  const remove_token = error_code === "UNREGISTERED";
  const more = { retryable: false, remove_token, may_have_been_sent: false, reason: "gone" };
  return { ...common(target, message_id), success: false, error_code, status_code: 410, ...more };
}

function common({ platform, device_token }: SubscriptionTarget, message_id: string) {
  return {
    platform,
    device_token,
    message_id,
    message: "",
    index: 0,
    attempts: 1,
    duration_ms: 0,
    timestamp: new Date(START_MS).toISOString(),
    warnings: [],
    service_message_id: `service-${message_id}`,
    status_code: 201,
  };
}
