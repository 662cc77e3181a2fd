/** `platform_data.wns`: what a WNS notification can be told beside the unified fields. */
import { actionsSchema, type NotificationAction, z } from "../../src/provider_kit.js";
import { elementSchema, type XmlElement } from "./xml.js";

export const NOTIFICATION_TYPES = ["toast", "tile", "badge", "raw"] as const;
/** What WNS can do with a notification: raise a toast, update a tile or a badge, or hand it to the app as it is. */
export type NotificationType = (typeof NOTIFICATION_TYPES)[number];

/** https://learn.microsoft.com/windows/apps/develop/notifications/badges */
export const GLYPHS = [
  ...(["none", "activity", "alarm", "alert", "attention", "available", "away", "busy"] as const),
  ...(["error", "newMessage", "paused", "playing", "unavailable"] as const),
] as const;
export type BadgeGlyph = (typeof GLYPHS)[number];

/** A button of a toast (https://learn.microsoft.com/uwp/schemas/tiles/toastschema/element-action). */
export interface WnsAction extends NotificationAction {
  /** Default: `protocol` when there is a `url`, else `foreground`. `system`: `action` is `snooze` or `dismiss`. */
  activation_type?: "foreground" | "background" | "protocol" | "system" | undefined;
  after_activation_behavior?: "default" | "pendingUpdate" | undefined;
  /** In the toast's context menu and not a button. */
  placement?: "contextMenu" | undefined;
  /** The input that the button belongs to: shown beside it, or how long to snooze. */
  input_id?: string | undefined;
  button_style?: "Success" | "Critical" | undefined;
  tool_tip?: string | undefined;
}

/** Something to type into or to choose from (https://learn.microsoft.com/uwp/schemas/tiles/toastschema/element-input). */
export interface WnsInput {
  id: string;
  type: "text" | "selection";
  title?: string | undefined;
  placeholder?: string | undefined;
  /** The text, or the id of the selection, that is there from the start. */
  default?: string | undefined;
  /** At most 5. */
  selections?: readonly { id: string; content: string }[] | undefined;
}

/** `platform_data.wns` (or flat in `platform_data`); wins over the payload's own fields. */
export interface WnsOptions {
  /** Default: `raw` for a background notification, else the config's `notification_type`. Decides content and headers alike. */
  type?: NotificationType | undefined;
  title?: string | undefined;
  body?: string | undefined;
  image?: string | undefined;
  icon?: string | undefined;
  sound?: string | undefined;
  silent?: boolean | undefined;
  actions?: readonly WnsAction[] | undefined;
  /** What a badge shows: a number (0 clears it, above 99 it is "99+") or one of Microsoft's glyphs. */
  badge?: number | BadgeGlyph | undefined;

  /** The whole content of a toast, tile or badge: XML that is sent as it is, or its root element. */
  xml?: string | XmlElement | undefined;
  /** The whole content of a raw notification, as it is. Default: the payload's fields as JSON. */
  raw_body?: string | Uint8Array | undefined;
  /** Takes toasts away instead of showing one: those with this tag and group, or all. Windows Phone channels only. */
  remove?: "all" | { tag?: string | undefined; group?: string | undefined } | undefined;

  /** X-WNS-PRIORITY: 1 high, 2 medium, 3 low, 4 very low. Default: from the payload's `priority`. */
  priority?: 1 | 2 | 3 | 4 | undefined;
  /** X-WNS-Cache-Policy: keep it for a device that is offline. Tiles, badges and raw notifications only. Default: the config's. */
  cache_policy?: "cache" | "no-cache" | undefined;
  /** X-WNS-Tag of toasts and tiles: the later replaces the earlier. Default: the payload's `tag`, else its `collapse_key`. */
  tag?: string | undefined;
  /** X-WNS-Group of toasts: equal tags of different groups do not replace each other. */
  group?: string | undefined;
  /** Ask whether the device is connected; a device that is not becomes a warning. */
  request_for_status?: boolean | undefined;
  /** X-WNS-SuppressPopup: straight to the action center. Windows Phone only: on other channels WNS drops the notification. */
  suppress_popup?: boolean | undefined;

  /** What the app gets on a click, as it is. Default: `url`, or `data` as JSON. */
  launch?: string | undefined;
  /** Default: `protocol` when `launch` is an absolute `url` and nothing else, so that Windows opens it; else `foreground`. */
  activation_type?: "foreground" | "background" | "protocol" | undefined;
  /** Default: `urgent` for priority `critical`. */
  scenario?: "default" | "reminder" | "alarm" | "incomingCall" | "urgent" | undefined;
  duration?: "short" | "long" | undefined;
  /** ISO 8601. Default: the payload's `created_at`. */
  display_timestamp?: string | undefined;
  /** BCP 47. */
  lang?: string | undefined;
  /** A small line at the bottom: "Via SMS". */
  attribution?: string | undefined;
  /** Where `image` goes. Toast: `hero` (the default) or `inline`. Tile: `peek` (the default), `background` or `inline`. */
  image_placement?: "hero" | "inline" | "peek" | "background" | undefined;
  /** Default `none`. */
  icon_crop?: "none" | "circle" | undefined;
  /** A progress bar; `value` from 0 to 1. */
  progress?:
    | {
        status: string;
        value: number | "indeterminate";
        title?: string | undefined;
        /** Shown in place of the percentage: "3 of 7". */
        value_text?: string | undefined;
      }
    | undefined;
  /** Toasts with the same header id stand together in the notification center. */
  header?: { id: string; title: string; arguments?: string | undefined } | undefined;
  /** Wins over `sound` and `silent`. */
  audio?: { src?: string | undefined; loop?: boolean | undefined; silent?: boolean | undefined } | undefined;
  /** At most 5. */
  inputs?: readonly WnsInput[] | undefined;
  /** More of a toast or tile, after texts and images: `group`, `subgroup`, `image`, `text`. */
  content?: readonly XmlElement[] | undefined;

  /** The sizes of tiles that get the content. Default `medium`, `wide` and `large`. */
  tile_sizes?: readonly ("small" | "medium" | "wide" | "large")[] | undefined;
  branding?: "none" | "logo" | "name" | "nameAndLogo" | undefined;
  display_name?: string | undefined;
}

const text = z.string();
const id = z.string().min(1);

const actionSchema = actionsSchema.element.extend({
  activation_type: z.enum(["foreground", "background", "protocol", "system"]).optional(),
  after_activation_behavior: z.enum(["default", "pendingUpdate"]).optional(),
  placement: z.literal("contextMenu").optional(),
  input_id: id.optional(),
  button_style: z.enum(["Success", "Critical"]).optional(),
  tool_tip: text.optional(),
});

const inputSchema = z.strictObject({
  id,
  type: z.enum(["text", "selection"]),
  title: text.optional(),
  placeholder: text.optional(),
  default: text.optional(),
  selections: z
    .array(z.strictObject({ id, content: text }))
    .max(5)
    .optional(),
});

export const optionsSchema = z.strictObject({
  type: z.enum(NOTIFICATION_TYPES).optional(),
  title: text.optional(),
  body: text.optional(),
  image: text.optional(),
  icon: text.optional(),
  sound: text.optional(),
  silent: z.boolean().optional(),
  actions: z.array(actionSchema).optional(),
  badge: z
    .union([z.int().nonnegative(), z.enum(GLYPHS)], {
      error: `expected a number or one of ${GLYPHS.join(", ")}`,
    })
    .optional(),
  xml: z
    .union([id, elementSchema], { error: "expected XML as text, or { name, attributes?, children? }" })
    .optional(),
  raw_body: z.union([text, z.instanceof(Uint8Array)], { error: "expected text or bytes" }).optional(),
  remove: z
    .union(
      [
        z.literal("all"),
        z.strictObject({ tag: id, group: id.optional() }),
        z.strictObject({ tag: id.optional(), group: id }),
      ],
      { error: 'expected "all", or { tag, group } or one of them' },
    )
    .optional(),
  priority: z
    .union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)], { error: "expected 1 to 4" })
    .optional(),
  cache_policy: z.enum(["cache", "no-cache"]).optional(),
  tag: id.optional(),
  group: id.optional(),
  request_for_status: z.boolean().optional(),
  suppress_popup: z.boolean().optional(),
  launch: text.optional(),
  activation_type: z.enum(["foreground", "background", "protocol"]).optional(),
  scenario: z.enum(["default", "reminder", "alarm", "incomingCall", "urgent"]).optional(),
  duration: z.enum(["short", "long"]).optional(),
  display_timestamp: z.iso
    .datetime({ offset: true, error: "expected an ISO 8601 time with Z or an offset" })
    .optional(),
  lang: id.optional(),
  attribution: id.optional(),
  image_placement: z.enum(["hero", "inline", "peek", "background"]).optional(),
  icon_crop: z.enum(["none", "circle"]).optional(),
  progress: z
    .strictObject({
      status: text,
      value: z.union([z.number().min(0).max(1), z.literal("indeterminate")], {
        error: 'expected a number from 0 to 1, or "indeterminate"',
      }),
      title: text.optional(),
      value_text: text.optional(),
    })
    .optional(),
  header: z.strictObject({ id, title: text, arguments: text.optional() }).optional(),
  audio: z
    .strictObject({ src: id.optional(), loop: z.boolean().optional(), silent: z.boolean().optional() })
    .optional(),
  inputs: z.array(inputSchema).max(5).optional(),
  content: z.array(elementSchema).optional(),
  tile_sizes: z
    .array(z.enum(["small", "medium", "wide", "large"]))
    .min(1)
    .optional(),
  branding: z.enum(["none", "logo", "name", "nameAndLogo"]).optional(),
  display_name: text.optional(),
});
