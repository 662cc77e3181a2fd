import { webPush } from "../../providers/web_push/index.js";
import { checkConfig } from "../../src/config.js";
import { systemClock } from "../../src/engine/clock.js";
import { getPushProvider, type PushNotificationProvider } from "../../src/index.js";
import type { ScriptedAnswer } from "../../src/testing/index.js";
import { startWebPushService } from "../../src/testing/index.js";
import { describeConformance } from "./suite.js";
import type { Step } from "./world.js";

const LIMIT = 3993;

function answer(step: Step): ScriptedAnswer {
  if (step === "accept") return { status: 201 };
  if (step === "gone") return { status: 410 };
  if (step === "silence") throw new Error("silence is a fault, not an answer");
  const headers = step.retry_after === undefined ? {} : { "retry-after": step.retry_after };
  return { status: step.code === "RATE_LIMITED" ? 429 : 503, headers };
}

describeConformance({
  platform: "web_push",
  payload: { title: "hello", body: "world" },
  oversize: oversize(),
  invalid_token: "not a subscription",
  retry_after_header: true,
  tells_lifetime: true,
  wrongConfig: (canary) => ({ vapid_public_key: canary, vapid_private_key: canary, vapid_subject: canary }),
  async codec() {
    const service = await startWebPushService();
    const config = checkConfig("web_push", webPush.config, service.config);
    await service.close();
    return (await webPush.codec(config, { clock: systemClock, random: Math.random })) as never;
  },
  async open(script = {}, config = {}, options = {}) {
    const service = await startWebPushService();
    const provider_config = { ...service.config, ...config };
    const provider: PushNotificationProvider = await getPushProvider("web_push", provider_config, options);
    const devices = new Map(Object.keys(script).map((name) => [name, service.createDevice()]));
    for (const [name, steps] of Object.entries(script)) {
      const token = tokenOf(name);
      if (steps[0] === "silence") service.fault("stall", { device_token: token });
      else if (steps.length === 1 && steps[0]) service.respond(token, answer(steps[0]));
      else service.respond(token, ...steps.map(answer));
    }
    const leases: PushNotificationProvider[] = [provider];
    function tokenOf(name: string): string {
      const device = devices.get(name);
      if (!device) throw new Error(`no device ${name}`);
      return device.device_token;
    }
    const requestsOf = (name: string) =>
      service.received.filter((entry) => entry.device_token === tokenOf(name));
    return {
      provider,
      token: tokenOf,
      tokens: (count) => Array.from({ length: count }, () => service.createDevice().device_token),
      lease: async () => {
        const lease = await getPushProvider("web_push", provider_config, options);
        leases.push(lease);
        return lease;
      },
      requests: (name) => requestsOf(name).length,
      total: () => service.received.length,
      lifetime: (name) => Number(requestsOf(name)[0]?.headers.ttl),
      secrets: [
        service.config.vapid_private_key,
        ...[...devices.values()].flatMap(({ subscription }) => [
          subscription.keys.auth,
          subscription.keys.p256dh,
          new URL(subscription.endpoint).pathname,
        ]),
      ],
      end: async () => {
        await Promise.all(leases.map((lease) => lease.close({ timeout_seconds: 0 })));
        await service.close();
      },
    };
  },
});

/** One byte too many: the envelope's own length is found by asking with a body that is certainly too long. */
function oversize() {
  const envelope = (body: string) =>
    Buffer.byteLength(
      JSON.stringify({
        notification: { title: "t", body, data: { message_id: crypto.randomUUID() }, timestamp: Date.now() },
      }),
    );
  return { limit: LIMIT, payload: { title: "t", body: "x".repeat(LIMIT + 1 - envelope("")) } };
}
