/**
 * The platforms that come with the package: their names, and how to load them. Nothing of a provider is loaded until
 * it is asked for.
 */
import type {
  SimulationConfig,
  SimulationOptions,
  SimulationProvider,
} from "../providers/simulation/index.js";
import type { WebPushConfig, WebPushOptions, WebPushProvider } from "../providers/web_push/index.js";
import type { ProviderDefinition } from "./definition.js";

/**
 * Platform name -> its types. A provider of your own joins by augmentation:
 * `declare module "pushmux" { interface PushPlatforms { ntfy: { config: …; provider: …; platform_data: … } } }`.
 */
export interface PushPlatforms {
  web_push: { config: WebPushConfig; provider: WebPushProvider; platform_data: WebPushOptions };
  simulation: { config: SimulationConfig; provider: SimulationProvider; platform_data: SimulationOptions };
}

/** Other spellings, from systems that pushmux takes the place of. */
export interface PushPlatformAliases {
  webpush: "web_push";
}

/** Options of each service under its own name: what `platform_data` may hold for any provider. */
export type PlatformNamespaces = {
  [Name in keyof PushPlatforms]?: PushPlatforms[Name] extends { platform_data: infer Options }
    ? Options
    : Record<string, unknown>;
} & {
  [Alias in keyof PushPlatformAliases]?: PlatformNamespaces[PushPlatformAliases[Alias]];
} & { fcm?: Record<string, unknown>; apns?: Record<string, unknown>; wns?: Record<string, unknown> };

/** A definition whose own types are not known here. */
export type AnyDefinition = ProviderDefinition;

/** A platform of ours, before anything of it is loaded. */
export interface BuiltIn {
  readonly aliases: readonly string[];
  /** Its own options, so that other providers can tell "somebody else's" from "nobody's" without loading it. */
  readonly flat_keys: readonly string[];
  /** Absent: the name and its options are known, the provider is not part of this version. */
  readonly load?: () => Promise<AnyDefinition>;
}

export const BUILT_IN: Readonly<Record<string, BuiltIn>> = {
  web_push: {
    aliases: ["webpush"],
    flat_keys: [
      ...[
        "title",
        "body",
        "icon",
        "badge",
        "image",
        "tag",
        "renotify",
        "requireInteraction",
        "silent",
        "vibrate",
        "dir",
        "lang",
      ],
      ...[
        "timestamp",
        "data",
        "actions",
        "format",
        "raw_body",
        "urgency",
        "topic",
        "navigate",
        "app_badge",
        "mutable",
      ],
    ],
    load: async () => (await import("../providers/web_push/index.js")).webPush,
  },
  fcm: { aliases: ["fcm_linux", "fcm_android"], flat_keys: [] },
  wns: { aliases: ["wns_windows"], flat_keys: [] },
  apns: {
    aliases: ["apns_apple", "apns_macos"],
    flat_keys: ["badge", "sound", "content_available", "mutable_content", "category"],
  },
  simulation: {
    aliases: [],
    flat_keys: ["outcome"],
    load: async () => (await import("../providers/simulation/index.js")).simulation,
  },
};
