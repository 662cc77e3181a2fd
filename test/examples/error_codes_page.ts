/** docs/error_codes.md, made from the table in src/error_codes.ts. What the services' answers mean is asked of their codecs. */
import {
  type PushErrorCode,
  type PushThrownCode,
  RETURNED_CODES,
  THROWN_CODES,
} from "../../src/error_codes.js";
import { ANSWERS, codeOf } from "./service_answers.js";

/** What to do about it. A code without a row here does not compile. */
const ADVICE: Readonly<Record<PushErrorCode, string>> = {
  UNREGISTERED:
    "Delete the token. It is the only code with `remove_token: true`, and only the service's own word sets it.",
  INVALID_TOKEN:
    "Look at where the token came from: cut off in a database column, from another platform, or not a token at all. `validateDeviceToken` says so before it is stored.",
  SENDER_MISMATCH:
    "One token: its app subscribed with another key or sender, have it subscribe again. All tokens: the config has the wrong key, do not delete anything.",
  PAYLOAD_INVALID: "Read `message`: it names the field and what was expected. Sending again cannot help.",
  PAYLOAD_TOO_LARGE:
    "Send less: `message` says the size and the limit in bytes. Put a URL in place of the content.",
  EXPIRED: "Nothing, or a longer `ttl_seconds` or a later `expires_at`.",
  AUTHENTICATION_FAILED:
    "Look at the credentials and at the clock of the machine. `healthCheck()` tries them without sending.",
  RATE_LIMITED: "Send it again later, not before `retry_after` seconds when the service named a time.",
  SERVICE_UNAVAILABLE: "Send it again later, not before `retry_after` seconds when the service named a time.",
  DROPPED: "Nothing: the service decided. It may be that the user switched notifications off.",
  TIMEOUT:
    "Send it again later. With `may_have_been_sent` a second copy may arrive, unless it has a `tag` or a `collapse_key`.",
  NETWORK_ERROR:
    'Look at name resolution, proxy (`proxy: "env"`) and firewall; `reason` has the system\'s short code.',
  ABORTED: "It was you. `may_have_been_sent` says whether it was on the wire already.",
  TOPICS_NOT_SUPPORTED: "Send to tokens: `sendMulticastNotification`.",
  PLATFORM_NOT_CONFIGURED: "Give the router a config for this platform.",
  ENDPOINT_REFUSED:
    "A stranger's URL that is not a known push service. Run one of your own? Name it in `allowed_hosts`.",
  UNKNOWN_RESPONSE: "Look at `reason` and `status_code`: a proxy in between, perhaps. Please report it.",
  INTERNAL_ERROR: "Please report it. The logger's `error` says where.",
};

const THROWN_ADVICE: Readonly<Record<PushThrownCode, string>> = {
  CONFIG_INVALID: "`issues` lists every problem with its path; an unknown key comes with the valid ones.",
  UNKNOWN_PLATFORM: "The message lists the platforms.",
  PEER_MISSING: "The message is the command that installs it.",
  PROVIDER_CLOSED: "Call `getPushProvider` again; other handles go on.",
  OPTIONS_INVALID: "The message names the option. A list of tokens must be iterable, and not one string.",
  INPUT_FAILED: "`cause` is your iterable's own error, `results` what became of the items before it.",
};

/** What older systems called it: name, where, and the codes that it became. */
export const OLD_NAMES: readonly (readonly [name: string, where: string, ...codes: PushErrorCode[]])[] = [
  ["INVALID_SUBSCRIPTION", "web push", "INVALID_TOKEN", "ENDPOINT_REFUSED"],
  ["SUBSCRIPTION_EXPIRED", "web push", "UNREGISTERED"],
  ["SUBSCRIPTION_NOT_FOUND", "web push", "UNREGISTERED"],
  [
    "WEBPUSH_ERROR",
    "web push",
    "UNREGISTERED",
    "SENDER_MISMATCH",
    "AUTHENTICATION_FAILED",
    "PAYLOAD_INVALID",
    "PAYLOAD_TOO_LARGE",
    "RATE_LIMITED",
    "SERVICE_UNAVAILABLE",
  ],
  ["SEND_FAILED", "web push", "INVALID_TOKEN", "NETWORK_ERROR", "TIMEOUT"],
  ["EXCEPTION", "web push, APNs", "INTERNAL_ERROR"],
  ["TOPICS_NOT_SUPPORTED", "web push", "TOPICS_NOT_SUPPORTED"],
  ["TOPIC_NOT_SUPPORTED", "APNs", "TOPICS_NOT_SUPPORTED"],
  ["INVALID_TOKEN", "FCM, APNs, simulation", "INVALID_TOKEN"],
  ["INVALID_ARGUMENT", "FCM", "PAYLOAD_INVALID"],
  ["AUTHENTICATION_ERROR", "FCM", "AUTHENTICATION_FAILED"],
  ["PERMISSION_DENIED", "FCM", "SENDER_MISMATCH", "AUTHENTICATION_FAILED"],
  ["QUOTA_EXCEEDED", "FCM, simulation", "RATE_LIMITED"],
  ["SERVICE_UNAVAILABLE", "FCM, WNS, simulation", "SERVICE_UNAVAILABLE"],
  ["NOT_FOUND", "FCM, APNs", "UNREGISTERED", "AUTHENTICATION_FAILED", "PAYLOAD_INVALID"],
  ["PAYLOAD_TOO_LARGE", "FCM, WNS, APNs, simulation", "PAYLOAD_TOO_LARGE"],
  ["FCM_ERROR", "FCM", "NETWORK_ERROR", "TIMEOUT", "AUTHENTICATION_FAILED"],
  ["FCM_TOPIC_ERROR", "FCM", "NETWORK_ERROR", "TIMEOUT", "AUTHENTICATION_FAILED"],
  ["BATCH_ERROR", "FCM, WNS", "INTERNAL_ERROR"],
  ["INVALID_CHANNEL_URI", "WNS", "INVALID_TOKEN", "ENDPOINT_REFUSED"],
  ["INVALID_REQUEST", "WNS", "PAYLOAD_INVALID"],
  ["METHOD_NOT_ALLOWED", "WNS", "PAYLOAD_INVALID"],
  ["UNAUTHORIZED", "WNS", "AUTHENTICATION_FAILED"],
  ["FORBIDDEN", "WNS", "SENDER_MISMATCH"],
  ["CHANNEL_EXPIRED", "WNS", "UNREGISTERED"],
  ["CHANNEL_GONE", "WNS", "UNREGISTERED"],
  ["THROTTLED", "WNS", "RATE_LIMITED"],
  ["CHANNEL_THROTTLED", "WNS", "RATE_LIMITED"],
  ["DROPPED", "WNS", "DROPPED"],
  ["SERVER_ERROR", "WNS, APNs", "SERVICE_UNAVAILABLE"],
  ["WNS_ERROR", "WNS", "NETWORK_ERROR", "TIMEOUT"],
  ["WNS_TOPIC_ERROR", "WNS", "TOPICS_NOT_SUPPORTED"],
  ["NO_DEVICES", "WNS, simulation", "TOPICS_NOT_SUPPORTED"],
  ["BAD_REQUEST", "APNs", "INVALID_TOKEN", "SENDER_MISMATCH", "PAYLOAD_INVALID"],
  ["AUTH_FAILED", "APNs", "AUTHENTICATION_FAILED"],
  ["UNREGISTERED", "APNs", "UNREGISTERED"],
  ["TOO_MANY_REQUESTS", "APNs", "RATE_LIMITED"],
  ["UNKNOWN_ERROR", "APNs", "TIMEOUT", "NETWORK_ERROR"],
  ["TIMEOUT", "APNs", "TIMEOUT"],
  ["NETWORK_ERROR", "APNs, simulation", "NETWORK_ERROR"],
  ["REQUEST_FAILED", "APNs", "NETWORK_ERROR"],
  ["HTTP_<status>", "FCM, WNS, APNs", "UNKNOWN_RESPONSE"],
  ["DEVICE_OFFLINE", "simulation", "SERVICE_UNAVAILABLE"],
  ["AGENT_ERROR", "simulation", "INTERNAL_ERROR"],
  ["SIMULATION_ERROR", "simulation", "INTERNAL_ERROR"],
  ["TOPIC_ERROR", "simulation", "INTERNAL_ERROR"],
  ["BULK_ERROR", "simulation", "INTERNAL_ERROR"],
];

export function errorCodesPage(): string {
  const codes = Object.keys(RETURNED_CODES) as PushErrorCode[];
  const thrown = Object.keys(THROWN_CODES) as PushThrownCode[];
  return `${HEAD}
| code | meaning | retryable | remove_token |
|---|---|---|---|
${codes.map((code) => `| [\`${code}\`](#${code.toLowerCase()}) | ${RETURNED_CODES[code].meaning} | ${retryable(code)} | ${RETURNED_CODES[code].remove_token ? "**yes**" : "no"} |`).join("\n")}

${codes.map(section).join("\n\n")}

## Thrown, not returned

A mistake in the call itself rejects with a \`PushError\`; its \`code\` is one of these, and none of the above.

| code | meaning | what to do |
|---|---|---|
${thrown.map((code) => `| \`${code}\` | ${THROWN_CODES[code]} | ${THROWN_ADVICE[code]} |`).join("\n")}

## Names of older systems

| name | of | here |
|---|---|---|
${OLD_NAMES.map(([name, where, ...now]) => `| \`${name}\` | ${where} | ${now.map((code) => `\`${code}\``).join(", ")} |`).join("\n")}
| \`LIBRARY_NOT_AVAILABLE\` | web push | thrown: \`PEER_MISSING\` |
| \`NO_PRIVATE_KEY\`, \`JWT_GENERATION_FAILED\` | APNs | thrown: \`CONFIG_INVALID\`, when the provider is opened |
`;
}

const HEAD = `# Error codes

<!-- Made from src/error_codes.ts by a test. After a change: npx vitest run test/examples/error_codes -u -->

A notification that fails has one of these in \`result.error_code\`, whatever the service. What the service itself said is in
\`result.reason\`. The set is closed, and a changed code is a breaking change.

- **retryable**: the same notification may succeed later, unchanged. Retries within the deadline are already used up.
- **remove_token**: the service documents that this token is gone for good. Delete it. No other failure says that.
`;

function section(code: PushErrorCode): string {
  const lines = [`## ${code}`, "", `${RETURNED_CODES[code].sentence}`, "", ADVICE[code]];
  for (const [heading, all] of Object.entries(ANSWERS)) {
    const answers = all.filter((answer) => codeOf(answer) === code);
    if (answers.length === 0) continue;
    const shown = answers.map(({ service, status, says }) => `| ${service} | ${status} | ${says} |`);
    lines.push("", `| ${heading} | status | says |`, "|---|---|---|", ...shown);
  }
  const old = OLD_NAMES.filter(([name, , ...codes]) => codes.includes(code) && name !== code);
  if (old.length > 0)
    lines.push("", `Older names: ${old.map(([name, where]) => `\`${name}\` (${where})`).join(", ")}.`);
  return lines.join("\n");
}

function retryable(code: PushErrorCode): string {
  const { retryable } = RETURNED_CODES[code];
  return retryable === "by_status" ? "after 429 and 5xx" : retryable ? "yes" : "no";
}
