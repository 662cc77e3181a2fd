import type { Project } from "./emulator_account.js";
import { readCondition } from "./emulator_condition.js";
import { type DeviceRegistry, type EmulatedDevice, isFid, isRegistration } from "./emulator_device.js";
import { checkMessage } from "./emulator_message.js";
import { part, type Read } from "./emulator_proto.js";
import { scriptedError } from "./emulator_reasons.js";
import {
  badRequest,
  fcmError,
  type GoogleError,
  googleError,
  notOurProject,
  senderMismatch,
  unregistered,
} from "./emulator_words.js";

/** The project that sends, and everybody's devices. */
export interface Post {
  readonly project: Project;
  readonly registry: DeviceRegistry;
}

/** What a target stands for in scripts and faults: a device's token, `/topics/NAME`, or a condition. */
export function subjectOf(message: Read, { registry }: Post): string | undefined {
  const { token, fid, topic, condition } = message;
  if (topic) return `/topics/${topic}`;
  return condition ? String(condition) : registry.find(String(token ?? fid))?.device_token;
}

/** Why this request is refused; `undefined` when the message goes out. */
export function judgeSending(request: Read, sender: string, post: Post): GoogleError | undefined {
  if (!isSender(sender, post)) return notOurProject(sender);
  const message = part(request, "message");
  const registration = String(message.token || message.fid || "");
  const device = post.registry.find(registration);
  const platform = registration === "" ? undefined : (device?.platform ?? "android");
  const error = checkMessage(message, platform);
  if (error || registration === "") return error;
  if (message.token ? !isRegistration(registration) : !isFid(registration))
    return badRegistration(message.token ? "message.token" : "message.fid");
  return checkDevice(device, post) ?? checkApns(device, request.validate_only === true, post);
}

/** Whether this is the project's id or number. */
export function isSender(sender: string, { project }: Post): boolean {
  return sender === project.id || sender === project.number;
}

export function badRegistration(field: string): GoogleError {
  const message = "The registration token is not a valid FCM registration token";
  return googleError(
    400,
    message,
    fcmError("INVALID_ARGUMENT"),
    badRequest([{ field, description: message }]),
  );
}

/** Why the project cannot reach this device. */
export function checkDevice(device: EmulatedDevice | undefined, { project }: Post): GoogleError | undefined {
  if (!device?.is_registered) return unregistered();
  return device.project_id === project.id ? undefined : senderMismatch();
}

/** Those that an accepted message reaches. */
export function recipients(message: Read, { project, registry }: Post): readonly EmulatedDevice[] {
  const { token, fid, topic, condition } = message;
  if (topic) return registry.meantBy((topics) => topics.has(String(topic)), project.id);
  const meant = condition ? readCondition(String(condition)) : undefined;
  if (meant) return registry.meantBy(meant, project.id);
  const device = registry.find(String(token ?? fid));
  return device ? [device] : [];
}

/** A dry run does not ask APNs. */
function checkApns(
  device: EmulatedDevice | undefined,
  is_dry_run: boolean,
  { project }: Post,
): GoogleError | undefined {
  if (device?.apns_error === undefined || is_dry_run) return undefined;
  return scriptedError({ reason: device.apns_error }, project.id, device.device_token);
}
