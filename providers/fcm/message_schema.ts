/**
 * The schema of `platform_data.fcm`: FCM's Message without its target
 * (https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages). What comes out has the service's own
 * names and forms, whichever way it was spelled.
 */
import { type ObjectSchemaLike, z } from "../../src/provider_kit.js";
import { appleSwitch, block, dashed, duration, needsKey, oneOf, url } from "./schema_parts.js";

/** 28 days. */
export const MAX_TTL_SECONDS = 2_419_200;

const text = z.string().optional();
const flag = z.boolean().optional();
const texts = z.array(z.string()).optional();
const textMap = z.record(z.string(), z.string({ error: "expected text" }));
const colour = /^#[0-9a-f]{6}$/i;

const ttl = duration.refine(
  (value) => Number.parseFloat(value) <= MAX_TTL_SECONDS,
  `at most ${MAX_TTL_SECONDS} seconds`,
);
const A_LIGHT = "expected #rrggbb, #rrggbbaa, or { red, green, blue, alpha } between 0 and 1";
const part = z.number().min(0).max(1).optional();
const light = block(
  {
    color: z.union(
      [
        z
          .string()
          .regex(/^#[0-9a-f]{6}([0-9a-f]{2})?$/i, A_LIGHT)
          .transform(toParts),
        z.strictObject({ red: part, green: part, blue: part, alpha: part }),
      ],
      { error: A_LIGHT },
    ),
    light_on_duration: duration,
    light_off_duration: duration,
  },
  {
    aliases: {
      lightOnDurationMillis: "light_on_duration",
      lightOffDurationMillis: "light_off_duration",
    },
  },
);

const A_TIME = "expected a Date, or an RFC 3339 time with Z or an offset";
const drawn = {
  title: text,
  body: text,
  icon: text,
  color: z.string().regex(colour, "expected #rrggbb").optional(),
  sound: text,
  tag: text,
  image: url.optional(),
  click_action: text,
  body_loc_key: text,
  body_loc_args: texts,
  title_loc_key: text,
  title_loc_args: texts,
  channel_id: text,
  ticker: text,
  sticky: flag,
  event_time: z
    .union(
      [z.iso.datetime({ offset: true, error: A_TIME }), z.date().transform((date) => date.toISOString())],
      {
        error: A_TIME,
      },
    )
    .optional(),
  local_only: flag,
  notification_priority: oneOf(
    [
      "PRIORITY_UNSPECIFIED",
      "PRIORITY_MIN",
      "PRIORITY_LOW",
      "PRIORITY_DEFAULT",
      "PRIORITY_HIGH",
      "PRIORITY_MAX",
    ],
    "PRIORITY_",
  ).optional(),
  default_sound: flag,
  default_vibrate_timings: flag,
  default_light_settings: flag,
  vibrate_timings: z.array(duration).min(1).optional(),
  visibility: oneOf(["VISIBILITY_UNSPECIFIED", "PRIVATE", "PUBLIC", "SECRET"]).optional(),
  notification_count: z.int().nonnegative().optional(),
  light_settings: light.optional(),
};
const ADMIN_NAMES = {
  imageUrl: "image",
  eventTimestamp: "event_time",
  vibrateTimingsMillis: "vibrate_timings",
  priority: "notification_priority",
};
const localised = needsKey(["body_loc_args", "body_loc_key"], ["title_loc_args", "title_loc_key"]);
const proxied = {
  bypass_proxy_notification: flag,
  proxy: oneOf(["PROXY_UNSPECIFIED", "ALLOW", "DENY", "IF_PRIORITY_LOWERED"]).optional(),
};
const androidNotification = block({ ...drawn, ...proxied }, { aliases: ADMIN_NAMES }).superRefine(localised);
const androidNotificationV2 = block(
  { ...drawn, id: z.int().optional() },
  { aliases: ADMIN_NAMES },
).superRefine(localised);

const labelled = { analytics_label: text };
const delivery = {
  collapse_key: text,
  ttl: ttl.optional(),
  restricted_package_name: text,
  data: textMap.optional(),
  fcm_options: block(labelled).optional(),
  direct_boot_ok: flag,
  bandwidth_constrained_ok: flag,
  restricted_satellite_ok: flag,
};

const aps = dashed(
  [
    ...["content-available", "mutable-content", "thread-id", "target-content-id", "interruption-level"],
    ...["relevance-score", "filter-criteria", "stale-date", "content-state", "dismissal-date", "url-args"],
    ...["attributes-type", "input-push-token", "input-push-channel"],
  ],
  {
    alert: z
      .union([
        z.string(),
        dashed(
          [
            ...["loc-key", "loc-args", "title-loc-key", "title-loc-args", "subtitle-loc-key"],
            ...["subtitle-loc-args", "action-loc-key", "launch-image", "summary-arg", "summary-arg-count"],
          ],
          {},
        ).superRefine(
          needsKey(
            ["loc-args", "loc-key"],
            ["title-loc-args", "title-loc-key"],
            ["subtitle-loc-args", "subtitle-loc-key"],
          ),
        ),
      ])
      .optional(),
    badge: z.int().nonnegative().optional(),
    sound: z
      .union(
        [z.string().min(1), z.looseObject({ name: z.string().min(1), critical: appleSwitch, volume: part })],
        { error: "expected a file's name, or { name, critical, volume } with a volume between 0 and 1" },
      )
      .optional(),
    category: text,
    "content-available": appleSwitch,
    "mutable-content": appleSwitch,
    "thread-id": text,
  },
);

const USE_TOPIC = "has no place here; use sendTopicNotification(topic, payload)";
const USE_TOKEN = "has no place here; pass it as the first argument of sendNotification";

const messageSchema = block(
  {
    notification: block(
      { title: text, body: text, image: url.optional() },
      { aliases: { imageUrl: "image" } },
    ).optional(),
    data: textMap.optional(),
    android: block({
      ...delivery,
      priority: oneOf(["NORMAL", "HIGH"]).optional(),
      notification: androidNotification.optional(),
    }).optional(),
    android_v2: block({
      ...delivery,
      remote_notification: block({
        mutable_content: flag,
        notification: androidNotificationV2.optional(),
        use_as_v1_data_message: flag,
      }).optional(),
      background_sync: z.strictObject({}).optional(),
    })
      .refine(
        (android) => !(android.remote_notification && android.background_sync),
        "only one of remote_notification and background_sync",
      )
      .optional(),
    webpush: block({
      headers: textMap.transform((headers) => rename(headers, WEB_PUSH_HEADERS)).optional(),
      data: textMap.optional(),
      notification: z.record(z.string(), z.unknown()).optional(),
      fcm_options: block({
        ...labelled,
        link: url.refine((link) => /^https:/i.test(link), "expected an https URL").optional(),
      }).optional(),
    }).optional(),
    apns: block({
      headers: textMap.transform((headers) => rename(headers, {})).optional(),
      payload: z.looseObject({ aps: aps.optional() }).optional(),
      fcm_options: block(
        { ...labelled, image: url.optional() },
        { aliases: { imageUrl: "image" } },
      ).optional(),
      live_activity_token: z.string().min(1).optional(),
    }).optional(),
    fcm_options: block(labelled).optional(),
  },
  {
    moved: {
      token: USE_TOKEN,
      fid: "has no place here; pass { fid } as the first argument of sendNotification",
      tokens: "has no place here; use sendMulticastNotification(device_tokens, payload)",
      topic: USE_TOPIC,
      condition: USE_TOPIC,
      validate_only: "has no place here; use the option dry_run",
    },
  },
);

/** A message in the service's own names and forms. */
export type Message = z.output<typeof messageSchema>;

/** None of its keys may stand in `platform_data` itself: `apns` and `webpush` are names of platforms there. */
export const optionsSchema: ObjectSchemaLike<Message> = {
  shape: {},
  safeParse: (value) => messageSchema.safeParse(value),
};

const WEB_PUSH_HEADERS: Readonly<Record<string, string>> = { ttl: "TTL", urgency: "Urgency", topic: "Topic" };

/** One spelling for each header, so that one takes the other's place. */
function rename(headers: Readonly<Record<string, string>>, names: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const lower = name.toLowerCase();
      return [names[lower] ?? lower, value];
    }),
  );
}

function toParts(hex: string) {
  const [red = 0, green = 0, blue = 0, alpha = 1] = (hex.slice(1).match(/../g) ?? []).map(
    (pair) => Number.parseInt(pair, 16) / 255,
  );
  return { red, green, blue, alpha };
}
