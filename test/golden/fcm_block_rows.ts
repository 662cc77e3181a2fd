import { everything } from "../foreign/fcm_message.js";
import { delivered, type FcmRow, otherSpelling, SMALL_LETTERS, TEXTS } from "./fcm_rows.js";

const SAME_DURATION = "theirs writes nine digits; a protobuf Duration may have fewer";

/** Each block of a message with all that firebase-admin can put into it, and we by our own names. */
export const BLOCK_ROWS: readonly FcmRow[] = [
  {
    title: "android",
    ours: {
      ...TEXTS,
      platform_data: {
        fcm: {
          android: {
            collapse_key: "order-42",
            priority: "HIGH",
            ttl: "3600.5s",
            restricted_package_name: "com.example.app",
            data: { a: "b" },
            direct_boot_ok: true,
            bandwidth_constrained_ok: true,
            restricted_satellite_ok: true,
            fcm_options: { analytics_label: "spring" },
          },
        },
      },
    },
    theirs: () => {
      const { notification: _shown, ...android } = everything().android ?? {};
      return delivered({
        notification: { ...TEXTS },
        android: { ...android, bandwidthConstrainedOk: true, restrictedSatelliteOk: true },
      });
    },
    differs: {
      ...SMALL_LETTERS,
      ...otherSpelling("android."),
      "body.message.android.ttl": SAME_DURATION,
    },
  },
  {
    title: "android notification",
    ours: {
      ...TEXTS,
      platform_data: {
        fcm: {
          android: {
            notification: {
              title: "t",
              icon: "i",
              color: "#00FFaa",
              sound: "default",
              tag: "order-42",
              click_action: "OPEN",
              body_loc_key: "k",
              body_loc_args: ["1"],
              title_loc_key: "k",
              title_loc_args: ["1"],
              channel_id: "orders",
              image: "https://example.com/i.png",
              ticker: "t",
              sticky: true,
              event_time: "2026-11-21T10:00:00.000Z",
              local_only: true,
              notification_priority: "PRIORITY_MAX",
              vibrate_timings: ["0.1s", "1s"],
              default_vibrate_timings: false,
              default_sound: true,
              light_settings: {
                color: "#ff000080",
                light_on_duration: "1s",
                light_off_duration: "0.25s",
              },
              default_light_settings: false,
              visibility: "SECRET",
              notification_count: 3,
              proxy: "IF_PRIORITY_LOWERED",
            },
          },
        },
      },
    },
    theirs: () =>
      delivered({
        notification: { ...TEXTS },
        android: { notification: { ...everything().android?.notification } },
      }),
    differs: {
      ...SMALL_LETTERS,
      "body.message.android.notification.vibrate_timings": SAME_DURATION,
      "body.message.android.notification.light_settings.light_off_duration": SAME_DURATION,
    },
  },
  {
    title: "android_v2",
    ours: {
      ...TEXTS,
      collapse_key: "order-42",
      platform_data: {
        fcm: { android_v2: { remote_notification: { mutable_content: true, notification: { id: 7 } } } },
      },
    },
    theirs: () => {
      const { android: _first, ...message } = delivered({
        notification: { ...TEXTS },
        apns: { headers: { "apns-collapse-id": "order-42" } },
        webpush: { headers: { Topic: "order-42" } },
      });
      const remote_notification = { mutable_content: true, notification: { id: 7 } };
      return { ...message, android_v2: { collapse_key: "order-42", ttl: "300s", remote_notification } };
    },
  },
  {
    title: "apns",
    ours: {
      ...TEXTS,
      platform_data: {
        fcm: {
          apns: {
            live_activity_token: "abc",
            headers: { "apns-priority": "5", "apns-collapse-id": "order-42" },
            payload: {
              aps: {
                alert: {
                  title: "t",
                  subtitle: "s",
                  body: "b",
                  "loc-key": "k",
                  "loc-args": ["1"],
                  "title-loc-key": "k",
                  "title-loc-args": ["1"],
                  "subtitle-loc-key": "k",
                  "subtitle-loc-args": ["1"],
                  actionLocKey: "k",
                  "launch-image": "i",
                },
                badge: 1,
                sound: { critical: 1, name: "alarm.caf", volume: 0.5 },
                category: "ORDER",
                "content-available": 1,
                "mutable-content": 1,
                "thread-id": "x",
                "interruption-level": "passive",
              },
              own: { a_b: 1 },
            },
            fcm_options: { analytics_label: "spring", image: "https://example.com/i.png" },
          },
        },
      },
    },
    theirs: () =>
      delivered({
        notification: { ...TEXTS },
        apns: {
          liveActivityToken: "abc",
          headers: { "apns-priority": "5", "apns-collapse-id": "order-42" },
          payload: {
            aps: {
              alert: {
                title: "t",
                subtitle: "s",
                body: "b",
                locKey: "k",
                locArgs: ["1"],
                titleLocKey: "k",
                titleLocArgs: ["1"],
                subtitleLocKey: "k",
                subtitleLocArgs: ["1"],
                actionLocKey: "k",
                launchImage: "i",
              },
              badge: 1,
              sound: { critical: true, name: "alarm.caf", volume: 0.5 },
              category: "ORDER",
              contentAvailable: true,
              mutableContent: true,
              threadId: "x",
              "interruption-level": "passive",
            },
            own: { a_b: 1 },
          },
          fcmOptions: { analyticsLabel: "spring", imageUrl: "https://example.com/i.png" },
        },
      }),
    differs: { ...SMALL_LETTERS, ...otherSpelling("apns.") },
  },
  {
    title: "webpush",
    ours: {
      ...TEXTS,
      platform_data: {
        fcm: {
          webpush: {
            headers: { ttl: "60", urgency: "very-low", Topic: "order-42" },
            data: { a: "b" },
            notification: {
              title: "t",
              badge: "https://example.com/b.png",
              requireInteraction: true,
              vibrate: [100, 50],
              actions: [{ action: "track", title: "Track", icon: "https://example.com/t.png" }],
              data: { any: ["JSON"] },
            },
            fcm_options: { link: "https://example.com/o/42", analytics_label: "spring" },
          },
        },
      },
    },
    theirs: () => {
      const webpush = {
        headers: { TTL: "60", Urgency: "very-low", Topic: "order-42" },
        data: { a: "b" },
        notification: {
          title: "t",
          badge: "https://example.com/b.png",
          requireInteraction: true,
          vibrate: [100, 50],
          actions: [{ action: "track", title: "Track", icon: "https://example.com/t.png" }],
          data: { any: ["JSON"] },
        },
        // Its types lack the label; the message that goes out does not.
        fcmOptions: { link: "https://example.com/o/42", analytics_label: "spring" },
      };
      return delivered({ notification: { ...TEXTS }, webpush });
    },
    differs: { ...SMALL_LETTERS, ...otherSpelling("webpush.") },
  },
  {
    title: "fcm_options",
    ours: { ...TEXTS, platform_data: { fcm: { fcm_options: { analytics_label: "spring" } } } },
    theirs: () => delivered({ notification: { ...TEXTS }, fcmOptions: { analyticsLabel: "spring" } }),
    differs: { ...SMALL_LETTERS, ...otherSpelling("") },
  },
  {
    title: "firebase-admin's own message in platform_data.fcm",
    ours: { platform_data: { fcm: everything() } },
    theirs: everything,
    differs: {
      ...SMALL_LETTERS,
      ...otherSpelling(""),
      ...otherSpelling("android."),
      ...otherSpelling("apns."),
      ...otherSpelling("webpush."),
      "body.message.android.ttl": SAME_DURATION,
      "body.message.android.notification.vibrate_timings": SAME_DURATION,
      "body.message.android.notification.light_settings.light_off_duration": SAME_DURATION,
      "body.message.apns.headers.apns-expiration": "the payload's lifetime, which theirs does not have",
    },
  },
];
