import { createPushRouter, getPushProvider, registerProvider } from "../src/index.js";
import { FakeClock, plainDefinition, ScriptedTransport } from "./engine/support.js";

registerProvider(plainDefinition("router_a"));
registerProvider(plainDefinition("router_b"));

export const payload = { title: "t" };
export const on = (platform: string, token: string) => ({ platform, device_token: `h/${token}` });

/** A router over two services, each with a scripted wire of its own. */
export async function openRouter(options: Parameters<typeof createPushRouter>[1] = {}, config: object = {}) {
  const clock = new FakeClock();
  const wire_a = new ScriptedTransport(clock);
  const wire_b = new ScriptedTransport(clock);
  const seams = { clock, random: () => 0 };
  const provider_a = await getPushProvider("router_a", { ...config }, { ...seams, transport: wire_a });
  const provider_b = await getPushProvider("router_b", { ...config }, { ...seams, transport: wire_b });
  const router = await createPushRouter({ router_a: provider_a, router_b: provider_b }, options);
  return { router, clock, wire_a, wire_b, provider_b };
}
