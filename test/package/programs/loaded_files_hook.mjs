import { appendFileSync } from "node:fs";

let log;

export function initialize(data) {
  log = new URL(data);
}

export async function load(url, context, nextLoad) {
  appendFileSync(log, `${url}\n`);
  return nextLoad(url, context);
}
