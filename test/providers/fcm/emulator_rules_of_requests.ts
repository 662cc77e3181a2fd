/** Who may send, where to, and whether the front end can read it: what Google refuses before FCM sees a message. */
import { having, type Rule } from "./emulator_rule.js";

const EXPECTED = "Expected OAuth 2 access token, login cookie or other valid authentication credential.";
const DURATION = "(type.googleapis.com/google.protobuf.Duration)";
const header =
  (name: string, value: string | undefined): Rule["spoil"] =>
  (push) => {
    if (value === undefined) delete push.headers[name];
    else push.headers[name] = value;
  };
const body =
  (text: string): Rule["spoil"] =>
  (push) =>
    Object.assign(push, { body: text });
const bearer =
  (options: object): Rule["spoil"] =>
  (push, _device, service) =>
    Object.assign(push.headers, { authorization: `Bearer ${service.createAccessToken(options)}` });

const ACCESS: readonly Rule[] = [
  {
    title: "no Authorization",
    spoil: header("authorization", undefined),
    status: 401,
    words: `Request is missing required authentication credential. ${EXPECTED}`,
    info: "CREDENTIALS_MISSING",
  },
  {
    title: "a legacy server key",
    spoil: header("authorization", "key=AAAA1234:APA91b"),
    status: 401,
    words: `Request had invalid authentication credentials. ${EXPECTED}`,
  },
  {
    title: "an access token that nobody gave out",
    spoil: header("authorization", "Bearer ya29.stranger"),
    status: 401,
    words: `Request had invalid authentication credentials. ${EXPECTED}`,
  },
  {
    title: "an access token that has expired",
    spoil: bearer({ expires_in: 0 }),
    status: 401,
    words: `Request had invalid authentication credentials. ${EXPECTED}`,
    info: "ACCESS_TOKEN_EXPIRED",
  },
  {
    title: "an access token for something else",
    spoil: bearer({ scopes: ["https://www.googleapis.com/auth/userinfo.email"] }),
    status: 403,
    words: "Request had insufficient authentication scopes.",
    info: "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
  },
  {
    title: "another project",
    spoil: (push) => Object.assign(push, { path: "/v1/projects/not-ours/messages:send" }),
    status: 403,
    words:
      "Permission 'cloudmessaging.messages.create' denied on resource '//cloudresourcemanager.googleapis.com/projects/not-ours' (or it may not exist).",
    info: "IAM_PERMISSION_DENIED",
  },
];

const READING: readonly Rule[] = [
  {
    title: "a query parameter that does not exist",
    spoil: (push) => Object.assign(push, { path: `${push.path}?dry_run=true` }),
    status: 400,
    words:
      "Invalid JSON payload received. Unknown name \"dry_run\": Cannot bind query parameter. Field 'dry_run' could not be found in request message.",
  },
  {
    title: "no content type: the JSON is taken for a form",
    spoil: header("content-type", undefined),
    status: 400,
    words: 'Invalid JSON payload received. Unknown name "{"message":{"token":',
  },
  {
    title: "a content type that is not JSON",
    spoil: header("content-type", "text/plain"),
    status: 400,
    words: "Unsupported content type: text/plain.",
  },
  {
    title: "a body that is not JSON",
    spoil: body('{"message": tokens}'),
    status: 400,
    words: "Invalid JSON payload received. Unexpected token.",
  },
  {
    title: "a body that ends too early",
    spoil: body('{"message": {'),
    status: 400,
    words: "Invalid JSON payload received. Unexpected token.",
  },
  {
    title: "a body that is a list",
    spoil: body("[]"),
    status: 400,
    words: 'Invalid JSON payload received. Unknown name "": Root element must be a message.',
  },
  {
    title: "a field of the request that does not exist",
    spoil: body('{"to": "x"}'),
    status: 400,
    words: 'Invalid JSON payload received. Unknown name "to": Cannot find field.',
  },
  {
    title: "a field of the message that does not exist",
    spoil: having({ x: 1 }),
    status: 400,
    words: "Invalid JSON payload received. Unknown name \"x\" at 'message': Cannot find field.",
    field: "message",
  },
  ...[
    "notification",
    "android",
    "android.notification",
    "android.notification.light_settings",
    "android.notification.light_settings.color",
    "android.fcm_options",
    "android_v2",
    "android_v2.remote_notification",
    "android_v2.remote_notification.notification",
    "android_v2.background_sync",
    "android_v2.fcm_options",
    "apns",
    "apns.fcm_options",
    "webpush",
    "webpush.fcm_options",
    "fcm_options",
  ].map(
    (path): Rule => ({
      title: `a field that does not exist in ${path}`,
      spoil: having({ [`${path}.x_y`]: 1 }),
      status: 400,
      words: `Invalid JSON payload received. Unknown name "x_y" at 'message.${path}': Cannot find field.`,
      field: `message.${path}`,
    }),
  ),
  {
    title: "a data value that is a number",
    spoil: having({ data: { a: "1", order: 12 } }),
    status: 400,
    words: "Invalid value at 'message.data[1].value' (TYPE_STRING), 12",
    field: "message.data[1].value",
  },
  {
    title: "a data value that is an object",
    spoil: having({ data: { order: {} } }),
    status: 400,
    words: "Invalid value at 'message.data[0]' (value), Starting an object on a scalar field",
    field: "message.data[0]",
  },
  {
    title: "a data value that is null",
    spoil: having({ data: { order: null } }),
    status: 400,
    words: "Invalid value at 'message.data[0].value' (TYPE_STRING), null",
    field: "message.data[0].value",
  },
  {
    title: "data that is a list",
    spoil: having({ data: [] }),
    status: 400,
    words: "Invalid value at 'message.data' (Map), Cannot bind a list to map for field 'data'.",
    field: "message.data",
  },
  {
    title: "data that is a text",
    spoil: having({ data: "order=12" }),
    status: 400,
    words: "Invalid value at 'message.data' (Map), \"order=12\"",
    field: "message.data",
  },
  {
    title: "a header that is a number",
    spoil: having({ "apns.headers": { "apns-priority": 10 } }),
    status: 400,
    words: "Invalid value at 'message.apns.headers[0].value' (TYPE_STRING), 10",
    field: "message.apns.headers[0].value",
  },
  {
    title: "a notification that is a text",
    spoil: having({ notification: "Hi" }),
    status: 400,
    words:
      "Invalid value at 'message.notification' (type.googleapis.com/google.firebase.fcm.v1.Notification), \"Hi\"",
    field: "message.notification",
  },
  {
    title: "a title that is a list",
    spoil: having({ "notification.title": ["Hi"] }),
    status: 400,
    words:
      "Invalid JSON payload received. Unknown name \"title\" at 'message.notification': Proto field is not repeating, cannot start list.",
    field: "message.notification",
  },
  {
    title: "arguments that are no list",
    spoil: having({ "android.notification.body_loc_args": "Hi" }),
    status: 400,
    words: "Invalid value at 'message.android.notification.body_loc_args' (TYPE_STRING), \"Hi\"",
    field: "message.android.notification.body_loc_args",
  },
  {
    title: "an argument that is a number",
    spoil: having({ "android.notification.title_loc_args": ["a", 2] }),
    status: 400,
    words: "Invalid value at 'message.android.notification.title_loc_args[1]' (TYPE_STRING), 2",
    field: "message.android.notification.title_loc_args[1]",
  },
  {
    title: "a flag that is a number",
    spoil: having({ "android.direct_boot_ok": 1 }),
    status: 400,
    words: "Invalid value at 'message.android.direct_boot_ok' (TYPE_BOOL), 1",
    field: "message.android.direct_boot_ok",
  },
  {
    title: "a count with a fraction",
    spoil: having({ "android.notification.notification_count": 1.5 }),
    status: 400,
    words: "Invalid value at 'message.android.notification.notification_count' (TYPE_INT32), 1.5",
    field: "message.android.notification.notification_count",
  },
  {
    title: "a colour component that is a word",
    spoil: having({ "android.notification.light_settings.color.red": "full" }),
    status: 400,
    words: "Invalid value at 'message.android.notification.light_settings.color.red' (TYPE_FLOAT), \"full\"",
    field: "message.android.notification.light_settings.color.red",
  },
  {
    title: "a ttl that is a number",
    spoil: having({ "android.ttl": 3600 }),
    status: 400,
    words: `Invalid value at 'message.android.ttl' ${DURATION}, 3600`,
    field: "message.android.ttl",
  },
  ...["3600", "1h", "s", "1.0000000001s"].map(
    (ttl): Rule => ({
      title: `a ttl of "${ttl}"`,
      spoil: having({ "android.ttl": ttl }),
      status: 400,
      words: `Invalid value at 'message.android.ttl' ${DURATION}, Field 'ttl', Illegal duration format; duration must end with 's'`,
      field: "message.android.ttl",
    }),
  ),
  {
    title: "a duration deep inside, named as JSON names it",
    spoil: having({ "android.notification.light_settings.light_on_duration": "1" }),
    status: 400,
    words: `Invalid value at 'message.android.notification.light_settings.light_on_duration' ${DURATION}, Field 'lightOnDuration', Illegal`,
    field: "message.android.notification.light_settings.light_on_duration",
  },
  ...["2026-11-21", "2026-11-21T00:00:00", "2026-13-21T00:00:00Z"].map(
    (time): Rule => ({
      title: `an event_time of "${time}"`,
      spoil: having({ "android.notification.event_time": time }),
      status: 400,
      words:
        "Invalid value at 'message.android.notification.event_time' (type.googleapis.com/google.protobuf.Timestamp), Field 'eventTime', Illegal timestamp format; timestamps must end with 'Z' or have a valid timezone offset.",
      field: "message.android.notification.event_time",
    }),
  ),
  ...(
    [
      ["android.priority", "urgent", "AndroidMessagePriority"],
      ["android.priority", 7, "AndroidMessagePriority"],
      ["android.notification.notification_priority", "HIGH", "AndroidNotification.NotificationPriority"],
      ["android.notification.visibility", "HIDDEN", "AndroidNotification.Visibility"],
      ["android.notification.proxy", "MAYBE", "AndroidNotification.Proxy"],
    ] as const
  ).map(
    ([path, value, type]): Rule => ({
      title: `${path} ${JSON.stringify(value)}`,
      spoil: having({ [path]: value }),
      status: 400,
      words: `Invalid value at 'message.${path}' (type.googleapis.com/google.firebase.fcm.v1.${type}), ${JSON.stringify(value)}`,
      field: `message.${path}`,
    }),
  ),
  ...["apns.payload", "webpush.notification"].map(
    (path): Rule => ({
      title: `${path} that is a text`,
      spoil: having({ [path]: "{}" }),
      status: 400,
      words: `Invalid value at 'message.${path}' (type.googleapis.com/google.protobuf.Struct), "{}"`,
      field: `message.${path}`,
    }),
  ),
  {
    title: "a token and a topic",
    spoil: having({ topic: "news" }),
    status: 400,
    words: "Invalid value at 'message' (oneof), oneof field 'target' is already set. Cannot set 'topic'",
    field: "message",
  },
  {
    title: "a token and an installation id",
    spoil: (push, device) => Object.assign(push.message, { fid: device.fid }),
    status: 400,
    words: "Invalid value at 'message' (oneof), oneof field 'target' is already set. Cannot set 'fid'",
    field: "message",
  },
  {
    title: "both kinds of a second Android configuration",
    spoil: having({ android_v2: { remote_notification: {}, backgroundSync: {} } }),
    status: 400,
    words:
      "Invalid value at 'message.android_v2' (oneof), oneof field 'message_type' is already set. Cannot set 'backgroundSync'",
    field: "message.android_v2",
  },
];

export const RULES_OF_REQUESTS: readonly Rule[] = [...ACCESS, ...READING];
