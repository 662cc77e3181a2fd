import wns, { type Callback, type Options } from "wns";
import type { WnsOptions } from "../../providers/wns/index.js";
import type { PushNotificationPayload } from "../../src/index.js";
import type { Differs } from "./differences.js";

/** Credentials, and with them the headers and options of one notification. */
export type Credentials = (more?: object) => Options;

export interface WnsRow {
  readonly title: string;
  /** A channel of Windows Phone takes more. */
  readonly phone?: boolean;
  readonly ours: PushNotificationPayload<{ wns?: WnsOptions }>;
  /** Absent where the npm package cannot say it. */
  readonly theirs?: (channel: string, credentials: Credentials, callback: Callback) => void;
  readonly differs?: Differs;
}

/** What pushmux tells WNS unasked: priority normal, and 300 seconds. */
const delivered = (more: object = {}) => ({
  headers: { "X-WNS-PRIORITY": "2", "X-WNS-TTL": "300", ...more },
});

const TEXTS = { title: "Order 42", body: "<Grüße> & 'more'" };

const TOAST = `<toast launch="a=1&amp;b=&quot;2&quot;" duration="long"><visual lang="de"><binding template="ToastGeneric"><text>&lt;Grüße&gt; &amp; more</text><image placement="hero" src="https://localhost/a.png"/></binding></visual><audio src="ms-winsoundevent:Notification.Looping.Alarm" loop="true"/></toast>`;
const TILE = `<tile><visual branding="name"><binding template="TileMedium"><text hint-style="caption">Order 42</text></binding><binding template="TileWide"><text>Order 42</text><text>Shipped</text></binding></visual></tile>`;

const TEMPLATE =
  "theirs is a template of Windows 8; ours is adaptive, as Microsoft's schema has been since Windows 10";
const POSITIONS =
  "a template of Windows 8 knows its texts and images by number, an adaptive one by their order";
const VERSION: Differs = { "body.badge.@version": "of Windows 8; Microsoft's schema has only value" };

export const ROWS: readonly WnsRow[] = [
  {
    title: "toast, and nothing else said",
    ours: TEXTS,
    theirs: (channel, credentials, callback) =>
      wns.sendToastText02(channel, { text1: TEXTS.title, text2: TEXTS.body }, credentials(), callback),
    differs: {
      "x-wns-priority": "ours is the payload's; theirs leaves WNS's own, which for a toast is high",
      "x-wns-ttl": "ours is the payload's lifetime; theirs leaves WNS's own",
      "body.toast.visual.binding.@template": TEMPLATE,
      "body.toast.visual.binding.text.@id": POSITIONS,
      "body.toast.visual.binding.text[2].@id": POSITIONS,
    },
  },
  {
    title: "toast with sound and launch",
    ours: {
      ...TEXTS,
      image: "https://localhost/a.png",
      platform_data: {
        wns: {
          launch: 'a=1&b="2"',
          duration: "long",
          lang: "de",
          audio: { src: "Looping.Call", loop: true },
        },
      },
    },
    theirs: (channel, credentials, callback) =>
      wns.sendToast(
        channel,
        {
          type: "ToastImageAndText02",
          image1src: "https://localhost/a.png",
          image1alt: "",
          text1: TEXTS.title,
          text2: TEXTS.body,
        },
        credentials({
          ...delivered(),
          launch: 'a=1&b="2"',
          duration: "long",
          lang: "de",
          audio: { src: "Looping.Call", loop: true },
        }),
        callback,
      ),
    differs: {
      "body.toast.visual.binding.@template": TEMPLATE,
      "body.toast.visual.binding.text.@id": POSITIONS,
      "body.toast.visual.binding.text[2].@id": POSITIONS,
      "body.toast.visual.binding.image.@id": POSITIONS,
      "body.toast.visual.binding.image.@placement": "a template of Windows 8 has one place for it",
      "body.toast.visual.binding.image.@alt": "theirs is there even when it is empty",
    },
  },
  {
    title: "toast with all that an adaptive one has",
    ours: {
      ...TEXTS,
      priority: "critical",
      data: { order: 42 },
      icon: "https://localhost/c.png",
      created_at: "2026-11-20T12:00:00Z",
      platform_data: {
        wns: {
          image: "https://localhost/a.png",
          image_placement: "inline",
          icon_crop: "circle",
          attribution: "Via the shop",
          header: { id: "orders", title: "Orders", arguments: "all" },
          progress: { title: "Parcel", value: 0.25, value_text: "1 of 4", status: "Packing" },
          inputs: [
            { id: "note", type: "text", title: "Note", placeholder: "Write" },
            { id: "when", type: "selection", default: "a", selections: [{ id: "a", content: "Now" }] },
          ],
          actions: [
            { action: "send", title: "Send", input_id: "note", button_style: "Success", tool_tip: "Send it" },
            { action: "open", title: "Open", url: "https://localhost/o/42", icon: "https://localhost/o.png" },
            { action: "snooze", title: "Later", activation_type: "system", placement: "contextMenu" },
          ],
        },
      },
    },
  },
  {
    title: "toast of raw XML",
    ours: { platform_data: { wns: { xml: TOAST } } },
    theirs: (channel, credentials, callback) =>
      wns.send(channel, TOAST, "wns/toast", credentials(delivered()), callback),
  },
  {
    title: "toast with every header",
    ours: {
      ...TEXTS,
      priority: "high",
      ttl_seconds: 60,
      tag: "order42",
      platform_data: { wns: { xml: TOAST, group: "orders", request_for_status: true } },
    },
    theirs: (channel, credentials, callback) => {
      const headers = {
        "X-WNS-PRIORITY": "1",
        "X-WNS-TTL": "60",
        "X-WNS-Tag": "order42",
        "X-WNS-Group": "orders",
        "X-WNS-RequestForStatus": "true",
      };
      wns.send(channel, TOAST, "wns/toast", credentials({ headers }), callback);
    },
  },
  {
    title: "toast without a popup, on a phone",
    phone: true,
    ours: { platform_data: { wns: { xml: TOAST, suppress_popup: true } } },
    theirs: (channel, credentials, callback) =>
      wns.send(
        channel,
        TOAST,
        "wns/toast",
        credentials(delivered({ "X-WNS-SuppressPopup": "true" })),
        callback,
      ),
  },
  {
    title: "toast, now or never",
    ours: { ttl_seconds: 0, platform_data: { wns: { xml: TOAST } } },
    theirs: (channel, credentials, callback) =>
      wns.send(channel, TOAST, "wns/toast", credentials(delivered({ "X-WNS-TTL": "0" })), callback),
  },
  {
    title: "toasts removed, on a phone",
    phone: true,
    ours: { platform_data: { wns: { remove: { tag: "order42", group: "orders" } } } },
  },
  {
    title: "tile",
    ours: { title: "Order 42", platform_data: { wns: { type: "tile", tile_sizes: ["medium"] } } },
    theirs: (channel, credentials, callback) =>
      wns.sendTile(
        channel,
        { type: "TileSquareText04", text1: "Order 42" },
        credentials(delivered()),
        callback,
      ),
    differs: {
      "body.tile.visual.binding.@template": TEMPLATE,
      "body.tile.visual.binding.text.@id": POSITIONS,
      "body.tile.visual.binding.text.@hint-style": "an adaptive tile says how a text looks, a template is it",
    },
  },
  {
    title: "tile of raw XML, cached, with a tag",
    ours: {
      collapse_key: "order42",
      platform_data: { wns: { type: "tile", xml: TILE, cache_policy: "cache" } },
    },
    theirs: (channel, credentials, callback) => {
      const options = credentials(delivered({ "X-WNS-Tag": "order42", "X-WNS-Cache-Policy": "cache" }));
      wns.send(channel, TILE, "wns/tile", options, callback);
    },
  },
  {
    title: "badge",
    ours: { badge: 7, platform_data: { wns: { type: "badge" } } },
    theirs: (channel, credentials, callback) => wns.sendBadge(channel, 7, credentials(delivered()), callback),
    differs: VERSION,
  },
  {
    title: "badge, a glyph, now or never",
    ours: { ttl_seconds: 0, priority: "low", platform_data: { wns: { type: "badge", badge: "newMessage" } } },
    theirs: (channel, credentials, callback) => {
      const headers = { "X-WNS-PRIORITY": "3", "X-WNS-Cache-Policy": "no-cache" };
      wns.sendBadge(channel, "newMessage", credentials({ headers }), callback);
    },
    differs: VERSION,
  },
  {
    title: "raw",
    ours: {
      platform_data: { wns: { type: "raw", raw_body: '{"a":"ü"}', cache_policy: "cache", priority: 4 } },
    },
    theirs: (channel, credentials, callback) => {
      const options = credentials(delivered({ "X-WNS-PRIORITY": "4", "X-WNS-Cache-Policy": "cache" }));
      wns.sendRaw(channel, '{"a":"ü"}', options, callback);
    },
  },
  {
    title: "background, as JSON",
    ours: { data: { order: "42" }, url: "https://example.com/o/42" },
    theirs: (channel, credentials, callback) => {
      const text = '{"data":{"order":"42"},"url":"https://example.com/o/42","priority":"normal"}';
      wns.sendRaw(channel, text, credentials(delivered()), callback);
    },
  },
];
