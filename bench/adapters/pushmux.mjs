import { oneByOne } from "../drivers.mjs";
import { PAYLOAD } from "../notification.mjs";
import { builtModule } from "../paths.mjs";

/** @typedef {import("./contender.mjs").Contender} Contender */
/** @typedef {import("./contender.mjs").Context} Context */

/**
 * pushmux through its two ways to send: many at once, and one by one.
 *
 * @param {string} platform
 * @param {(context: Context) => object} configOf
 * @param {(context: Context) => (number: number) => unknown} tokensOf
 * @returns {Contender[]}
 */
export function pushmux(platform, configOf, tokensOf) {
  /** @param {Context} context */
  const open = async (context) => {
    const { getPushProvider } = await import(builtModule("index"));
    const config = { ...configOf(context), ca: context.ca, max_concurrency: context.in_flight };
    return { provider: await getPushProvider(platform, config), tokenOf: tokensOf(context) };
  };
  return [
    {
      name: "pushmux streamNotifications",
      role: "pushmux",
      distance: true,
      async open(context) {
        const { provider, tokenOf } = await open(context);
        return { drive: (load) => stream(provider, tokenOf, load), close: () => provider.close() };
      },
    },
    {
      name: "pushmux sendNotification",
      role: "pushmux",
      async open(context) {
        const { provider, tokenOf } = await open(context);
        const drive = oneByOne(async (number) =>
          failureIn(await provider.sendNotification(tokenOf(number), PAYLOAD)),
        );
        return { drive, close: () => provider.close() };
      },
    },
  ];
}

/**
 * @param {any} provider
 * @param {(number: number) => unknown} tokenOf
 * @param {import("../load.mjs").Load} load
 */
async function stream(provider, tokenOf, load) {
  let first = -1;
  function* notifications() {
    for (let number = load.take(); number >= 0; number = load.take()) {
      if (first < 0) first = number;
      yield [tokenOf(number), PAYLOAD];
    }
  }
  for await (const result of provider.streamNotifications(notifications())) {
    load.settle(first + result.index, failureIn(result));
  }
}

/** @param {{ success: boolean, error_code?: string, reason?: string, message: string, attempts: number }} result */
function failureIn(result) {
  if (!result.success) return `${result.error_code} ${result.reason ?? ""} ${result.message}`;
  return result.attempts === 1 ? undefined : `took ${result.attempts} attempts`;
}
