// Sends one notification through the provider of ntfy.ts.
//
// NTFY_TOPIC names the topic (subscribe to it in the ntfy app first); NTFY_SERVER and NTFY_ACCESS_TOKEN are optional.
import { getPushProvider, registerProvider } from "pushmux";
import { ntfy } from "./ntfy.ts";

registerProvider(ntfy);

const provider = await getPushProvider("ntfy", {
  server: process.env.NTFY_SERVER,
  access_token: process.env.NTFY_ACCESS_TOKEN,
  ca: process.env.NTFY_CA,
});
const result = await provider.sendNotification(process.env.NTFY_TOPIC, {
  title: "Backup finished",
  body: "**42 GB** in 7 minutes",
  url: "https://example.org/backups/42",
  priority: "high",
  platform_data: { tags: ["floppy_disk"], markdown: true },
});
await provider.close();

if (result.success) {
  console.log(`✓ accepted by ntfy as ${result.service_message_id}`);
} else {
  console.log(`✗ ${result.error_code}: ${result.reason ?? result.message}`);
  process.exitCode = 1;
}
