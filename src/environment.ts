import { checkConfig, configInvalid, type SharedConfig } from "./config.js";
import { PushError } from "./errors.js";
import type { AnyDefinition } from "./platforms.js";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A provider's config from the environment: its own variables, and `<PLATFORM>_TTL_SECONDS`, `<PLATFORM>_TIMEOUT_SECONDS`.
 * Environment and argument are never merged.
 *
 * @throws PushError `CONFIG_INVALID` naming the variables that are missing.
 */
export function configFromEnvironment(definition: AnyDefinition, env: Environment): SharedConfig {
  const { platform, environment = {} } = definition;
  const prefix = platform.toUpperCase();
  const config: Record<string, unknown> = {};
  for (const [key, names] of Object.entries(environment)) {
    const name = names.find((candidate) => env[candidate]);
    if (name) config[key] = env[name];
  }
  for (const key of ["ttl_seconds", "timeout_seconds"]) {
    const text = env[`${prefix}_${key.toUpperCase()}`];
    if (text) config[key] = Number(text);
  }
  try {
    return checkConfig(platform, definition.config, config);
  } catch (error) {
    throw PushError.is(error) ? withVariableNames(error, platform, environment, config) : error;
  }
}

function withVariableNames(
  error: PushError,
  platform: string,
  environment: Readonly<Record<string, readonly string[]>>,
  config: Readonly<Record<string, unknown>>,
): PushError {
  const issues = (error.issues ?? []).map((issue) => {
    const names = environment[issue.path];
    if (!names || issue.path in config) return issue;
    return { path: issue.path, message: `give a config, or set ${names.join(" or ")}` };
  });
  return configInvalid(platform, issues, error.cause);
}
