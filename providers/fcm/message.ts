/**
 * The types of `platform_data.fcm`: FCM's Message
 * (https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages) without its target. Every name may be
 * spelled `collapse_key` or `collapseKey`, and a message written for firebase-admin fits as it is.
 */

type Camel<Name> = Name extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : Name;
type Spelled<Fields> = Fields & { [Name in keyof Fields as Camel<Name>]?: Fields[Name] };

/** `"3.5s"`, or a number of **milliseconds** as in firebase-admin. */
export type FcmDuration = string | number;

/** `platform_data.fcm`: merged over what the payload's own fields become, deep, last. */
export type FcmOptions = Spelled<MessageFields>;

interface MessageFields {
  notification?: FcmNotification | undefined;
  /** Text only, as on the wire; the payload's `data` takes any JSON. */
  data?: { [key: string]: string } | undefined;
  android?: FcmAndroid | undefined;
  /** Takes the place of `android`: only one of the two. */
  android_v2?: FcmAndroidV2 | undefined;
  webpush?: FcmWebpush | undefined;
  apns?: FcmApns | undefined;
  fcm_options?: Spelled<{ analytics_label?: string | undefined }> | undefined;
}

/** What every platform shows. */
export interface FcmNotification {
  title?: string | undefined;
  body?: string | undefined;
  /** URL of an image; at most 1 MB on Android. */
  image?: string | undefined;
  imageUrl?: string | undefined;
}

interface AndroidDelivery {
  /** Replaces a message with the same key that is not delivered yet; a device keeps four keys. */
  collapse_key?: string | undefined;
  /** At most 28 days. Default: the payload's lifetime. */
  ttl?: FcmDuration | undefined;
  restricted_package_name?: string | undefined;
  /** Wins over the message's `data`. */
  data?: { [key: string]: string } | undefined;
  fcm_options?: Spelled<{ analytics_label?: string | undefined }> | undefined;
  direct_boot_ok?: boolean | undefined;
  bandwidth_constrained_ok?: boolean | undefined;
  restricted_satellite_ok?: boolean | undefined;
}

/** Android's delivery, and its notification over the common one. */
export type FcmAndroid = Spelled<
  AndroidDelivery & {
    /** Of delivery: `HIGH` wakes a sleeping device. */
    priority?: "NORMAL" | "HIGH" | "normal" | "high" | undefined;
    notification?: FcmAndroidNotification | undefined;
  }
>;

/** The second form of {@link FcmAndroid}: its kind, shown or not, says how urgent it is. */
export type FcmAndroidV2 = Spelled<
  AndroidDelivery & {
    /** One of this and `background_sync`. */
    remote_notification?:
      | Spelled<{
          mutable_content?: boolean | undefined;
          notification?: FcmAndroidNotificationV2 | undefined;
          use_as_v1_data_message?: boolean | undefined;
        }>
      | undefined;
    background_sync?: Record<string, never> | undefined;
  }
>;

interface AndroidNotificationFields {
  title?: string | undefined;
  body?: string | undefined;
  /** Name of a drawable of the app. */
  icon?: string | undefined;
  /** `#rrggbb` */
  color?: string | undefined;
  /** `default`, or a file in the app's `res/raw`. */
  sound?: string | undefined;
  /** Replaces a shown notification with the same tag. */
  tag?: string | undefined;
  image?: string | undefined;
  click_action?: string | undefined;
  body_loc_key?: string | undefined;
  body_loc_args?: string[] | undefined;
  title_loc_key?: string | undefined;
  title_loc_args?: string[] | undefined;
  channel_id?: string | undefined;
  ticker?: string | undefined;
  sticky?: boolean | undefined;
  /** RFC 3339. */
  event_time?: string | Date | undefined;
  local_only?: boolean | undefined;
  /** Of display, up to Android 7: `PRIORITY_HIGH`, or `high`. */
  notification_priority?: string | undefined;
  default_sound?: boolean | undefined;
  default_vibrate_timings?: boolean | undefined;
  default_light_settings?: boolean | undefined;
  vibrate_timings?: FcmDuration[] | undefined;
  /** `PRIVATE`, `PUBLIC`, `SECRET`. */
  visibility?: string | undefined;
  notification_count?: number | undefined;
  light_settings?: FcmLightSettings | undefined;
}

/** firebase-admin's names for some of them. */
interface AdminNames {
  imageUrl?: string | undefined;
  eventTimestamp?: Date | undefined;
  vibrateTimingsMillis?: number[] | undefined;
  priority?: string | undefined;
}

/** A notification as Android draws it. */
export type FcmAndroidNotification = AdminNames &
  Spelled<
    AndroidNotificationFields & {
      bypass_proxy_notification?: boolean | undefined;
      /** `ALLOW`, `DENY`, `IF_PRIORITY_LOWERED`. */
      proxy?: string | undefined;
    }
  >;

/** A notification of {@link FcmAndroidV2}: `id` and `tag` together name what is drawn. */
export type FcmAndroidNotificationV2 = AdminNames &
  Spelled<AndroidNotificationFields & { id?: number | undefined }>;

/** The blinking light of a device that has one: all three are needed. */
export type FcmLightSettings = Spelled<{
  /** `#rrggbb`, `#rrggbbaa`, or parts between 0 and 1. */
  color: string | { red?: number; green?: number; blue?: number; alpha?: number };
  light_on_duration?: FcmDuration | undefined;
  light_off_duration?: FcmDuration | undefined;
}> & { lightOnDurationMillis?: number | undefined; lightOffDurationMillis?: number | undefined };

/** What goes to browsers by Web Push. */
export type FcmWebpush = Spelled<{
  /** Of RFC 8030: `TTL`, `Urgency`, `Topic`. */
  headers?: { [name: string]: string } | undefined;
  data?: { [key: string]: string } | undefined;
  /** https://notifications.spec.whatwg.org/#dictdef-notificationoptions */
  notification?: { [option: string]: unknown } | undefined;
  /** `link`: what a click opens, https only. */
  fcm_options?: Spelled<{ link?: string | undefined; analytics_label?: string | undefined }> | undefined;
}>;

/** What goes to Apple's devices by APNs. */
export type FcmApns = Spelled<{
  /** https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns */
  headers?: { [name: string]: string } | undefined;
  payload?: { aps?: FcmAps | undefined; [key: string]: unknown } | undefined;
  fcm_options?:
    | (Spelled<{ analytics_label?: string | undefined; image?: string | undefined }> & {
        imageUrl?: string | undefined;
      })
    | undefined;
  live_activity_token?: string | undefined;
}>;

/** Apple's dictionary; its own names (`thread-id`), or firebase-admin's (`threadId`). */
export interface FcmAps {
  alert?: string | FcmApsAlert | undefined;
  badge?: number | undefined;
  sound?:
    | string
    | { name: string; critical?: boolean | 0 | 1 | undefined; volume?: number | undefined }
    | undefined;
  category?: string | undefined;
  contentAvailable?: boolean | 0 | 1 | undefined;
  mutableContent?: boolean | 0 | 1 | undefined;
  threadId?: string | undefined;
  [key: string]: unknown;
}

/** What Apple's devices show; Apple's own names (`loc-key`), or firebase-admin's (`locKey`). */
export interface FcmApsAlert {
  title?: string | undefined;
  subtitle?: string | undefined;
  body?: string | undefined;
  locKey?: string | undefined;
  locArgs?: string[] | undefined;
  titleLocKey?: string | undefined;
  titleLocArgs?: string[] | undefined;
  subtitleLocKey?: string | undefined;
  subtitleLocArgs?: string[] | undefined;
  actionLocKey?: string | undefined;
  launchImage?: string | undefined;
  "action-loc-key"?: string | undefined;
  "loc-key"?: string | undefined;
  "loc-args"?: string[] | undefined;
  "title-loc-key"?: string | undefined;
  "title-loc-args"?: string[] | undefined;
  "subtitle-loc-key"?: string | undefined;
  "subtitle-loc-args"?: string[] | undefined;
  "launch-image"?: string | undefined;
}
