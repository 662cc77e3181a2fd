import { type Codec, isRejection } from "./codec.js";
import type { OperationRequest, OperationResult } from "./engine/errand.js";
import { openInput, toItem } from "./engine/input.js";
import type { Lease } from "./engine/lease.js";
import { engineStats, type ProviderStats } from "./engine/stats.js";
import { streamResults } from "./engine/stream.js";
import { checkHealth } from "./health.js";
import {
  type BulkOptions,
  checkBulkOptions,
  checkCloseOptions,
  checkSendOptions,
  type SendOptions,
} from "./options.js";
import type { PushNotificationPayload } from "./payload.js";
import type { PlatformNamespaces } from "./platforms.js";
import {
  collect,
  type DeviceTokens,
  type HealthCheck,
  type Notifications,
  type PlatformInfo,
  PushNotificationProvider,
} from "./provider.js";
import type { PushNotificationResult } from "./result.js";

/**
 * A provider over the engine. Each service's class extends it with what only that service offers.
 *
 * `OwnOptions` are its flat keys in `platform_data`; every service's namespace is allowed beside them.
 */
export abstract class CodecProvider<
  C extends Codec = Codec,
  OwnOptions = Record<string, unknown>,
> extends PushNotificationProvider<OwnOptions & PlatformNamespaces> {
  readonly platform: string;
  readonly #lease: Lease;

  constructor(lease: Lease) {
    super();
    this.platform = lease.platform;
    this.#lease = lease;
  }

  /** For what only this service offers. */
  protected get codec(): C {
    return this.#lease.codec as unknown as C;
  }

  /** For requests that are not notifications. One result each, in order; rejects as a send does. */
  protected async operate(
    requests: readonly OperationRequest[],
    options?: BulkOptions,
  ): Promise<OperationResult[]> {
    checkBulkOptions(options);
    return this.#lease.operate(requests, options);
  }

  override async sendNotification(
    device_token: unknown,
    payload: PushNotificationPayload<OwnOptions & PlatformNamespaces>,
    options?: SendOptions,
  ): Promise<PushNotificationResult> {
    checkSendOptions(options);
    return this.#lease.sendOne("token", device_token, payload, options);
  }

  override async sendTopicNotification(
    topic: string,
    payload: PushNotificationPayload<OwnOptions & PlatformNamespaces>,
    options?: SendOptions,
  ): Promise<PushNotificationResult> {
    checkSendOptions(options);
    return this.#lease.sendOne("topic", topic, payload, options);
  }

  override streamNotifications(
    notifications: Notifications<PushNotificationPayload<OwnOptions & PlatformNamespaces>>,
    options?: BulkOptions,
  ): AsyncGenerator<PushNotificationResult, void, undefined> {
    const open = () => {
      checkBulkOptions(options);
      return openInput(notifications, "notifications", toItem);
    };
    return streamResults(this.#lease, open, options);
  }

  override async sendMulticastNotification(
    device_tokens: DeviceTokens,
    payload: PushNotificationPayload<OwnOptions & PlatformNamespaces>,
    options?: BulkOptions,
  ): Promise<PushNotificationResult[]> {
    checkBulkOptions(options);
    const input = openInput(device_tokens, "device_tokens", (device_token) => ({ device_token, payload }));
    return collect(streamResults(this.#lease, () => ({ ...input, multicast: true }), options));
  }

  override validateDeviceToken(token: unknown): boolean {
    try {
      return !isRejection(this.#lease.codec.parseToken(token));
    } catch {
      return false;
    }
  }

  override getPlatformInfo(): PlatformInfo {
    const { engine, codec } = this.#lease;
    const { max_payload_bytes, max_ttl_seconds } = codec.limits;
    return {
      platform: this.platform,
      limits: { max_payload_bytes, max_ttl_seconds, max_concurrency: engine.limiter.max },
      capabilities: { topics: (codec.topic_kinds?.length ?? 0) > 0, ...codec.info?.capabilities },
      sender: { ...codec.info?.sender },
      counters: engine.counters(),
    };
  }

  override stats(): ProviderStats {
    return engineStats(this.#lease.engine);
  }

  override healthCheck(): Promise<HealthCheck> {
    return checkHealth(this.#lease);
  }

  override async close(options?: { timeout_seconds?: number | undefined }): Promise<void> {
    checkCloseOptions(options);
    await this.#lease.close((options?.timeout_seconds ?? 30) * 1000);
  }
}
