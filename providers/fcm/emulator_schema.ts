/** `google.firebase.fcm.v1.SendMessageRequest`: firebase.google.com/docs/reference/fcm/rest/v1/projects.messages. */
import type { EnumType, Field, MessageType } from "./emulator_proto.js";

const PACKAGE = "google.firebase.fcm.v1";

function message(
  name: string,
  fields: Readonly<Record<string, Field>>,
  oneofs: Readonly<Record<string, readonly string[]>> = {},
): MessageType {
  return { message: name.includes(".") ? name : `${PACKAGE}.${name}`, fields, oneofs };
}

function enumeration(name: string, ...values: string[]): EnumType {
  return { enum: `${PACKAGE}.${name}`, values };
}

const LABELLED: Readonly<Record<string, Field>> = { analytics_label: "string" };

const LIGHT_SETTINGS = message("LightSettings", {
  color: message("google.type.Color", { red: "float", green: "float", blue: "float", alpha: "float" }),
  light_on_duration: "duration",
  light_off_duration: "duration",
});

const ANDROID_NOTIFICATION: Readonly<Record<string, Field>> = {
  title: "string",
  body: "string",
  icon: "string",
  color: "string",
  sound: "string",
  tag: "string",
  click_action: "string",
  body_loc_key: "string",
  body_loc_args: { repeated: "string" },
  title_loc_key: "string",
  title_loc_args: { repeated: "string" },
  channel_id: "string",
  ticker: "string",
  sticky: "bool",
  event_time: "timestamp",
  local_only: "bool",
  notification_priority: enumeration(
    "AndroidNotification.NotificationPriority",
    "PRIORITY_UNSPECIFIED",
    "PRIORITY_MIN",
    "PRIORITY_LOW",
    "PRIORITY_DEFAULT",
    "PRIORITY_HIGH",
    "PRIORITY_MAX",
  ),
  default_sound: "bool",
  default_vibrate_timings: "bool",
  default_light_settings: "bool",
  vibrate_timings: { repeated: "duration" },
  visibility: enumeration(
    "AndroidNotification.Visibility",
    "VISIBILITY_UNSPECIFIED",
    "PRIVATE",
    "PUBLIC",
    "SECRET",
  ),
  notification_count: "int32",
  light_settings: LIGHT_SETTINGS,
  image: "string",
};

/** What both kinds of Android configuration have. */
const ANDROID_DELIVERY: Readonly<Record<string, Field>> = {
  collapse_key: "string",
  ttl: "duration",
  restricted_package_name: "string",
  data: "string_map",
  fcm_options: message("AndroidFcmOptions", LABELLED),
  direct_boot_ok: "bool",
  bandwidth_constrained_ok: "bool",
  restricted_satellite_ok: "bool",
};

const ANDROID = message("AndroidConfig", {
  ...ANDROID_DELIVERY,
  priority: enumeration("AndroidMessagePriority", "NORMAL", "HIGH"),
  notification: message("AndroidNotification", {
    ...ANDROID_NOTIFICATION,
    bypass_proxy_notification: "bool",
    proxy: enumeration(
      "AndroidNotification.Proxy",
      "PROXY_UNSPECIFIED",
      "ALLOW",
      "DENY",
      "IF_PRIORITY_LOWERED",
    ),
  }),
});

const ANDROID_V2 = message(
  "AndroidConfigV2",
  {
    ...ANDROID_DELIVERY,
    remote_notification: message("RemoteNotification", {
      mutable_content: "bool",
      notification: message("AndroidNotificationV2", { ...ANDROID_NOTIFICATION, id: "int32" }),
      use_as_v1_data_message: "bool",
    }),
    background_sync: message("BackgroundSync", {}),
  },
  { message_type: ["remote_notification", "background_sync"] },
);

const WEBPUSH = message("WebpushConfig", {
  headers: "string_map",
  data: "string_map",
  notification: "struct",
  fcm_options: message("WebpushFcmOptions", { ...LABELLED, link: "string" }),
});

const APNS = message("ApnsConfig", {
  headers: "string_map",
  payload: "struct",
  fcm_options: message("ApnsFcmOptions", { ...LABELLED, image: "string" }),
  live_activity_token: "string",
});

const MESSAGE = message(
  "Message",
  {
    name: "string",
    data: "string_map",
    notification: message("Notification", { title: "string", body: "string", image: "string" }),
    android: ANDROID,
    android_v2: ANDROID_V2,
    webpush: WEBPUSH,
    apns: APNS,
    fcm_options: message("FcmOptions", LABELLED),
    token: "string",
    topic: "string",
    condition: "string",
    fid: "string",
  },
  { target: ["token", "topic", "condition", "fid"] },
);

export const SEND_MESSAGE_REQUEST = message("SendMessageRequest", {
  validate_only: "bool",
  message: MESSAGE,
});
