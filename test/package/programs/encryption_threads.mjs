// Sends to many at once with encryption in threads. What was seen goes to stdout as one line of JSON.
import { createHook } from "node:async_hooks";
import { MessagePort } from "node:worker_threads";

/** @param {(door: string) => any} load `import` or `require` */
export async function encryptInThreads(load) {
  const seen = { threads: 0, batches: 0 };
  createHook({ init: (_id, type) => type === "WORKER" && seen.threads++ }).enable();
  const { postMessage } = MessagePort.prototype;
  MessagePort.prototype.postMessage = function (message, ...rest) {
    if (message?.task?.messages?.length > 0) seen.batches++;
    return postMessage.call(this, message, ...rest);
  };

  const { getPushProvider } = await load("pushmux");
  const { startWebPushService } = await load("pushmux/testing");
  const service = await startWebPushService();
  const devices = await Promise.all(Array.from({ length: 100 }, () => service.createDevice()));
  const tokens = devices.map(({ device_token }) => device_token);
  const config = { ...service.config, encryption_threads: 2 };

  const provider = await getPushProvider("web_push", config);
  const results = await provider.sendMulticastNotification(tokens, { title: "Hello" });
  await provider.close();
  await service.close();
  const sent = { ...seen };

  // Never closed, and its threads have had work.
  const forgotten = await getPushProvider("web_push", config);
  const tried = await forgotten.sendMulticastNotification(tokens, { title: "Hello" }, { dry_run: true });
  console.log(
    JSON.stringify({
      accepted: results.filter(({ success }) => success).length,
      read: devices.filter(({ received }) => received[0]?.json?.notification.title === "Hello").length,
      threads: sent.threads,
      sent_in_batches: sent.batches > 0,
      tried: tried.length,
      tried_in_batches: seen.batches > sent.batches,
    }),
  );
}
