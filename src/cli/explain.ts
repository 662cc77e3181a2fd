import {
  PushError,
  type PushNotificationPayload,
  type PushNotificationResult,
  type ResultRequest,
} from "../index.js";
import { type Command, SENDER_OPTIONS } from "./arguments.js";
import { describeError, EXIT } from "./exit.js";
import { type Io, paint, tell, writeJson, writeLine } from "./io.js";
import {
  type Destination,
  PAYLOAD_OPTIONS,
  readDestination,
  readPayload,
  TARGET_OPTIONS,
} from "./notification.js";
import { placeholderConfig, placeholderToken } from "./placeholders.js";
import { Recorder } from "./recorder.js";
import { platformsOf, SERVICES, Senders } from "./senders.js";
import { maskRequest, requestText } from "./show.js";

/** Shows the request that each platform would get. */
export const explain: Command = {
  name: "explain",
  summary: "Shows the exact request that each platform would get. Nothing is sent.",
  options: {
    platform: { value: "NAME,…", multiple: true, help: `default: ${SERVICES.join(", ")}` },
    ...TARGET_OPTIONS,
    ...PAYLOAD_OPTIONS,
    ...SENDER_OPTIONS,
  },
  notes: [
    "Where a platform has no credentials, or no token is given, placeholders are made up. Authorization and given",
    "tokens are masked. Web push is encrypted anew each time; what the device decrypts is shown beside it.",
  ],
  examples: [
    "pushmux explain --title Hello --body World",
    "pushmux explain --platform apns,fcm --payload message.json --priority high",
    "pushmux explain --platform web_push --title Hello --json",
  ],
  async run(given, io) {
    const payload = (await readPayload(given, io)) ?? { title: "Hello", body: "World" };
    const destination = await readDestination(given, io);
    const senders = await Senders.read(given, io);
    const named = platformsOf(given);
    const platforms = named.length > 0 ? named : given.has("subscription") ? ["web_push"] : SERVICES;
    const explained: Explained[] = [];
    for (const platform of platforms) explained.push(await ask(platform, { payload, destination, senders }));
    if (given.has("json"))
      await writeJson(
        io,
        explained.map(({ exit_code: _code, ...rest }) => rest),
      );
    else for (const one of explained) await describe(one, io);
    return Math.max(...explained.map(({ exit_code }) => exit_code));
  },
};

interface Question {
  readonly payload: PushNotificationPayload;
  readonly destination: Destination | undefined;
  readonly senders: Senders;
}

interface Explained {
  readonly platform: string;
  /** Whether its own credentials were used, and not placeholders. */
  readonly configured: boolean;
  readonly request?: ResultRequest;
  readonly warnings: PushNotificationResult["warnings"];
  readonly error?: { readonly code: string; readonly message: string };
  readonly exit_code: number;
}

async function ask(platform: string, { payload, destination, senders }: Question): Promise<Explained> {
  const configured = senders.sources(platform).length > 0;
  const recorder = new Recorder();
  try {
    const config = configured || platform === "simulation" ? undefined : placeholderConfig(platform);
    // The simulation has a wire of its own, and a dry run of it uses none.
    const options = platform === "simulation" ? {} : { transport: recorder };
    await using provider = await senders.open(platform, options, config);
    const { capabilities } = provider.getPlatformInfo();
    const target = destination ?? {
      kind: "token",
      token: placeholderToken(platform, capabilities.allowed_hosts),
    };
    // One that asks its service in a dry run sends something else then: what it would really send goes to the recorder.
    const dry_run = capabilities.dry_run !== "validate_only";
    const result =
      target.kind === "topic"
        ? await provider.sendTopicNotification(target.topic, payload, { dry_run })
        : await provider.sendNotification(target.token, payload, { dry_run });
    const { warnings } = result;
    if (!result.success) {
      const { error_code: code, message } = result;
      return { platform, configured, warnings, error: { code, message }, exit_code: EXIT.NOT_SENT };
    }
    const request = result.request ?? recorder.request;
    const shown = request && (destination ? maskRequest(request, destination) : request);
    return { platform, configured, warnings, ...(shown ? { request: shown } : {}), exit_code: EXIT.OK };
  } catch (error) {
    if (!PushError.is(error)) throw error;
    const { exit_code, code, message } = describeError(error);
    return { platform, configured, warnings: [], error: { code, message }, exit_code };
  }
}

async function describe(
  { platform, configured, request, warnings, error }: Explained,
  io: Io,
): Promise<void> {
  const note = configured || platform === "simulation" ? "" : " (placeholder credentials)";
  await writeLine(io, `${paint(io.stdout, "bold", platform)}${note}\n`);
  if (request) await writeLine(io, `${requestText(request)}\n`);
  for (const { field, details } of warnings) {
    await writeLine(io, `${paint(io.stdout, "yellow", "warning:")} ${field ? `${field}: ` : ""}${details}\n`);
  }
  if (error) tell(io, `${paint(io.stderr, "red", `${platform}: ${error.code}:`)} ${error.message}\n`);
}
