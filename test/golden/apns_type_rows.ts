import { PushType } from "apns2";
import { type ApnsRow, addressed, identified, NO_TEN, timed } from "./apns_rows.js";
import type { Differs } from "./differences.js";
import { NOW } from "./moment.js";

const STATE = { home: 1, scorer: "Ümit" };

const NO_APS: Differs = {
  "body.aps": "theirs leaves it out when it is empty; ours is in every body that the system reads",
};
const NO_SYSTEM: Differs = { "body.aps": "theirs always has one; the system does not read this type's body" };
const ATTRIBUTES = { home: "Reds", away: "Blues" };

/** The push types that have tokens and topics of their own. */
export const TYPE_ROWS: readonly ApnsRow[] = [
  {
    title: "location",
    token_for: "location",
    ours: { platform_data: identified({ push_type: "location" }) },
    node_apn: { ...addressed(".location-query"), pushType: "location" },
    node_apn_differs: {
      body: "theirs sends none when it would be {}",
      answer: "so that Apple refuses theirs",
    },
    apns2: { ...timed(".location-query"), type: PushType.location },
    apns2_differs: NO_TEN,
  },
  {
    title: "voip",
    token_for: "voip",
    ours: { data: { call: 7 }, platform_data: identified({ push_type: "voip" }) },
    node_apn: { ...addressed(".voip"), expiry: 0, pushType: "voip", payload: { call: 7 } },
    node_apn_differs: NO_APS,
    apns2: { ...timed(".voip"), expiration: 0, type: PushType.voip, data: { call: 7 } },
    apns2_differs: NO_TEN,
  },
  {
    title: "complication",
    token_for: "complication",
    ours: { data: { steps: 9000 }, platform_data: identified({ push_type: "complication" }) },
    node_apn: { ...addressed(".complication"), pushType: "complication", payload: { steps: 9000 } },
    node_apn_differs: NO_APS,
    apns2: { ...timed(".complication"), type: PushType.complication, data: { steps: 9000 } },
    apns2_differs: NO_TEN,
  },
  {
    title: "fileprovider",
    token_for: "fileprovider",
    ours: {
      data: { "container-identifier": "root", domain: "d" },
      platform_data: identified({ push_type: "fileprovider" }),
    },
    node_apn: {
      ...addressed(".pushkit.fileprovider"),
      pushType: "fileprovider",
      payload: { "container-identifier": "root", domain: "d" },
    },
    apns2: {
      ...timed(".pushkit.fileprovider"),
      type: PushType.fileprovider,
      data: { "container-identifier": "root", domain: "d" },
    },
    apns2_differs: { ...NO_TEN, ...NO_SYSTEM },
  },
  {
    title: "mdm",
    token_for: "mdm",
    ours: { platform_data: identified({ payload: { mdm: "magic" } }) },
    node_apn: { ...addressed(), pushType: "mdm", mdm: "magic" },
    apns2: { ...timed(), type: PushType.mdm, data: { mdm: "magic" } },
    apns2_differs: { ...NO_TEN, ...NO_SYSTEM },
  },
  {
    title: "liveactivity, start",
    token_for: "liveactivity",
    ours: {
      title: "Kick-off",
      body: "Reds against Blues",
      platform_data: identified({
        live_activity: {
          event: "start",
          stale_date: NOW + 60,
          content_state: STATE,
          attributes_type: "MatchAttributes",
          attributes: ATTRIBUTES,
          input_push_token: true,
          input_push_channel: "dHN0LXNyY2gtY2hubA==",
        },
      }),
    },
    node_apn: {
      ...addressed(".push-type.liveactivity"),
      pushType: "liveactivity",
      event: "start",
      timestamp: NOW,
      staleDate: NOW + 60,
      contentState: STATE,
      attributesType: "MatchAttributes",
      attributes: ATTRIBUTES,
      inputPushToken: 1,
      inputPushChannel: "dHN0LXNyY2gtY2hubA==",
      alert: { title: "Kick-off", body: "Reds against Blues" },
    },
    apns2: {
      ...timed(".push-type.liveactivity"),
      type: PushType.liveactivity,
      alert: { title: "Kick-off", body: "Reds against Blues" },
      aps: {
        event: "start",
        timestamp: NOW,
        "stale-date": NOW + 60,
        "content-state": STATE,
        "attributes-type": "MatchAttributes",
        attributes: ATTRIBUTES,
        "input-push-token": 1,
        "input-push-channel": "dHN0LXNyY2gtY2hubA==",
      },
    },
    apns2_differs: NO_TEN,
  },
  {
    title: "liveactivity, update",
    token_for: "liveactivity",
    ours: {
      priority: "low",
      platform_data: identified({
        relevance_score: 50,
        live_activity: { event: "update", content_state: STATE },
      }),
    },
    node_apn: {
      ...addressed(".push-type.liveactivity"),
      pushType: "liveactivity",
      priority: 5,
      event: "update",
      timestamp: NOW,
      contentState: STATE,
      relevanceScore: 50,
    },
    apns2: {
      ...timed(".push-type.liveactivity"),
      type: PushType.liveactivity,
      priority: 5,
      aps: { event: "update", timestamp: NOW, "content-state": STATE, "relevance-score": 50 },
    },
  },
  {
    title: "liveactivity, end",
    token_for: "liveactivity",
    ours: {
      platform_data: identified({
        live_activity: { event: "end", content_state: STATE, dismissal_date: NOW + 600 },
      }),
    },
    node_apn: {
      ...addressed(".push-type.liveactivity"),
      pushType: "liveactivity",
      event: "end",
      timestamp: NOW,
      contentState: STATE,
      dismissalDate: NOW + 600,
    },
    apns2: {
      ...timed(".push-type.liveactivity"),
      type: PushType.liveactivity,
      aps: {
        event: "end",
        timestamp: NOW,
        "content-state": STATE,
        "dismissal-date": NOW + 600,
      },
    },
    apns2_differs: NO_TEN,
  },
  {
    title: "pushtotalk",
    token_for: "pushtotalk",
    ours: { data: { who: "Ann" }, platform_data: identified({ push_type: "pushtotalk" }) },
    node_apn: { ...addressed(".voip-ptt"), expiry: 0, pushType: "pushtotalk", payload: { who: "Ann" } },
    node_apn_differs: NO_APS,
    apns2: { ...timed(".voip-ptt"), expiration: 0, type: PushType.pushtotalk, data: { who: "Ann" } },
    apns2_differs: NO_TEN,
  },
  {
    title: "widgets",
    token_for: "widgets",
    ours: { platform_data: identified({ content_changed: true }) },
    node_apn: { ...addressed(".push-type.widgets"), pushType: "widgets", contentChanged: true },
  },
  {
    title: "controls",
    token_for: "controls",
    ours: { platform_data: identified({ push_type: "controls" }) },
    node_apn: { ...addressed(".push-type.controls"), pushType: "controls", contentChanged: true },
  },
];
