// A small real use of every door, the same for both kinds of load. What it saw goes to stdout as one line of JSON.

/** @param {(door: string) => any} load `import` or `require` */
export async function useEveryDoor(load) {
  const front = await load("pushmux");
  const seen = {
    simulation: await useSimulation(front, await load("pushmux/simulation")),
    web_push: await useWebPush(front, await load("pushmux/web_push"), await load("pushmux/testing")),
    provider_kit: await useProviderKit(front, await load("pushmux/provider_kit")),
  };
  console.log(JSON.stringify({ ...seen, left: await leftOpen() }));
}

/** What would keep this process alive. A socket that was closed just now needs some turns to be gone. */
async function leftOpen() {
  const deadline = performance.now() + 1000;
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    const left = process.getActiveResourcesInfo().filter((name) => !OURS.test(name));
    if (left.length === 0 || performance.now() > deadline) return left;
  }
}

/** Stdout, stderr, and the turn of the loop that is running. */
const OURS = /^(PipeWrap|TTYWrap|Immediate)$/;

async function useSimulation(front, { SimulationProvider }) {
  const provider = await front.getPushProvider("simulation", { success_rate: 1, delivery_delay_ms: 0 });
  const result = await provider.sendNotification("a-token", { title: "Hello" });
  const seen = {
    ...identity(front, provider, SimulationProvider),
    success: result.success,
    deliveries: provider.deliveries.length,
  };
  await provider.close();
  return seen;
}

async function useWebPush(front, { generateVapidKeys, WebPushProvider }, { startWebPushService }) {
  const keys = generateVapidKeys();
  const service = await startWebPushService();
  const provider = await front.getPushProvider("web_push", service.config);
  const device = await service.createDevice();
  const result = await provider.sendNotification(device.device_token, { title: "Hello" });
  const seen = {
    ...identity(front, provider, WebPushProvider),
    keys: Object.values(keys).map((key) => key.length),
    success: result.success,
    status_code: result.status_code,
    received: service.received.length,
  };
  await provider.close();
  await service.close();
  return seen;
}

async function useProviderKit(front, { defineProvider, PushError, PushNotificationProvider }) {
  const definition = defineProvider({
    platform: "refuses_to_open",
    config: { shape: {}, safeParse: (data) => ({ success: true, data }) },
    codec: () => {
      throw new PushError("CONFIG_INVALID", "it never opens");
    },
  });
  front.registerProvider(definition);
  const error = await front.getPushProvider("refuses_to_open", {}).catch((reason) => reason);
  return {
    listed: front.getAvailablePlatforms().includes("refuses_to_open"),
    refused: front.PushError.is(error) && error.code,
    same_base: PushNotificationProvider === front.PushNotificationProvider,
  };
}

function identity(front, provider, Class) {
  return {
    of_its_class: provider instanceof Class,
    of_the_base: provider instanceof front.PushNotificationProvider,
  };
}
