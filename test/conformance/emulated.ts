import type { Codec } from "../../src/codec.js";
import { checkConfig, type SharedConfigInput } from "../../src/config.js";
import { systemClock } from "../../src/engine/clock.js";
import { getPushProvider, type ProviderOptions, type PushNotificationProvider } from "../../src/index.js";
import type { AnyDefinition } from "../../src/platforms.js";
import type { ScriptedAnswer } from "../../src/testing/index.js";
import type { Harness, Script, Step, World } from "./world.js";

/** What the suite uses of an emulator; all of them have it. */
interface Emulator {
  readonly config: object;
  readonly received: readonly { readonly device_token?: string | undefined }[];
  createDevice(): { readonly device_token: string };
  respond(device_token: string, ...answers: (ScriptedAnswer | readonly ScriptedAnswer[])[]): void;
  fault(kind: "stall", options: { device_token: string }): unknown;
  close(): Promise<void>;
}

export interface Emulated<E extends Emulator> {
  readonly platform: string;
  readonly definition: object;
  start(): Promise<E>;
  /** How this service says it. `silence` never comes here: that is a fault, not an answer. */
  answer(step: Exclude<Step, "silence">): ScriptedAnswer;
  /** The lifetime that a request told, in seconds. */
  lifetime(received: E["received"][number]): number | undefined;
  /** Keys, passwords, and what of a token must not be seen either. */
  secrets(service: E, tokens: readonly string[]): readonly string[];
}

/** Opens the world of a provider whose service is an emulator on a real socket. */
export function openEmulated<E extends Emulator>(
  emulated: Emulated<E>,
): Pick<Harness, "platform" | "codec" | "open"> {
  const { platform, definition } = emulated;
  return {
    platform,
    async codec(): Promise<Codec> {
      const service = await emulated.start();
      await service.close();
      const { config, codec } = definition as AnyDefinition;
      const checked = checkConfig(platform, config, service.config);
      return (await codec(checked as never, { clock: systemClock, random: Math.random })) as Codec;
    },
    async open(
      script: Script = {},
      config: SharedConfigInput = {},
      options: ProviderOptions = {},
    ): Promise<World> {
      const service = await emulated.start();
      const open = () =>
        getPushProvider(
          platform,
          { ...service.config, ...config } as never,
          options,
        ) as Promise<PushNotificationProvider>;
      const leases = [await open()];
      const tokens = new Map(Object.keys(script).map((name) => [name, service.createDevice().device_token]));
      const tokenOf = (name: string) => {
        const token = tokens.get(name);
        if (token === undefined) throw new Error(`no device ${name}`);
        return token;
      };
      for (const [name, steps] of Object.entries(script)) {
        const device_token = tokenOf(name);
        const answers = steps.flatMap((step) => (step === "silence" ? [] : [emulated.answer(step)]));
        if (answers.length < steps.length) service.fault("stall", { device_token });
        else service.respond(device_token, ...answers);
      }
      const requestsOf = (name: string) =>
        service.received.filter(({ device_token }) => device_token === tokenOf(name));
      return {
        provider: leases[0] as PushNotificationProvider,
        token: tokenOf,
        tokens: (count) => Array.from({ length: count }, () => service.createDevice().device_token),
        async lease() {
          const lease = await open();
          leases.push(lease);
          return lease;
        },
        requests: (name) => requestsOf(name).length,
        total: () => service.received.length,
        lifetime(name) {
          const [first] = requestsOf(name);
          return first && emulated.lifetime(first);
        },
        secrets: [...emulated.secrets(service, [...tokens.values()]), ...tokens.values()],
        async end() {
          await Promise.all(leases.map((lease) => lease.close({ timeout_seconds: 0 })));
          await service.close();
        },
      };
    },
  };
}
