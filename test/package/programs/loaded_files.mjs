// What each step has loaded so far, as seen by a hook of Node's own loader and by the cache of require.
import { readFileSync } from "node:fs";
import { createRequire, register } from "node:module";
import { fileURLToPath } from "node:url";

const log = new URL("loaded_files.log", import.meta.url);
register("./loaded_files_hook.mjs", import.meta.url, { data: log.href });

const front = await import("pushmux");
report("front door");
const simulation = await front.getPushProvider("simulation");
report("simulation");
await simulation.close();
const { startWebPushService } = await import("pushmux/testing");
const service = await startWebPushService();
const provider = await front.getPushProvider("web_push", service.config);
await provider.sendNotification((await service.createDevice()).device_token, { title: "Hello" });
report("everything");
await provider.close();
await service.close();

function report(step) {
  const by_import = readFileSync(log, "utf8")
    .trim()
    .split("\n")
    .filter((url) => url.startsWith("file:"));
  const by_require = Object.keys(createRequire(import.meta.url).cache);
  console.log(
    JSON.stringify({ step, files: [...by_import.map((url) => fileURLToPath(url)), ...by_require] }),
  );
}
