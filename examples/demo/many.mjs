import { mix, showOutcomes } from "./outcomes.mjs";
import { count } from "./screen.mjs";

/**
 * A device of an emulator.
 *
 * @typedef {{ device_token: string, received: readonly unknown[] }} Device
 */

/**
 * One kind of token in a mixed list. `make` gives a device, or only a token where there is none.
 *
 * @template Service
 * @typedef {import("./outcomes.mjs").Kind & { make: (service: Service, i: number) => Device | string }} Kind
 */

/** A provider that sends to many, and may be of any service. */
/** @typedef {Pick<import("pushmux").PushNotificationProvider, "platform" | "sendBulkNotifications">} Provider */

/**
 * A device to which something has happened.
 *
 * @template D
 * @param {D} device
 * @param {(device: D) => unknown} happening
 */
export function after(device, happening) {
  happening(device);
  return device;
}

/**
 * Sends one notification to each of a mixed list, and prints what became of them.
 *
 * @template Service
 * @param {import("./screen.mjs").Screen} screen
 * @param {object} run
 * @param {Service} run.service
 * @param {Provider} run.provider
 * @param {readonly Kind<Service>[]} run.kinds
 */
export async function showMany(screen, { service, provider, kinds }) {
  const list = mix(
    kinds.flatMap(({ kind, amount, make }) =>
      Array.from({ length: amount }, (_, i) => {
        const made = make(service, i);
        return typeof made === "string"
          ? { kind, token: made, device: undefined }
          : { kind, token: made.device_token, device: made };
      }),
    ),
  );
  screen.section(`${count(list.length)} notifications to a mixed list`);
  const results = await provider.sendBulkNotifications(
    list.map(({ token }, i) => [token, { title: "Weekly report", body: `Report ${i + 1} is ready.` }]),
    { on_progress: (progress) => screen.progress(progress) },
  );
  showOutcomes(screen, {
    platform: provider.platform,
    kinds,
    list,
    results,
    arrived(kind) {
      const devices = list.flatMap((entry) => (entry.kind === kind && entry.device) || []);
      return devices.reduce((sum, { received }) => sum + received.length, 0);
    },
  });
  return results;
}
