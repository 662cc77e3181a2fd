import { type CheckedPayload, type ResultWarning, warning } from "../../src/provider_kit.js";
import type { Message } from "./message_schema.js";

/** What of `platform_data.fcm` shows something. */
export const VISIBLE_OPTIONS: readonly string[] = [
  "notification",
  "android.notification",
  "android_v2.remote_notification.notification",
  "apns.payload.aps.alert",
  "apns.payload.aps.sound",
  "apns.payload.aps.badge",
  "webpush.notification",
];

const VISIBLE_FIELDS = [
  "title",
  "body",
  "image",
  "icon",
  "tag",
  "sound",
  "badge",
  "actions",
  "silent",
] as const;

/** A background message shows nothing: one warning for each thing that was given and would. */
export function leftOut(payload: CheckedPayload<Message>): ResultWarning[] {
  const fields = [
    ...VISIBLE_FIELDS.filter((field) => payload[field] !== undefined),
    ...VISIBLE_OPTIONS.filter((path) => hasPath(payload.options, path)).map(
      (path) => `platform_data.fcm.${path}`,
    ),
  ];
  return fields.map((field) => warning("unsupported_field", field, "a background message shows nothing"));
}

/** Dotted. */
export function hasPath(value: object, path: string): boolean {
  return path.split(".").reduce<unknown>(step, value) !== undefined;
}

/** A copy without these; what is not on the way to one of them is shared. */
export function withoutPaths<T extends object>(value: T, paths: readonly string[]): T {
  return paths
    .filter((path) => hasPath(value, path))
    .reduce((kept, path) => without(kept, path.split(".")), value);
}

function without<T extends object>(value: T, [key = "", ...rest]: readonly string[]): T {
  const inner = step(value, key);
  const left =
    rest.length > 0 && typeof inner === "object" && inner !== null ? without(inner, rest) : undefined;
  return { ...value, [key]: left };
}

function step(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
