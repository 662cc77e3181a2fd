import type { PushNotificationResult } from "../index.js";
import { type Command, type Given, SENDER_OPTIONS } from "./arguments.js";
import { CliError, EXIT } from "./exit.js";
import { type Io, paint, tell, writeJson, writeLine } from "./io.js";
import {
  type Destination,
  PAYLOAD_OPTIONS,
  readDestination,
  readPayload,
  TARGET_OPTIONS,
} from "./notification.js";
import { platformsOf, Senders } from "./senders.js";
import { maskRequest, maskText, requestText, shownResult } from "./show.js";

/** Sends one notification. */
export const send: Command = {
  name: "send",
  summary: "Sends one notification, and says what became of it.",
  options: {
    platform: { value: "NAME", help: "web_push, fcm, apns, wns, or simulation, which needs no account" },
    ...TARGET_OPTIONS,
    ...PAYLOAD_OPTIONS,
    "dry-run": { help: "send nothing; show the request (FCM is asked whether it would accept)" },
    ...SENDER_OPTIONS,
  },
  notes: [
    "A subscription is a secret of its user: give it as a file, not as an argument. subscription.json is what",
    "pushManager.subscribe() gave the page, as JSON.stringify writes it.",
    "Accepted means that the service took it. No push service promises that it is seen.",
  ],
  examples: [
    "pushmux send --platform simulation --token some-device --title Hello",
    'pushmux send --subscription subscription.json --title "Order shipped" --body "It arrives tomorrow" --url /orders/42',
    "pushmux send --platform apns --token 00fc13ad… --payload message.json --priority high",
    "pushmux send --platform fcm --topic news --title News --data section=sport --data '{\"id\":7}' --dry-run",
  ],
  async run(given, io) {
    const platform = onePlatform(given);
    const destination = await readDestination(given, io);
    if (!destination) throw new CliError("expected one of --token, --subscription, --topic");
    const payload = (await readPayload(given, io)) ?? {};
    const senders = await Senders.read(given, io);
    await using provider = await senders.open(platform);
    const options = { dry_run: given.has("dry-run") };
    const result =
      destination.kind === "topic"
        ? await provider.sendTopicNotification(destination.topic, payload, options)
        : await provider.sendNotification(destination.token, payload, options);
    if (given.has("json")) await writeJson(io, shownResult(result, destination));
    else await describe(result, destination, io);
    return result.success ? EXIT.OK : EXIT.NOT_SENT;
  },
};

function onePlatform(given: Given): string {
  const [platform, more] = platformsOf(given);
  if (more !== undefined) throw new CliError("--platform: expected one; bulk takes several");
  if (platform !== undefined) return platform;
  if (given.has("subscription")) return "web_push";
  throw new CliError("--platform: expected web_push, fcm, apns, wns or simulation");
}

async function describe(result: PushNotificationResult, destination: Destination, io: Io): Promise<void> {
  const { success, platform, message, attempts, duration_ms, warnings, request } = result;
  if (success && result.dry_run) {
    await writeLine(io, message);
    if (request) await writeLine(io, `\n${requestText(maskRequest(request, destination))}`);
  } else if (success) {
    const id =
      result.service_message_id === undefined
        ? ""
        : `, id ${maskText(result.service_message_id, destination)}`;
    const times = attempts === 1 ? "" : ` after ${attempts} attempts`;
    await writeLine(
      io,
      `${paint(io.stdout, "green", "Accepted")} by ${platform}${times}, in ${duration_ms} ms${id}.`,
    );
  } else {
    tell(io, `${paint(io.stderr, "red", result.error_code)}: ${message}`);
    if (result.reason !== undefined)
      tell(io, `The service's word for it: ${maskText(result.reason, destination)}`);
    if (result.remove_token) tell(io, "The token is gone for good: delete it.");
    if (result.may_have_been_sent) tell(io, "It may have been sent all the same.");
    if (result.retry_after !== undefined) tell(io, `Try again in ${result.retry_after} s.`);
  }
  for (const { field, details } of warnings) {
    tell(io, `${paint(io.stderr, "yellow", "warning:")} ${field ? `${field}: ` : ""}${details}`);
  }
}
