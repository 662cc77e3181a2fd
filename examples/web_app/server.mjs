// npm run demo:web. What can be set, and how to put it on a real address: docs/web_app.md
import { fileURLToPath } from "node:url";
import { createLog } from "./log.mjs";
import { startApp } from "./start.mjs";

const { env } = process;
const list = (text = "") => text.split(",").flatMap((name) => name.trim() || []);
const data_folder = env.PUSHMUX_DATA || fileURLToPath(new URL("data/", import.meta.url));

const app = await startApp({
  data_folder,
  port: Number(env.PORT || 3000),
  host: env.HOST || "127.0.0.1",
  log: createLog(process.stdout),
  trust_proxy: env.TRUST_PROXY === "1",
  ...(env.ADMIN_PASSWORD && { admin_password: env.ADMIN_PASSWORD }),
  ...(env.PUBLIC_URL && { public_url: env.PUBLIC_URL }),
  ...(env.VAPID_SUBJECT && { vapid_subject: env.VAPID_SUBJECT }),
  ...(env.TOPICS && { topics: list(env.TOPICS) }),
  // Each reads its own variables.
  platforms: Object.fromEntries(list(env.PLATFORMS).map((platform) => [platform, {}])),
});

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void app.close());

const { url, first_password } = app;
const words = [`Subscribe   ${url}/`, `Administer  ${url}/admin`];
if (first_password) {
  words.push(`Sign in as admin with the password ${first_password}`);
  words.push("It is shown this once; change it under Team.");
}
console.log(words.join("\n"));
