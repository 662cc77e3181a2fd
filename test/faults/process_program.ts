/**
 * A process of its own, without a listener for what escapes: an unhandled rejection or an uncaught exception ends it
 * with an error, and anything left open keeps it from ending at all. It prints how many met which end.
 */
import { getPushProvider } from "../../src/index.js";
import { each, PLATFORMS, payload, platformOf, type Service, STARTERS } from "./services.js";

const COUNT = 1000;
const codes: Record<string, Record<string, number>> = {};

await Promise.all(
  PLATFORMS.map(async (name) => {
    const service = (await STARTERS[name]({})) as unknown as Service;
    const provider = await getPushProvider(platformOf(name), {
      ...service.config,
      ...{ timeout_seconds: 2, max_concurrency: 100, retry: { base_delay_ms: 1 } },
    });
    const devices = Array.from({ length: COUNT }, () => service.createDevice());
    for (const { device_token } of each(20, devices)) service.fault("stall", { device_token, times: 1 });
    for (const { device_token } of each(20, devices, 1)) service.respond(device_token, { status: 502 });
    for (const { device_token } of each(20, devices, 2))
      service.respond(device_token, { status: 400, body: "<html>" });
    for (const after of [200, 400, 600]) service.fault("reset", { after, times: 1 });
    for (const after of [300, 500, 700]) service.fault("close", { after, times: 1, before_reading: true });
    service.fault("half_response", { after: 800, times: 1 });
    service.fault("expired_credentials", { after: 100, times: 20 });
    const tally: Record<string, number> = {};
    for await (const { error_code = "accepted" } of provider.streamNotifications(
      devices.map(({ device_token }) => [device_token, payload]),
    ))
      tally[error_code] = (tally[error_code] ?? 0) + 1;
    codes[name] = tally;
    // A send that is given up, and one that nobody waits for.
    const stop = new AbortController();
    const given_up = provider.sendNotification(devices[0]?.device_token, payload, { signal: stop.signal });
    void provider.sendNotification(devices[1]?.device_token, payload);
    stop.abort();
    await given_up;
    await provider.close({ timeout_seconds: 0 });
    await service.close();
  }),
);

process.stdout.write(JSON.stringify(codes));
