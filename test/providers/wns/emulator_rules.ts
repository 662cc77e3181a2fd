/** What WNS refuses, one thing at a time. */
import type { WORDS } from "../../../providers/wns/emulator_words.js";
import type { WnsDevice, WnsDeviceOptions, WnsService } from "../../../src/testing/index.js";
import type { Push } from "./emulator_push.js";

/** One thing that can be wrong with a push. */
export interface Rule {
  readonly refusal: keyof typeof WORDS;
  readonly title: string;
  readonly status: number;
  readonly type?: string;
  readonly options?: WnsDeviceOptions;
  /** Breaks it in a push that is otherwise good. */
  spoil(scene: Scene): unknown;
}

/** What a rule may change. */
export interface Scene {
  readonly push: Push;
  readonly device: WnsDevice;
  readonly service: WnsService;
  readonly clock: { now_ms: number };
}

export const PHONE = { options: { phone: true } };

export function header(name: string, value: string | string[]) {
  return ({ push }: Pick<Scene, "push">) => {
    push.headers[name] = value;
  };
}

export function removal(match?: string) {
  return ({ push }: Pick<Scene, "push">) => {
    push.method = "DELETE";
    if (match !== undefined) push.headers["x-wns-match"] = match;
  };
}

/** Sends this access token. */
export function authorize({ push }: Pick<Scene, "push">, token: string): void {
  push.headers.authorization = `Bearer ${token}`;
}

const without = (name: string) => header(name, []);
const method =
  (name: string) =>
  ({ push }: Scene) =>
    Object.assign(push, { method: name });
const body =
  (length: number) =>
  ({ push }: Scene) =>
    Object.assign(push, { body: Buffer.alloc(length, "x") });

export const RULES: readonly Rule[] = [
  { refusal: "method", title: "GET", status: 405, spoil: method("GET") },
  {
    refusal: "method",
    title: "DELETE on a Windows channel",
    status: 405,
    spoil: removal("type:wns/toast;all"),
  },
  {
    refusal: "method",
    title: "PUT on a Windows Phone channel",
    status: 405,
    ...PHONE,
    spoil: method("PUT"),
  },
  {
    refusal: "chunked",
    title: "a body in chunks",
    status: 400,
    spoil: ({ push }) =>
      Object.assign(push.headers, { "transfer-encoding": "chunked", "content-length": [] }),
  },
  {
    refusal: "ticket_missing",
    title: "no Authorization",
    status: 401,
    spoil: without("authorization"),
  },
  {
    refusal: "ticket_missing",
    title: "another scheme than Bearer",
    status: 401,
    spoil: ({ push, service }) =>
      Object.assign(push.headers, { authorization: `Basic ${service.createAccessToken()}` }),
  },
  {
    refusal: "ticket_missing",
    title: "Bearer with nothing after it",
    status: 401,
    spoil: header("authorization", "Bearer "),
  },
  {
    refusal: "ticket_invalid",
    title: "an access token that it never gave out",
    status: 401,
    spoil: (scene) => authorize(scene, scene.service.createAccessToken().slice(0, -1)),
  },
  {
    refusal: "ticket_invalid",
    title: "an access token that has expired",
    status: 401,
    spoil: ({ clock }) => {
      clock.now_ms += 86_399_000;
    },
  },
  {
    refusal: "channel_unknown",
    title: "a channel that is nobody's",
    status: 404,
    spoil: ({ push }) => Object.assign(push, { url: push.url.slice(0, -1) }),
  },
  {
    refusal: "channel_unknown",
    title: "a channel URI that was parsed and printed again",
    status: 404,
    spoil: ({ push }) => Object.assign(push, { url: push.url.replaceAll("%2b", "%2B") }),
  },
  {
    refusal: "channel_of_other_app",
    title: "the channel of somebody else's app",
    status: 403,
    options: { app: "foreign" },
    spoil: () => {},
  },
  {
    refusal: "channel_of_other_app",
    title: "an Entra token for the channel of a UWP app",
    status: 403,
    options: { app: "uwp" },
    spoil: () => {},
  },
  {
    refusal: "channel_of_other_app",
    title: "a legacy token for the channel of a Windows App SDK app",
    status: 403,
    options: { app: "windows_app_sdk" },
    spoil: (scene) => authorize(scene, scene.service.createAccessToken("legacy")),
  },
  {
    refusal: "channel_expired",
    title: "a channel that was ended",
    status: 410,
    spoil: ({ device }) => device.expire(),
  },
  {
    refusal: "channel_expired",
    title: "a channel of 30 days ago",
    status: 410,
    spoil: (scene) => {
      scene.clock.now_ms += 30 * 86_400_000;
      authorize(scene, scene.service.createAccessToken());
    },
  },
  {
    refusal: "too_large",
    title: "5001 bytes",
    status: 413,
    type: "raw",
    spoil: body(5001),
  },
  { refusal: "type_missing", title: "no X-WNS-Type", status: 400, spoil: without("x-wns-type") },
  {
    refusal: "type_unknown",
    title: "an X-WNS-Type without its prefix",
    status: 400,
    spoil: header("x-wns-type", "toast"),
  },
  {
    refusal: "type_unknown",
    title: "two X-WNS-Type",
    status: 400,
    spoil: header("x-wns-type", ["wns/toast", "wns/toast"]),
  },
  {
    refusal: "content_type_of_xml",
    title: "no Content-Type",
    status: 400,
    spoil: without("content-type"),
  },
  {
    refusal: "content_type_of_xml",
    title: "XML as application/xml",
    status: 400,
    spoil: header("content-type", "application/xml"),
  },
  {
    refusal: "content_type_of_xml",
    title: "a badge as application/octet-stream",
    status: 400,
    type: "badge",
    spoil: header("content-type", "application/octet-stream"),
  },
  {
    refusal: "content_type_of_xml",
    title: "XML in another charset",
    status: 400,
    spoil: header("content-type", "text/xml; charset=utf-16"),
  },
  {
    refusal: "content_type_of_raw",
    title: "N1 raw as text/xml",
    status: 400,
    type: "raw",
    spoil: header("content-type", "text/xml"),
  },
  {
    refusal: "cache_policy",
    title: "another cache policy",
    status: 400,
    spoil: header("x-wns-cache-policy", "no-store"),
  },
  { refusal: "ttl", title: "a TTL below zero", status: 400, spoil: header("x-wns-ttl", "-1") },
  { refusal: "ttl", title: "a TTL that is not whole", status: 400, spoil: header("x-wns-ttl", "1.5") },
  {
    refusal: "ttl_conflict",
    title: "a TTL of 0 that is to be cached",
    status: 400,
    spoil: ({ push }) => Object.assign(push.headers, { "x-wns-ttl": "0", "x-wns-cache-policy": "cache" }),
  },
  {
    refusal: "request_for_status",
    title: "an X-WNS-RequestForStatus that is no boolean",
    status: 400,
    spoil: header("x-wns-requestforstatus", "1"),
  },
  {
    refusal: "tag",
    title: "a tag of 17 characters",
    status: 400,
    spoil: header("x-wns-tag", "a".repeat(17)),
  },
  { refusal: "tag", title: "a tag with a hyphen", status: 400, spoil: header("x-wns-tag", "order-42") },
  { refusal: "tag", title: "an empty tag", status: 400, spoil: header("x-wns-tag", "") },
  {
    refusal: "group",
    title: "a group of 17 characters",
    status: 400,
    spoil: header("x-wns-group", "a".repeat(17)),
  },
  { refusal: "group", title: "a group with a space", status: 400, spoil: header("x-wns-group", "a b") },
  { refusal: "priority", title: "priority 0", status: 400, spoil: header("x-wns-priority", "0") },
  { refusal: "priority", title: "priority 5", status: 400, spoil: header("x-wns-priority", "5") },
  {
    refusal: "suppress_popup",
    title: "an X-WNS-SuppressPopup that is no boolean",
    status: 400,
    ...PHONE,
    spoil: header("x-wns-suppresspopup", "yes"),
  },
  {
    refusal: "suppress_popup_on_windows",
    title: "X-WNS-SuppressPopup on a Windows channel",
    status: 400,
    spoil: header("x-wns-suppresspopup", "false"),
  },
  {
    refusal: "match_missing",
    title: "a DELETE without X-WNS-Match",
    status: 400,
    ...PHONE,
    spoil: removal(),
  },
  {
    refusal: "match",
    title: "a DELETE of a tag before its group",
    status: 400,
    ...PHONE,
    spoil: removal("type:wns/toast;tag=a;group=b"),
  },
  {
    refusal: "match",
    title: "a DELETE of tiles",
    status: 400,
    ...PHONE,
    spoil: removal("type:wns/tile;all"),
  },
  {
    refusal: "match_with_post",
    title: "X-WNS-Match with POST",
    status: 400,
    ...PHONE,
    spoil: header("x-wns-match", "type:wns/toast;all"),
  },
  {
    refusal: "raw_empty",
    title: "raw with nothing in it",
    status: 400,
    type: "raw",
    spoil: body(0),
  },
];
