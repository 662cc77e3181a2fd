import { Notification, type Provider } from "@parse/node-apn";
import type { ApnsProvider } from "../../providers/apns/index.js";
import { APP, ID } from "./apns_rows.js";
import type { Differs } from "./differences.js";
import { NOW } from "./moment.js";

export interface ChannelRow {
  readonly title: string;
  readonly ours: (provider: ApnsProvider, channel_id: string) => Promise<unknown>;
  readonly node_apn: (provider: Provider, channelId: string) => Promise<unknown>;
  readonly differs?: Differs;
}

const NO_PRIORITY: Differs = {
  "apns-priority": "only a notification has one; theirs sends 10 with every request",
};

const STATE = { home: 1, scorer: "Ümit" };

/** Broadcasts, and what is asked about the channels themselves. */
export const CHANNEL_ROWS: readonly ChannelRow[] = [
  {
    title: "broadcast, update",
    ours: (provider, channel_id) =>
      provider.sendTopicNotification(channel_id, {
        platform_data: {
          apns: { request_id: ID, live_activity: { event: "update", content_state: STATE } },
        },
      }),
    node_apn: (provider, channelId) =>
      provider.broadcast(
        new Notification({
          channelId,
          requestId: ID,
          expiry: NOW + 300,
          pushType: "liveactivity",
          event: "update",
          timestamp: NOW,
          contentState: STATE,
        }),
        APP,
      ),
  },
  {
    title: "broadcast, end, now or never",
    ours: (provider, channel_id) =>
      provider.sendTopicNotification(channel_id, {
        title: "Over",
        priority: "low",
        ttl_seconds: 0,
        platform_data: {
          apns: {
            request_id: ID,
            live_activity: { event: "end", content_state: STATE, dismissal_date: NOW + 600 },
          },
        },
      }),
    node_apn: (provider, channelId) =>
      provider.broadcast(
        new Notification({
          channelId,
          requestId: ID,
          expiry: 0,
          priority: 5,
          pushType: "liveactivity",
          event: "end",
          timestamp: NOW,
          contentState: STATE,
          dismissalDate: NOW + 600,
          alert: { title: "Over" },
        }),
        APP,
      ),
  },
  {
    title: "channel, created",
    ours: (provider) => provider.createChannel({ message_storage_policy: 1 }),
    node_apn: (provider) =>
      provider.manageChannels(new Notification({ payload: { "message-storage-policy": 1 } }), APP, "create"),
    differs: { ...NO_PRIORITY, "body.push-type": "Apple's page writes LiveActivity" },
  },
  {
    title: "channel, read",
    ours: (provider, channel_id) => provider.readChannel(channel_id),
    node_apn: (provider, channelId) => provider.manageChannels(new Notification({ channelId }), APP, "read"),
    differs: NO_PRIORITY,
  },
  {
    title: "channels, listed",
    ours: (provider) => provider.listChannels(),
    node_apn: (provider) => provider.manageChannels(new Notification(), APP, "readAll"),
    differs: NO_PRIORITY,
  },
  {
    title: "channel, deleted",
    ours: (provider, channel_id) => provider.deleteChannel(channel_id),
    node_apn: (provider, channelId) =>
      provider.manageChannels(new Notification({ channelId }), APP, "delete"),
    differs: NO_PRIORITY,
  },
];
