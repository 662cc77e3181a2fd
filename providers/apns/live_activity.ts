import { type Rejection, reject } from "../../src/provider_kit.js";
import type { Aps } from "./aps.js";
import type { ApnsLiveActivity } from "./options.js";

/** `live_activity` as members of `aps`. */
export function liveActivityMembers(activity: ApnsLiveActivity | undefined): Aps {
  if (!activity) return {};
  return {
    event: activity.event,
    "content-state": activity.content_state,
    timestamp: activity.timestamp,
    "stale-date": activity.stale_date,
    "dismissal-date": activity.dismissal_date,
    "attributes-type": activity.attributes_type,
    attributes: activity.attributes,
    alert: activity.alert,
    "input-push-token": activity.input_push_token ? 1 : undefined,
    "input-push-channel": activity.input_push_channel,
  };
}

const START_NEEDS = ["attributes-type", "attributes", "content-state", "alert"] as const;
const ONLY_START = ["attributes-type", "attributes", "input-push-token", "input-push-channel"] as const;

/**
 * What Apple asks of each event
 * (https://developer.apple.com/documentation/activitykit/starting-and-updating-live-activities-with-activitykit-push-notifications).
 * A device throws away what does not hold to it, and says nothing.
 */
export function checkLiveActivity(aps: Aps, is_broadcast: boolean): Rejection | undefined {
  const { event } = aps;
  if (event === undefined) return invalid("event", "expected start, update or end");
  if (event === "start") {
    if (is_broadcast) return invalid("event", "a broadcast can update or end an activity, not start one");
    const missing = START_NEEDS.find((name) => aps[name] === undefined);
    if (missing) return invalid(missing, 'missing; the event "start" needs it');
  } else {
    const extra = ONLY_START.find((name) => aps[name] !== undefined);
    if (extra) return invalid(extra, 'goes only with the event "start"');
  }
  if (event === "update" && aps["content-state"] === undefined) {
    return invalid("content-state", 'missing; the event "update" needs it');
  }
  if (event !== "end" && aps["dismissal-date"] !== undefined) {
    return invalid("dismissal-date", 'goes only with the event "end"');
  }
  return undefined;
}

function invalid(member: string, problem: string): Rejection {
  const name = member.replaceAll("-", "_");
  return reject("PAYLOAD_INVALID", `platform_data.apns.live_activity.${name}: ${problem}`);
}
