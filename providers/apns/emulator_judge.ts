import type { ServedRequest } from "../../src/testing/kit.js";
import type { ApnsEnvironment } from "./emulator_certificates.js";
import type { ApnsReceived, EmulatedDevice } from "./emulator_device.js";
import type { Sender } from "./emulator_senders.js";
import { isPushType, maxPayloadBytes, readTopic, tokenKind } from "./emulator_topics.js";
import type { ApnsReason } from "./emulator_words.js";

export interface Case {
  readonly request: ServedRequest<string>;
  readonly entry: ApnsReceived;
  readonly sender: Sender | ApnsReason;
  readonly bundle_ids: readonly string[];
  readonly environment: ApnsEnvironment;
  /** As it stands in the path; empty when there is none. */
  readonly device_token: string;
  readonly device: EmulatedDevice | undefined;
}

type Headers = Readonly<Record<string, string>>;

/** The first thing wrong with a push to a device; Apple, "Sending notification requests to APNs". */
export function judge(one: Case): ApnsReason | undefined {
  for (const reason of refusals(one)) if (reason) return reason;
  return undefined;
}

/** The request, who sends it, its headers, then the device, then the message. */
function* refusals(one: Case): Generator<ApnsReason | undefined> {
  const { request, sender, device_token, device, environment } = one;
  const { headers, body } = request;
  if (request.method !== "POST") yield "MethodNotAllowed";
  if (request.repeated_headers.length > 0) yield "DuplicateHeaders";
  if (typeof sender === "string") return yield sender;
  yield checkId(headers["apns-id"]);
  yield checkExpiration(headers);
  if (!/^(1|5|10)$/.test(headers["apns-priority"] ?? "10")) yield "BadPriority";
  if (Buffer.byteLength(headers["apns-collapse-id"] ?? "") > 64) yield "BadCollapseId";

  const header = headers["apns-push-type"];
  if (header !== undefined && !isPushType(header)) return yield "InvalidPushType";
  const topic = headers["apns-topic"] ?? sender.default_topic;
  if (!topic) return yield "MissingTopic";
  if (!/^[A-Za-z0-9.-]{1,255}$/.test(topic)) yield "BadTopic";
  const meant = readTopic(topic, [...one.bundle_ids, ...(device ? [device.bundle_id] : [])], header);
  if (!meant || !sender.allows(meant.bundle_id, meant.push_type)) return yield "TopicDisallowed";
  const { bundle_id, push_type } = meant;
  // Without the header it is 10, which is an error for a background push.
  if (push_type === "background" && headers["apns-priority"] !== "5") yield "BadPriority";

  if (device_token === "") yield "MissingDeviceToken";
  if (!device || device.environment !== environment) return yield "BadDeviceToken";
  if (device.bundle_id !== bundle_id || (device.push_type ?? tokenKind(push_type)) !== tokenKind(push_type))
    yield "DeviceTokenNotForTopic";
  yield device.gone?.reason;

  if (body.length > maxPayloadBytes(push_type)) yield "PayloadTooLarge";
  if (!one.entry.payload) yield "PayloadEmpty";
}

export function checkId(id: string | undefined): ApnsReason | undefined {
  if (id === undefined || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) return undefined;
  return "BadMessageId";
}

export function checkExpiration({ "apns-expiration": expiration = "0" }: Headers): ApnsReason | undefined {
  return /^\d{1,19}$/.test(expiration) ? undefined : "BadExpirationDate";
}

/** What Apple documents as wrong and refuses nowhere: it is delayed, dropped or ignored later. */
export function notesOn({ push_type, aps = {} }: Pick<ApnsReceived, "push_type" | "aps">): string[] {
  const notes: string[] = [];
  if (push_type === undefined)
    notes.push("no apns-push-type: the push may be delayed or dropped, and is on watchOS");
  if (push_type === "background") {
    const shown = ["alert", "badge", "sound"].filter((key) => aps[key] !== undefined);
    if (shown.length > 0) notes.push(`a background push must not have ${shown.join(", ")}`);
    if (aps["content-available"] !== 1) notes.push("a background push must have content-available: 1");
  }
  if (push_type?.toLowerCase() === "liveactivity") {
    const missing = ["event", "timestamp"].filter((key) => aps[key] === undefined);
    if (missing.length > 0) notes.push(`a Live Activity ignores a push without ${missing.join(", ")}`);
  }
  return notes;
}
