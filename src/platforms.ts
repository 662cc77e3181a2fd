/**
 * The platforms that come with the package: their names, and how to load them. Nothing of a provider is loaded until
 * it is asked for.
 */
import type { ApnsConfig, ApnsPlatformData, ApnsProvider } from "../providers/apns/index.js";
import type { FcmConfig, FcmOptions, FcmProvider } from "../providers/fcm/index.js";
import type {
  SimulationConfig,
  SimulationOptions,
  SimulationProvider,
} from "../providers/simulation/index.js";
import type { WebPushConfig, WebPushOptions, WebPushProvider } from "../providers/web_push/index.js";
import type { WnsConfig, WnsOptions, WnsProvider } from "../providers/wns/index.js";
import type { ProviderDefinition } from "./definition.js";

/**
 * Platform name -> its types. A provider of your own joins by augmentation:
 * `declare module "pushmux" { interface PushPlatforms { ntfy: { config: …; provider: …; platform_data: … } } }`.
 */
export interface PushPlatforms {
  web_push: { config: WebPushConfig; provider: WebPushProvider; platform_data: WebPushOptions };
  fcm: { config: FcmConfig; provider: FcmProvider; platform_data: FcmOptions };
  wns: { config: WnsConfig; provider: WnsProvider; platform_data: WnsOptions };
  apns: { config: ApnsConfig; provider: ApnsProvider; platform_data: ApnsPlatformData };
  simulation: { config: SimulationConfig; provider: SimulationProvider; platform_data: SimulationOptions };
}

/** Other spellings, from systems that pushmux takes the place of. */
export interface PushPlatformAliases {
  webpush: "web_push";
  fcm_linux: "fcm";
  fcm_android: "fcm";
  wns_windows: "wns";
  apns_apple: "apns";
  apns_macos: "apns";
}

/** Options of each service under its own name: what `platform_data` may hold for any provider. */
export type PlatformNamespaces = {
  [Name in keyof PushPlatforms]?: PushPlatforms[Name] extends { platform_data: infer Options }
    ? Options
    : Record<string, unknown>;
} & {
  [Alias in keyof PushPlatformAliases]?: PlatformNamespaces[PushPlatformAliases[Alias]];
};

/** A definition whose own types are not known here. */
export type AnyDefinition = ProviderDefinition;

/** A platform of ours, before anything of it is loaded. */
export interface BuiltIn {
  readonly aliases: readonly string[];
  /** Its own options, so that other providers can tell "somebody else's" from "nobody's" without loading it. */
  readonly flat_keys: readonly string[];
  readonly load: () => Promise<AnyDefinition>;
}

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const WEB_PUSH_KEYS = words(`
  title body icon badge image tag renotify requireInteraction silent vibrate dir lang timestamp data
  actions format raw_body urgency topic navigate app_badge mutable
`);
const WNS_KEYS = words(`
  type title body image icon sound silent actions badge xml raw_body remove priority cache_policy tag
  group request_for_status suppress_popup launch activation_type scenario duration display_timestamp
  lang attribution image_placement icon_crop progress header audio inputs content tile_sizes branding
  display_name
`);
const APNS_KEYS = words(`
  push_type topic priority expiration collapse_id apns_id request_id payload aps live_activity title
  subtitle body launch_image title_loc_key title_loc_args subtitle_loc_key subtitle_loc_args loc_key
  loc_args badge sound content_available mutable_content content_changed category thread_id
  interruption_level relevance_score target_content_id filter_criteria url_args
`);

export const BUILT_IN: Readonly<Record<string, BuiltIn>> = {
  web_push: {
    aliases: ["webpush"],
    flat_keys: WEB_PUSH_KEYS,
    load: async () => (await import("../providers/web_push/index.js")).webPush,
  },
  fcm: {
    aliases: ["fcm_linux", "fcm_android"],
    // Its options are blocks named after platforms: they stand under `fcm` only.
    flat_keys: [],
    load: async () => (await import("../providers/fcm/index.js")).fcm,
  },
  wns: {
    aliases: ["wns_windows"],
    flat_keys: WNS_KEYS,
    load: async () => (await import("../providers/wns/index.js")).wns,
  },
  apns: {
    aliases: ["apns_apple", "apns_macos"],
    flat_keys: APNS_KEYS,
    load: async () => (await import("../providers/apns/index.js")).apns,
  },
  simulation: {
    aliases: [],
    flat_keys: ["outcome"],
    load: async () => (await import("../providers/simulation/index.js")).simulation,
  },
};
