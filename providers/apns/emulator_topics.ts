/** Apple, "Sending notification requests to APNs", the table of push types. */
const SUFFIXES = {
  alert: "",
  background: "",
  complication: ".complication",
  controls: ".push-type.controls",
  fileprovider: ".pushkit.fileprovider",
  liveactivity: ".push-type.liveactivity",
  location: ".location-query",
  mdm: "",
  pushtotalk: ".voip-ptt",
  voip: ".voip",
  widgets: ".push-type.widgets",
} as const;

/** A value of the `apns-push-type` header. */
export type ApnsPushType = keyof typeof SUFFIXES;

/** What APNs appends to the bundle ID. */
export const TOPIC_SUFFIXES: Readonly<Record<ApnsPushType, string>> = SUFFIXES;

/** These are not sent with a certificate. */
export const TOKEN_ONLY: readonly ApnsPushType[] = ["liveactivity", "location"];

const PUSH_TYPES = Object.keys(SUFFIXES) as ApnsPushType[];

export function isPushType(text: string): text is ApnsPushType {
  return Object.hasOwn(SUFFIXES, text);
}

/** What a topic is for, if it is one of these apps' and of this push type; without a type, of any. */
export function readTopic(
  topic: string,
  bundle_ids: readonly string[],
  push_type: ApnsPushType | undefined,
): { bundle_id: string; push_type: ApnsPushType } | undefined {
  for (const type of push_type ? [push_type] : PUSH_TYPES) {
    const bundle_id = bundle_ids.find((one) => one + SUFFIXES[type] === topic);
    if (bundle_id !== undefined) return { bundle_id, push_type: type };
  }
  return undefined;
}

/** The kind of token that a push type needs: an app has one for what it shows and does, and one for each of the others. */
export function tokenKind(push_type: ApnsPushType): ApnsPushType {
  return push_type === "background" ? "alert" : push_type;
}

export function maxPayloadBytes(push_type: ApnsPushType): number {
  return push_type === "voip" ? 5120 : 4096;
}
