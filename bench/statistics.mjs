/** @param {readonly number[]} numbers */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/**
 * The ratio of two series in each round.
 *
 * @typedef {{ median: number, min: number, max: number }} Ratio
 */

/**
 * @param {readonly number[]} numerators
 * @param {readonly number[]} denominators of the same rounds
 * @returns {Ratio | undefined} undefined: there is no round of both
 */
export function pairedRatio(numerators, denominators) {
  const ratios = numerators.flatMap((value, i) => {
    const by = denominators[i];
    return by === undefined ? [] : [value / by];
  });
  if (ratios.length === 0) return undefined;
  return { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) };
}
