/** Values of `apns-priority`: at once, when it suits the device's power, least of all. */
export type ApnsPriority = 10 | 5 | 1;

interface Rules {
  /** What follows the bundle id in `apns-topic`. */
  readonly suffix: string;
  /** The priorities that it takes; the first stands in for any other. */
  readonly priorities: readonly [ApnsPriority, ...ApnsPriority[]];
  /**
   * `aps`: whatever is given. `unseen`: `aps` without alert, sound and badge. `bare`: the body has no `aps`, because it
   * is not the system that reads it.
   */
  readonly body: "aps" | "unseen" | "bare";
  /** What `aps` must hold for the system to take it as what it is. */
  readonly mark?: object;
  /** Worthless a moment later: not stored unless the payload names a lifetime. */
  readonly now_or_never?: true;
}

const ANY_PRIORITY = [10, 5, 1] as const;

/**
 * What each push type asks for
 * (https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns).
 */
export const PUSH_TYPES = {
  alert: { suffix: "", priorities: ANY_PRIORITY, body: "aps" },
  background: { suffix: "", priorities: [5], body: "unseen", mark: { "content-available": 1 } },
  location: { suffix: ".location-query", priorities: [10, 5], body: "aps" },
  voip: { suffix: ".voip", priorities: [10], body: "aps", now_or_never: true },
  complication: { suffix: ".complication", priorities: ANY_PRIORITY, body: "aps" },
  fileprovider: { suffix: ".pushkit.fileprovider", priorities: ANY_PRIORITY, body: "bare" },
  // Its topic is the UID in the subject of the MDM certificate, given as `bundle_id` or `topic`.
  mdm: { suffix: "", priorities: ANY_PRIORITY, body: "bare" },
  liveactivity: { suffix: ".push-type.liveactivity", priorities: [10, 5], body: "aps" },
  pushtotalk: { suffix: ".voip-ptt", priorities: [10], body: "aps", now_or_never: true },
  widgets: {
    suffix: ".push-type.widgets",
    priorities: ANY_PRIORITY,
    body: "unseen",
    mark: { "content-changed": true },
  },
  controls: {
    suffix: ".push-type.controls",
    priorities: ANY_PRIORITY,
    body: "unseen",
    mark: { "content-changed": true },
  },
} as const satisfies Record<string, Rules>;

/** Values of `apns-push-type`. */
export type ApnsPushType = keyof typeof PUSH_TYPES;

export const PUSH_TYPE_NAMES = Object.keys(PUSH_TYPES) as [ApnsPushType, ...ApnsPushType[]];

export function rulesOf(push_type: ApnsPushType): Rules {
  return PUSH_TYPES[push_type];
}

/** Bytes of the whole body. A broadcast may have as many as a VoIP push. */
export function maxBytes(push_type: ApnsPushType, is_broadcast: boolean): number {
  return is_broadcast || push_type === "voip" ? 5120 : 4096;
}
