/** What `doctor` looks at. No finding holds a key or a secret: variables are named, their values are not. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createRequire } from "node:module";
import { PushError, type PushNotificationProvider } from "../index.js";
import { type Senders, VARIABLES } from "./senders.js";

/** One thing that was checked. `absent`: not there, and not needed. */
export interface Finding {
  readonly name: string;
  readonly status: "ok" | "warning" | "failed" | "absent";
  readonly message: string;
}

const LEAST_NODE = [20, 19] as const;

export function checkNode(version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [least_major, least_minor] = LEAST_NODE;
  const enough = major > least_major || (major === least_major && minor >= least_minor);
  const message = enough ? version : `${version} is too old: pushmux needs ${LEAST_NODE.join(".")}`;
  return { name: "node", status: enough ? "ok" : "failed", message };
}

/** Signatures and tokens of all services have times in them, and are refused when those are off by minutes. */
const MOST_SKEW_S = 60;
const EARLIEST_MS = Date.UTC(2025, 0, 1);
const LATEST_MS = Date.UTC(2100, 0, 1);
const ANSWERS = "pushmux:answer";

/**
 * Listens for the Date header of every answer (RFC 9110, section 6.6.1) until `end`, which says what that tells of this
 * machine's clock. The transport announces answers on a channel of node:diagnostics_channel.
 */
export function watchClock(now: () => number = Date.now): { end(): Finding } {
  let skew_s: number | undefined;
  const listen = (message: unknown) => {
    const { date = "" } = message as { date?: string };
    const date_ms = Date.parse(date);
    if (Number.isNaN(date_ms)) return;
    const difference_s = Math.round((now() - date_ms) / 1000);
    if (Math.abs(difference_s) >= Math.abs(skew_s ?? 0)) skew_s = difference_s;
  };
  subscribe(ANSWERS, listen);
  return {
    end() {
      unsubscribe(ANSWERS, listen);
      return judgeClock(now(), skew_s);
    },
  };
}

function judgeClock(now_ms: number, skew_s: number | undefined): Finding {
  const name = "clock";
  const time = new Date(now_ms).toISOString();
  if (now_ms < EARLIEST_MS || now_ms > LATEST_MS)
    return { name, status: "failed", message: `${time} cannot be` };
  if (skew_s === undefined)
    return { name, status: "ok", message: `${time}; no service was asked for its time` };
  const off =
    skew_s === 0
      ? "as the services have it"
      : `${Math.abs(skew_s)} s ${skew_s > 0 ? "ahead of" : "behind"} a service`;
  return { name, status: Math.abs(skew_s) > MOST_SKEW_S ? "failed" : "ok", message: `${time}, ${off}` };
}

const OPTIONAL_PACKAGES = {
  "firebase-admin": "only for FCM with application default credentials",
  "@libsql/client": "only for the SQLite store",
} as const;

export function checkPackages(): Finding {
  const { resolve } = createRequire(import.meta.url);
  const words = Object.entries(OPTIONAL_PACKAGES).map(([name, purpose]) =>
    isThere(() => resolve(name)) ? `${name} is installed` : `${name} is not installed (${purpose})`,
  );
  return { name: "packages", status: "ok", message: words.join("; ") };
}

/** Opens a platform with what is configured and asks for credentials. */
export async function checkPlatform(platform: string, senders: Senders, needed: boolean): Promise<Finding> {
  const sources = senders.sources(platform);
  const names = VARIABLES[platform] ?? [];
  if (sources.length === 0 && names.length > 0) {
    const message = `not configured; its variables: ${names.join(", ")}`;
    return { name: platform, status: needed ? "failed" : "absent", message };
  }
  const from = sources.length > 0 ? `from ${sources.join(", ")}: ` : "";
  try {
    await using provider = await senders.open(platform, { force_new: true });
    return { name: platform, ...prefixed(from, await checkProvider(provider)) };
  } catch (error) {
    if (!PushError.is(error)) throw error;
    return { name: platform, status: "failed", message: `${from}${error.message}` };
  }
}

type Verdict = Pick<Finding, "status" | "message">;

async function checkProvider(provider: PushNotificationProvider): Promise<Verdict> {
  const { checks } = await provider.healthCheck();
  const failed = checks.filter(({ status }) => status === "failed");
  if (failed.length > 0) {
    return { status: "failed", message: failed.map(({ name, message }) => `${name} ${message}`).join("; ") };
  }
  const { sender } = provider.getPlatformInfo();
  const who = Object.entries(sender)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(", ");
  const doubt = doubtSubject(sender.vapid_subject);
  if (doubt) return { status: "warning", message: `${who}; ${doubt}` };
  return { status: "ok", message: who };
}

/** Apple answers BadJwtToken to a made-up contact; the other services do not look. */
function doubtSubject(subject: unknown): string | undefined {
  if (typeof subject !== "string") return undefined;
  const host = subject.startsWith("mailto:") ? subject.replace(/^.*@/, "") : new URL(subject).hostname;
  if (host.includes(".") && !/(^|\.)(localhost|example|invalid|test|local)$/i.test(host)) return undefined;
  return "the subject is made up, and Apple refuses such ones";
}

function prefixed(from: string, { status, message }: Verdict): Verdict {
  return { status, message: from + message };
}

function isThere(resolve: () => unknown): boolean {
  try {
    return resolve() !== undefined;
  } catch {
    return false;
  }
}
