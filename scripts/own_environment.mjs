const FOREIGN = /^(npm_|vitest|vite_|node_env$|node_options$|node_v8_coverage$|test$|init_cwd$)/i;

/**
 * The environment without what npm and vitest put there: it would steer an npm, node or vitest that is started inside.
 *
 * @returns {NodeJS.ProcessEnv}
 */
export function ownEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN.test(name)));
}
