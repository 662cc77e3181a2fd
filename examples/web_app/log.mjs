/** @typedef {(level: "info" | "error", message: string, fields?: object) => void} Log */

/**
 * One line each, with the time: `2030-01-01T12:00:00.000Z info push request method=POST status=200`.
 *
 * @param {NodeJS.WritableStream} stream
 * @returns {Log}
 */
export function createLog(stream) {
  return (level, message, fields = {}) => {
    const pairs = Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => ` ${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
    // A line stays a line, whatever somebody calls themselves.
    const text = `${new Date().toISOString()} ${level} ${message}${pairs.join("")}`;
    stream.write(`${text.replace(/\p{Cc}/gu, " ")}\n`);
  };
}
