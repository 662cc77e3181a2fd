import { describe, expect, it } from "vitest";
import type { ApnsLiveActivity } from "../../../providers/apns/options.js";
import { bodyOf, headersOf, NOW_MS, payload, refused, requestOf, warnedOf } from "./support.js";

const NOW = NOW_MS / 1000;
const STATE = { home: 1, away: 0 };
const START = {
  event: "start",
  content_state: STATE,
  attributes_type: "MatchAttributes",
  attributes: { home: "Reds" },
} as const satisfies ApnsLiveActivity;

const live = (live_activity: ApnsLiveActivity, fields: Parameters<typeof payload>[0] = {}) =>
  payload(fields, { live_activity });

describe("a Live Activity", () => {
  it("starts with its attributes and an alert", () => {
    const start = live(
      { ...START, input_push_token: true, stale_date: NOW + 60 },
      { title: "Kick-off", body: "Now", sound: "horn.caf" },
    );
    expect(bodyOf(start)).toEqual({
      aps: {
        event: "start",
        timestamp: NOW,
        "content-state": STATE,
        "attributes-type": "MatchAttributes",
        attributes: { home: "Reds" },
        alert: { title: "Kick-off", body: "Now", sound: "horn.caf" },
        "input-push-token": 1,
        "stale-date": NOW + 60,
      },
    });
    expect(headersOf(start)).toMatchObject({
      "apns-push-type": "liveactivity",
      "apns-topic": "com.example.MyApp.push-type.liveactivity",
      "apns-priority": "10",
    });
  });

  it("starts with an alert of its own, texts in the app's language, and a channel", () => {
    const alert = {
      title: { "loc-key": "%@ scores", "loc-args": ["Reds"] },
      body: { "loc-key": "NOW" },
      sound: "horn.caf",
    };
    const { aps } = bodyOf(live({ ...START, alert, input_push_channel: "dHN0" }));
    expect(aps).toMatchObject({ alert, "input-push-channel": "dHN0" });
    expect(aps).not.toHaveProperty("input-push-token");
  });

  it("is updated, without a sound or an alert when none was asked for", () => {
    const update = live({ event: "update", content_state: STATE, timestamp: NOW - 5 }, { priority: "low" });
    expect(bodyOf(update)).toEqual({
      aps: { event: "update", "content-state": STATE, timestamp: NOW - 5 },
    });
    expect(headersOf(update)["apns-priority"]).toBe("5");
  });

  it("ends, with its last state or without, and with the time at which it goes", () => {
    expect(bodyOf(live({ event: "end" }))).toEqual({ aps: { event: "end", timestamp: NOW } });
    expect(bodyOf(live({ event: "end", content_state: STATE, dismissal_date: 0 }))).toEqual({
      aps: { event: "end", timestamp: NOW, "content-state": STATE, "dismissal-date": 0 },
    });
  });

  it("tells the time at which it is sent, or created_at when that was given", () => {
    const at = { message_id: "m", now_ms: NOW_MS + 1999, expires_at_ms: NOW_MS + 9000, sequence: 0 };
    expect(bodyOf(live({ event: "end" }), { at }).aps).toMatchObject({ timestamp: NOW + 1 });
    const created = live({ event: "end" }, { created_at_ms: NOW_MS - 60_000 });
    expect(bodyOf(created).aps).toMatchObject({ timestamp: NOW - 60 });
    expect(warnedOf(created)).toEqual([]);
  });

  it("may be given as aps, and any number is its relevance", () => {
    const notification = payload(
      {},
      { relevance_score: 75, aps: { event: "update", "content-state": STATE, timestamp: 1 } },
    );
    expect(bodyOf(notification)).toEqual({
      aps: { event: "update", "content-state": STATE, timestamp: 1, "relevance-score": 75 },
    });
  });

  it("says what it does not carry", () => {
    expect(warnedOf(live({ event: "end" }, { badge: 3 }))).toEqual(["badge"]);
    expect(warnedOf(live({ event: "end" }, { sound: "ping" }))).toEqual(["sound"]);
    expect(warnedOf(live({ event: "end" }, { title: "t", sound: "ping" }))).toEqual([]);
    expect(bodyOf(live({ event: "end" }, { title: "t", sound: "ping", silent: true })).aps).toMatchObject({
      alert: { title: "t" },
    });
  });

  it.each<[string, Parameters<typeof payload>, RegExp]>([
    [
      "start without attributes",
      [{ title: "t" }, { live_activity: { ...START, attributes: undefined } }],
      /attributes: missing/,
    ],
    [
      "start without their type",
      [{ title: "t" }, { live_activity: { ...START, attributes_type: undefined } }],
      /attributes_type: missing/,
    ],
    [
      "start without a state",
      [{ title: "t" }, { live_activity: { ...START, content_state: undefined } }],
      /content_state: missing/,
    ],
    ["start without an alert", [{}, { live_activity: START }], /alert: missing/],
    ["update without a state", [{}, { live_activity: { event: "update" } }], /content_state: missing/],
    [
      "update with attributes",
      [{}, { live_activity: { event: "update", content_state: {}, attributes: {} } }],
      /attributes: goes only with the event "start"/,
    ],
    [
      "end with a push token",
      [{}, { live_activity: { event: "end", input_push_token: true } }],
      /input_push_token: goes only/,
    ],
    [
      "update with a dismissal",
      [{}, { live_activity: { event: "update", content_state: {}, dismissal_date: 1 } }],
      /dismissal_date: goes only with the event "end"/,
    ],
    ["no event", [{ title: "t" }, { aps: { "content-state": {} } }], /event: expected start, update or end/],
    [
      "another push type",
      [{ title: "t" }, { push_type: "alert", live_activity: { event: "end" } }],
      /goes with push_type "liveactivity", not with "alert"/,
    ],
  ])("is refused: %s", (_what, args, words) => {
    const { code, message } = refused(requestOf(payload(...args)));
    expect(code).toBe("PAYLOAD_INVALID");
    expect(message).toMatch(words);
  });
});
