import { z } from "../../src/provider_kit.js";

/** Text of a Live Activity's alert that the app has in its language. */
export interface ApnsLocalizedText {
  "loc-key": string;
  "loc-args"?: readonly string[] | undefined;
}

/** What is shown. Texts are literal, or keys (`…-loc-key`) into the app's own strings with what fills their gaps (`…-loc-args`). */
export interface ApsAlert {
  /** A {@link ApnsLocalizedText} only in a Live Activity. */
  title?: string | ApnsLocalizedText | undefined;
  subtitle?: string | undefined;
  /** A {@link ApnsLocalizedText} only in a Live Activity. */
  body?: string | ApnsLocalizedText | undefined;
  "launch-image"?: string | undefined;
  "title-loc-key"?: string | undefined;
  "title-loc-args"?: readonly string[] | undefined;
  "subtitle-loc-key"?: string | undefined;
  "subtitle-loc-args"?: readonly string[] | undefined;
  "loc-key"?: string | undefined;
  "loc-args"?: readonly string[] | undefined;
  /** Of older systems: the text of the button. */
  action?: string | undefined;
  "action-loc-key"?: string | undefined;
  /** Only in a Live Activity. */
  sound?: string | undefined;
}

/** A sound that is heard also when the device is muted; its app needs Apple's entitlement for critical alerts. */
export interface ApnsCriticalSound {
  name: string;
  critical?: 0 | 1 | undefined;
  /** 0 to 1. */
  volume?: number | undefined;
}

/** When and how a notification comes to the user's notice. `critical` needs an entitlement. */
export type ApnsInterruptionLevel = "passive" | "active" | "time-sensitive" | "critical";

/**
 * The dictionary `aps` in Apple's own names
 * (https://developer.apple.com/documentation/usernotifications/generating-a-remote-notification,
 * https://developer.apple.com/documentation/activitykit/starting-and-updating-live-activities-with-activitykit-push-notifications).
 */
export interface Aps {
  alert?: string | ApsAlert | undefined;
  /** 0 removes it. */
  badge?: number | undefined;
  /** A file of the app's, or `default`. */
  sound?: string | ApnsCriticalSound | undefined;
  "thread-id"?: string | undefined;
  category?: string | undefined;
  "content-available"?: 0 | 1 | undefined;
  "mutable-content"?: 0 | 1 | undefined;
  "target-content-id"?: string | undefined;
  "interruption-level"?: ApnsInterruptionLevel | undefined;
  /** 0 to 1; any number in a Live Activity. */
  "relevance-score"?: number | undefined;
  "filter-criteria"?: string | undefined;
  /** Widgets and controls. */
  "content-changed"?: true | undefined;
  /** Safari's older website push. */
  "url-args"?: readonly string[] | undefined;
  /** From here on, a Live Activity: what happens to it. */
  event?: "start" | "update" | "end" | undefined;
  "content-state"?: Record<string, unknown> | undefined;
  /** UNIX seconds; older than the last one: ignored by the device. Default: now. */
  timestamp?: number | undefined;
  /** UNIX seconds. */
  "stale-date"?: number | undefined;
  /** UNIX seconds; in the past: taken away now. */
  "dismissal-date"?: number | undefined;
  "attributes-type"?: string | undefined;
  attributes?: Record<string, unknown> | undefined;
  /** Ask for a token to update it by. */
  "input-push-token"?: 1 | undefined;
  /** The broadcast channel that will update it. */
  "input-push-channel"?: string | undefined;
}

const text = z.string();
const texts = z.array(z.string());
const flag = z.union([z.literal(0), z.literal(1)], { error: "expected 1 or 0" });
const object = z.record(z.string(), z.unknown());

export const unixSeconds = z
  .int()
  .nonnegative()
  .max(99_999_999_999, "expected UNIX seconds, these look like milliseconds");

/** Text, or an object whose own problems are told; a union would only say that it is neither. */
function textOr<Schema extends z.ZodType>(schema: Schema) {
  return z.unknown().transform((value, context): string | z.output<Schema> => {
    if (typeof value === "string") return value;
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) {
      context.issues.push({ ...issue, input: value } as z.core.$ZodRawIssue);
    }
    return z.NEVER;
  });
}

const localized = textOr(z.strictObject({ "loc-key": text, "loc-args": texts.optional() }));

export const alert = textOr(
  z.strictObject({
    title: localized.optional(),
    subtitle: text.optional(),
    body: localized.optional(),
    "launch-image": text.optional(),
    "title-loc-key": text.optional(),
    "title-loc-args": texts.optional(),
    "subtitle-loc-key": text.optional(),
    "subtitle-loc-args": texts.optional(),
    "loc-key": text.optional(),
    "loc-args": texts.optional(),
    action: text.optional(),
    "action-loc-key": text.optional(),
    sound: text.optional(),
  }),
);

export const sound = textOr(
  z.strictObject({
    name: text.min(1),
    critical: flag.optional(),
    volume: z.number().min(0).max(1).optional(),
  }),
);

/** Everything of `aps` but the alert. */
const members = {
  badge: z.int().nonnegative().optional(),
  sound: sound.optional(),
  "thread-id": text.optional(),
  category: text.optional(),
  "content-available": flag.optional(),
  "mutable-content": flag.optional(),
  "target-content-id": text.optional(),
  "interruption-level": z.enum(["passive", "active", "time-sensitive", "critical"]).optional(),
  "relevance-score": z.number().optional(),
  "filter-criteria": text.optional(),
  "content-changed": z.literal(true).optional(),
  "url-args": texts.optional(),
  event: z.enum(["start", "update", "end"]).optional(),
  "content-state": object.optional(),
  timestamp: unixSeconds.optional(),
  "stale-date": unixSeconds.optional(),
  "dismissal-date": unixSeconds.optional(),
  "attributes-type": text.optional(),
  attributes: object.optional(),
  "input-push-token": z.literal(1).optional(),
  "input-push-channel": text.optional(),
};

export const apsSchema = z.strictObject({
  ...members,
  alert: alert.optional(),
});

/** The same of somebody else's making: members that are not known here go along as they are. */
export const foreignApsSchema = z.looseObject({
  ...members,
  alert: textOr(object).optional(),
});
