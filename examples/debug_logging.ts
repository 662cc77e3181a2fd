// What happens inside a send: events, a logger, PUSHMUX_DEBUG, and results that are fit for a log.
// It uses the simulation, so it runs offline. None of these four shows a token, a payload or a key.
import { getPushProvider, redactResult } from "pushmux";

// One line on stderr per event, without touching the code: PUSHMUX_DEBUG=simulation node app.js (or web_push,fcm or *).
process.env.PUSHMUX_DEBUG ??= "simulation";

const provider = await getPushProvider(
  "simulation",
  {
    success_rate: 1,
    delivery_delay_ms: 0,
    retry: { base_delay_ms: 20 },
    outcomes: { "alice's phone": ["SERVICE_UNAVAILABLE", "success"], "bob's phone": "UNREGISTERED" },
  },
  {
    // Called (fields, message): console and pino fit as they are. `debug` gets every event, `warn` and `error` what is wrong.
    logger: console,
    // The same events as typed objects, for metrics: one `attempt` per request, one `settled` per notification.
    on_event(event) {
      if (event.type === "attempt" && event.next === "wait") {
        console.log(`metric push_retries{platform="${event.platform}",code="${event.error_code}"} 1`);
      }
      if (event.type === "settled") {
        console.log(`metric push_settled{platform="${event.platform}",success="${event.success}"} 1`);
      }
    },
  },
);

for (const token of ["alice's phone", "bob's phone"]) {
  const result = await provider.sendNotification(token, { title: "Secret plan", body: "Meet at nine" });
  // A result is your own data and holds the whole token. This copy has a fingerprint in its place.
  console.log("result", redactResult(result));
}

// How it went so far, and who sends.
console.log("counters", provider.getPlatformInfo().counters);
console.log("health", (await provider.healthCheck()).status);
await provider.close();
