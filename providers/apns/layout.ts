import { type CheckedPayload, deepMerge, type Rejection, reject } from "../../src/provider_kit.js";
import type { Aps } from "./aps.js";
import { checkLiveActivity, liveActivityMembers } from "./live_activity.js";
import { ALERT_OPTIONS, APS_OPTIONS, type ApnsOptions } from "./options.js";
import { type ApnsPushType, rulesOf } from "./push_types.js";

export type ApnsPayload = CheckedPayload<ApnsOptions>;

/** What a device will read. */
export interface Layout {
  readonly push_type: ApnsPushType;
  /** Absent where the system does not read it. */
  readonly aps: Aps | undefined;
  /** What stands beside `aps`. */
  readonly custom: Readonly<Record<string, unknown>>;
}

/** Lays a payload out as its push type asks for, or as the one that its content makes it. */
export function layOut(payload: ApnsPayload, is_broadcast: boolean): Layout | Rejection {
  const { options, data } = payload;
  for (const [field, part = {}] of [
    ["data", data],
    ["platform_data.apns.payload", options.payload],
  ] as const) {
    if ("aps" in part) {
      return reject(
        "PAYLOAD_INVALID",
        `${field}.aps: a reserved name; give its members as platform_data.apns.aps`,
      );
    }
  }
  const own = ownMembers(options);
  const push_type = options.push_type ?? choosePushType(payload, own, is_broadcast);
  const aps = mergeAps(payload, own, push_type);
  const problem = checkType(options, push_type, is_broadcast) ?? checkAps(aps, push_type, is_broadcast);
  if (problem) return problem;
  return {
    push_type,
    aps: rulesOf(push_type).body === "bare" && Object.keys(own).length === 0 ? undefined : aps,
    custom: mergeCustom(payload, push_type),
  };
}

/** The members of `aps` that the options give, by whichever of their spellings. */
function ownMembers(options: ApnsOptions): Aps {
  const texts = dashed(options, ALERT_OPTIONS);
  const members = dashed(options, APS_OPTIONS);
  for (const name of ["content-available", "mutable-content"]) {
    if (name in members) members[name] = members[name] ? 1 : undefined;
  }
  if (members["content-changed"] === false) members["content-changed"] = undefined;
  const alert = Object.keys(texts).length > 0 ? { alert: texts } : {};
  return deepMerge({}, alert, members, liveActivityMembers(options.live_activity), options.aps ?? {});
}

function choosePushType(
  { background, title, body, badge, sound, data, options }: ApnsPayload,
  own: Aps,
  is_broadcast: boolean,
): ApnsPushType {
  if (is_broadcast || own.event !== undefined || own["content-state"] !== undefined) return "liveactivity";
  if (own["content-changed"]) return "widgets";
  if (background !== undefined) return background ? "background" : "alert";
  const shown = title ?? body ?? own.alert ?? own.badge ?? (typeof badge === "number" ? badge : undefined);
  if (shown !== undefined || own.sound || sound) return "alert";
  if (options.payload?.mdm !== undefined) return "mdm";
  const has_data = Object.keys({ ...data, ...options.payload }).length > 0;
  return has_data || own["content-available"] ? "background" : "alert";
}

function mergeAps(payload: ApnsPayload, own: Aps, push_type: ApnsPushType): Aps {
  const { body, mark = {} } = rulesOf(push_type);
  const aps: Aps = deepMerge(body === "aps" ? unifiedMembers(payload, push_type) : {}, own, mark);
  if (!aps.sound || body === "unseen") delete aps.sound;
  if (body === "unseen") {
    delete aps.alert;
    delete aps.badge;
  }
  return aps;
}

/**
 * The payload's own fields. An alert that is made of fields is heard, unless it says otherwise; one that is given whole, as
 * `aps` or as a Notification, says everything itself.
 */
function unifiedMembers(payload: ApnsPayload, push_type: ApnsPushType): Aps {
  const { title, body, badge, silent, priority, image, created_at_ms, options } = payload;
  const sound = silent ? undefined : payload.sound;
  const alert = title === undefined && body === undefined ? undefined : present({ title, body });
  if (push_type === "liveactivity") {
    return present({
      alert: alert && present({ ...alert, sound }),
      timestamp: created_at_ms === undefined ? undefined : Math.floor(created_at_ms / 1000),
    });
  }
  const is_alert = push_type === "alert";
  const made_of_fields = alert ?? ALERT_OPTIONS.find((name) => options[name] !== undefined);
  return present({
    alert,
    badge: typeof badge === "number" ? badge : undefined,
    sound: sound ?? (is_alert && made_of_fields && !silent ? "default" : undefined),
    "interruption-level": is_alert && priority === "critical" ? "time-sensitive" : undefined,
    // Only a service extension of the app can fetch the image, and it is asked only then.
    "mutable-content": is_alert && image ? 1 : undefined,
  });
}

/** `image` and `url` are the app's to read: APNs has neither. */
function mergeCustom({ url, image, data, options, message_id }: ApnsPayload, push_type: ApnsPushType) {
  const custom = deepMerge<Record<string, unknown>>({}, data, options.payload ?? {});
  if (rulesOf(push_type).body === "bare") return custom;
  return present({ url, image, ...custom, ...(message_id === undefined ? {} : { message_id }) });
}

function checkType(
  { push_type: wished, live_activity }: ApnsOptions,
  push_type: ApnsPushType,
  is_broadcast: boolean,
): Rejection | undefined {
  if (is_broadcast && push_type !== "liveactivity") {
    return invalid("push_type", 'a channel carries only "liveactivity"');
  }
  if (live_activity && push_type !== "liveactivity") {
    return invalid("live_activity", `goes with push_type "liveactivity", not with "${wished}"`);
  }
  return undefined;
}

function checkAps(aps: Aps, push_type: ApnsPushType, is_broadcast: boolean): Rejection | undefined {
  if (push_type === "liveactivity") return checkLiveActivity(aps, is_broadcast);
  const score = aps["relevance-score"] ?? 0;
  if (score < 0 || score > 1) return invalid("relevance_score", "expected a number from 0 to 1");
  if (push_type !== "alert") return undefined;
  if (aps.alert !== undefined || aps.badge !== undefined || aps.sound) return undefined;
  return reject("PAYLOAD_INVALID", "title: an alert needs a title, a body, a badge or a sound");
}

/** Those options that were given, under Apple's names. */
function dashed(options: ApnsOptions, names: readonly (keyof ApnsOptions)[]): Record<string, unknown> {
  const given = names.filter((name) => options[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name.replaceAll("_", "-"), options[name]]));
}

function present<T extends object>(members: T): T {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;
}

function invalid(option: string, problem: string): Rejection {
  return reject("PAYLOAD_INVALID", `platform_data.apns.${option}: ${problem}`);
}
