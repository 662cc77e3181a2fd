/**
 * How a library is kept busy. `(load) => Promise` sends until the load hands out no more, with `load.in_flight` of them
 * at a time, and settles each.
 *
 * @typedef {(load: import("./load.mjs").Load) => Promise<unknown>} Driver
 */

/**
 * One call per notification, as many calls at a time as may be in flight.
 *
 * @param {(number: number) => Promise<unknown>} send resolves with undefined when the service accepted it, else with the failure
 * @returns {Driver}
 */
export function oneByOne(send) {
  return (load) => {
    const work = async () => {
      for (let number = load.take(); number >= 0; number = load.take()) {
        load.settle(number, await send(number).catch(failureOf));
      }
    };
    return Promise.all(Array.from({ length: load.in_flight }, work));
  };
}

/**
 * One call for as many notifications as may be in flight, the next one when it is done.
 *
 * @param {(numbers: number[]) => Promise<readonly unknown[]>} send resolves with one entry per notification, see above
 * @param {{ most?: number, calls?: number | undefined }} [limits] `most`: notifications that one call takes; `calls`: at a time, default as many as it takes
 * @returns {Driver}
 */
export function inChunks(send, { most = Number.POSITIVE_INFINITY, calls } = {}) {
  return (load) => {
    const size = Math.min(load.in_flight, most);
    const work = async () => {
      for (let numbers = takeMany(load, size); numbers.length > 0; numbers = takeMany(load, size)) {
        const failures = await send(numbers).catch((error) => numbers.map(() => failureOf(error)));
        numbers.forEach((number, i) => {
          load.settle(number, failures[i]);
        });
      }
    };
    return Promise.all(Array.from({ length: calls ?? Math.floor(load.in_flight / size) }, work));
  };
}

/**
 * @param {import("./load.mjs").Load} load
 * @param {number} size
 */
function takeMany(load, size) {
  const numbers = [];
  while (numbers.length < size) {
    const number = load.take();
    if (number < 0) break;
    numbers.push(number);
  }
  return numbers;
}

/** @param {unknown} error */
function failureOf(error) {
  return error ?? "rejected with nothing";
}
