import { afterAll, beforeAll, expect, it } from "vitest";
import { getPushProvider } from "../../../src/index.js";
import { startWebPushService, type WebPushService } from "../../../src/testing/index.js";
import { type ConnectProxy, startConnectProxy } from "../../e2e/connect_proxy.js";

let service: WebPushService;
let proxy: ConnectProxy;
beforeAll(async () => {
  service = await startWebPushService({ host: "push.example.org" });
  proxy = await startConnectProxy("push.example.org", service.port);
});
afterAll(() => Promise.all([proxy.close(), service.close()]));

it("with a name of its own it is reached through a proxy, and checks that senders mean that name", async () => {
  const device = service.createDevice({ vendor: "fcm" });
  expect(device.endpoint).toMatch(/^https:\/\/push\.example\.org\/fcm\/send\//);
  await using provider = await getPushProvider("web_push", { ...service.config, proxy: proxy.url });
  const result = await provider.sendNotification(device.device_token, { title: "Hello" });
  expect(result).toMatchObject({ success: true, status_code: 201 });
  expect(device.received).toMatchObject([{ claims: { aud: "https://push.example.org" } }]);
  expect(service).toMatchObject({
    origin: "https://push.example.org",
    config: { allowed_hosts: ["push.example.org"] },
  });
});

it("a service without that name is not mistaken for it", async () => {
  await using other = await startWebPushService();
  const stray = await startConnectProxy("push.example.org", other.port);
  const retry = { max_attempts: 1 };
  const provider = await getPushProvider("web_push", { ...service.config, proxy: stray.url, retry });
  const { device_token } = service.createDevice();
  const result = await provider.sendNotification(device_token, { title: "Hello" });
  await Promise.all([provider.close(), stray.close()]);
  expect(result).toMatchObject({ success: false, error_code: "NETWORK_ERROR" });
  expect(other.received).toEqual([]);
});
