// Sends to one subscription, without a server: paste what the subscriber page shows into subscription.json, then
//   node examples/web_app/send.mjs --title Hello --body "From the command line" --url / --icon /icon-192x192.png
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { getPushProvider } from "pushmux";
import { createLog } from "./log.mjs";

const log = createLog(process.stdout);
const { values } = parseArgs({
  options: {
    subscription: { type: "string", default: "subscription.json" },
    keys: { type: "string", default: join(dataFolder(), "vapid_keys.json") },
    title: { type: "string", default: "Hello" },
    body: { type: "string", default: "Sent by a script" },
    url: { type: "string" },
    icon: { type: "string" },
    // A push service of your own: its host, and the certificate of its authority.
    host: { type: "string" },
    ca: { type: "string" },
  },
});

const { title, body, url, icon, host, ca } = values;
const provider = await getPushProvider("web_push", {
  ...(await readJson(values.keys)),
  ...(host && { allowed_hosts: [host], allow_private_endpoints: true }),
  ...(ca && { ca: await readFile(ca, "utf8") }),
});
const result = await provider.sendNotification(await readJson(values.subscription), {
  title,
  body,
  url,
  icon,
});
if (result.success) log("info", `accepted (${result.status_code}), message ${result.message_id}`);
else {
  const { error_code, status_code, reason, remove_token } = result;
  log("error", `${error_code}: ${result.message}`, { status_code, reason });
  if (remove_token) log("error", "this subscription is gone: subscribe again");
  process.exitCode = 1;
}
await provider.close();

/** @param {string} path */
async function readJson(path) {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    log("error", `${path}: ${error instanceof SyntaxError ? "no JSON" : "not to be read"}`);
    process.exit(1);
  }
}

/** Where the app keeps its keys. */
function dataFolder() {
  return process.env.PUSHMUX_DATA || fileURLToPath(new URL("data/", import.meta.url));
}
