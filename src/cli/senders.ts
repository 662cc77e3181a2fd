/** Who sends: platforms by name, and their credentials from the environment or a file, never from arguments. */
import { parseEnv } from "node:util";
import {
  getAvailablePlatforms,
  getPlatformStatus,
  getPushProvider,
  type ProviderOptions,
  type PushNotificationProvider,
} from "../index.js";
import { hint } from "../suggest.js";
import type { Given } from "./arguments.js";
import { CliError, EXIT } from "./exit.js";
import { isObject, readJsonObject, readText } from "./files.js";
import type { Io } from "./io.js";

/** The environment variables of each platform that say who sends; `doctor` names them. */
export const VARIABLES: Readonly<Record<string, readonly string[]>> = {
  web_push: [
    "WEB_PUSH_VAPID_PUBLIC_KEY",
    "VAPID_PUBLIC_KEY",
    "WEB_PUSH_VAPID_PRIVATE_KEY",
    "VAPID_PRIVATE_KEY",
    "WEB_PUSH_VAPID_SUBJECT",
    "VAPID_CLAIM_EMAIL",
  ],
  fcm: [
    "FCM_PROJECT_ID",
    "FCM_SERVICE_ACCOUNT_PATH",
    "FCM_CREDENTIALS_PATH",
    "GOOGLE_APPLICATION_CREDENTIALS",
  ],
  apns: [
    "APNS_TEAM_ID",
    "APNS_KEY_ID",
    "APNS_AUTH_KEY",
    "APNS_AUTH_KEY_PATH",
    "APNS_BUNDLE_ID",
    "APNS_TOPIC",
    "APNS_ENVIRONMENT",
  ],
  wns: ["WNS_TENANT_ID", "WNS_CLIENT_ID", "WNS_PACKAGE_SID", "WNS_CLIENT_SECRET", "WNS_NOTIFICATION_TYPE"],
};

/** The platforms that reach devices. */
export const SERVICES = Object.keys(VARIABLES);

/** The canonical name of a platform, given by name or alias. */
export function platformNamed(flag: string, name: string): string {
  const status = getPlatformStatus();
  const found = Object.keys(status).find(
    (platform) => platform === name || status[platform]?.aliases.includes(name),
  );
  if (found) return found;
  throw new CliError(`${flag}: unknown platform ${name}; ${hint(name, getAvailablePlatforms())}`);
}

/** Every platform that `--platform` names: given several times, or with commas. */
export function platformsOf(given: Given): string[] {
  const names = given.all("platform").flatMap((text) => text.split(","));
  return [...new Set(names.map((name) => platformNamed("--platform", name.trim())))];
}

/** The credentials that were given, by platform. A platform's come whole from the file, or whole from the environment. */
export class Senders {
  private constructor(private readonly configs: ReadonlyMap<string, Record<string, unknown>>) {}

  static async read(given: Given, io: Pick<Io, "stdin">): Promise<Senders> {
    const env_file = given.text("env-file");
    if (env_file !== undefined) addEnvironment(await readText("--env-file", env_file, io));
    const path = given.text("config");
    const content = path === undefined ? {} : await readJsonObject("--config", path, io);
    const configs = Object.entries(content).map(([name, config]) => {
      const platform = platformNamed(`--config ${path}`, name);
      if (isObject(config)) return [platform, config] as const;
      throw new CliError(`--config ${path}: ${name}: expected an object`, EXIT.CONFIG);
    });
    return new Senders(new Map(configs));
  }

  /** Where a platform's credentials come from; empty: there are none. Says nothing about whether they work. */
  sources(platform: string): readonly string[] {
    if (this.configs.has(platform)) return ["--config"];
    return (VARIABLES[platform] ?? []).filter((name) => process.env[name]);
  }

  /**
   * @param config in place of the credentials that were given
   * @throws PushError `CONFIG_INVALID`, `PEER_MISSING`.
   */
  open(
    platform: string,
    options?: ProviderOptions,
    config = this.configs.get(platform),
  ): Promise<PushNotificationProvider> {
    return getPushProvider(platform, config, options);
  }
}

function addEnvironment(text: string): void {
  for (const [name, value] of Object.entries(parseEnv(text))) process.env[name] ??= value;
}
