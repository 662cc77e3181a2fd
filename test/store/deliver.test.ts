import { afterEach, describe, expect, it } from "vitest";
import { createPushRouter, getPushProvider, type PushNotificationResult } from "../../src/index.js";
import { deliver, openMemoryStore, type SubscriptionStore } from "../../src/store/index.js";
import { startFcmService, startWebPushService } from "../../src/testing/index.js";

const closing: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one.close();
});
function closeLater<One extends { close(): Promise<unknown> }>(one: One): One {
  closing.push(one);
  return one;
}

async function all(results: AsyncIterable<PushNotificationResult>): Promise<PushNotificationResult[]> {
  const list: PushNotificationResult[] = [];
  for await (const result of results) list.push(result);
  return list.sort((a, b) => a.index - b.index);
}

const simulation = async (outcomes: object = {}) =>
  closeLater(
    await getPushProvider(
      "simulation",
      { success_rate: 1, delivery_delay_ms: [0, 0], outcomes: outcomes as never, retry: { max_attempts: 1 } },
      { force_new: true },
    ),
  );

describe("deliver", () => {
  it("writes down what it sends, over several services, and removes what is gone", async () => {
    const web_push = closeLater(await startWebPushService());
    const fcm = closeLater(await startFcmService());
    const store = closeLater(openMemoryStore());
    const router = closeLater(await createPushRouter({ web_push: web_push.config, fcm: fcm.config }));
    const [browser, phone, lost] = [web_push.createDevice(), fcm.createDevice(), web_push.createDevice()];
    lost.unsubscribe();
    const targets = [
      { platform: "web_push", device_token: browser.device_token },
      { platform: "fcm", device_token: phone.device_token },
      { platform: "web_push", device_token: lost.device_token },
    ];
    await store.upsert(targets);
    const payload = Object.freeze({ title: "Hello" });
    const results = await all(
      deliver(
        targets.map((target) => ({ ...target, payload })),
        { store, router },
      ),
    );
    expect(results.map(({ success, error_code }) => error_code ?? success)).toEqual([
      true,
      true,
      "UNREGISTERED",
    ]);
    const log = await store.deliveries();
    expect(log.map(({ message_id, status }) => `${message_id} ${status}`).sort()).toEqual(
      results.map(({ message_id, success }) => `${message_id} ${success ? "sent" : "failed"}`).sort(),
    );
    // All services carry the id by which the device acknowledges.
    const [shown] = await browser.waitForMessages();
    expect(shown?.json).toMatchObject({ notification: { data: { message_id: results[0]?.message_id } } });
    expect(phone.received[0]?.message?.data).toMatchObject({ message_id: results[1]?.message_id });
    expect(await store.count()).toBe(2);
  });

  it("takes one provider; a payload's own message_id stays; what is not stored is sent to as well", async () => {
    const store = openMemoryStore();
    const provider = await simulation({ bad: "RATE_LIMITED" });
    const sent = ["good", "bad", "", "other"].map((device_token, i) => ({
      ...{ platform: "simulation", device_token },
      payload: { title: "Hello", ...(i === 0 ? { message_id: "mine" } : {}) },
    }));
    const results = await all(deliver(sent, { store, provider }));
    expect(results.map(({ error_code }) => error_code)).toEqual([
      ...[undefined, "RATE_LIMITED", "INVALID_TOKEN", undefined],
    ]);
    expect(results[0]?.message_id).toBe("mine");
    const log = await store.deliveries();
    const of = (result: PushNotificationResult | undefined) =>
      log.find(({ message_id }) => message_id === result?.message_id)?.status;
    expect(results.map(of)).toEqual(["sent", "failed", "failed", "sent"]);
    expect(provider.deliveries).toHaveLength(2);
    // It is the caller's to close.
    expect((await provider.sendNotification("good", { title: "x" })).success).toBe(true);
  });

  it("has stored a result when it hands it over", async () => {
    const store = openMemoryStore();
    const provider = await simulation();
    const many = Array.from({ length: 50 }, (_, i) => ({
      ...{ platform: "simulation", device_token: `token ${i}`, payload: { title: "Hello" } },
    }));
    for await (const { message_id } of deliver(many, { store, provider })) {
      const log = await store.deliveries({ limit: 100 });
      expect(log.find((row) => row.message_id === message_id)?.status).toBe("sent");
    }
  });

  it("aborted or left early, it stops the rest and writes that down", async () => {
    const provider = closeLater(
      await getPushProvider("simulation", {
        delivery_delay_ms: [5, 10],
        success_rate: 1,
        max_concurrency: 2,
      }),
    );
    const many = Array.from({ length: 40 }, (_, i) => ({
      ...{ platform: "simulation", device_token: `token ${i}`, payload: { title: "Hello" } },
    }));
    const statuses = async (store: SubscriptionStore) => {
      const log = await store.deliveries({ limit: 100 });
      const count = (...codes: (string | null)[]) =>
        log.filter((row) => codes.includes(row.error_code)).length;
      return {
        open: log.filter(({ status }) => status === "sending").length,
        aborted: count("ABORTED"),
        sent: count(null),
      };
    };
    const left = openMemoryStore();
    for await (const _result of deliver(many, { store: left, provider })) break;
    const after_leaving = await statuses(left);
    expect(after_leaving.open).toBe(0);
    expect(after_leaving.sent).toBeGreaterThan(0);
    expect(after_leaving.aborted).toBeGreaterThan(20);

    const aborted = openMemoryStore();
    const signal = AbortSignal.abort();
    const results = await all(deliver(many, { store: aborted, provider, signal }));
    expect(results).toHaveLength(40);
    expect(await statuses(aborted)).toEqual({ open: 0, aborted: 40, sent: 0 });
  });

  it("without anybody to send it is refused", async () => {
    const options = { store: openMemoryStore() } as never;
    await expect(all(deliver([], options))).rejects.toMatchObject({ code: "OPTIONS_INVALID" });
  });

  it("rejects, and sends nothing, when the store cannot take it", async () => {
    const store = openMemoryStore();
    await store.close();
    const provider = await simulation();
    const notifications = [{ platform: "simulation", device_token: "a", payload: { title: "Hello" } }];
    await expect(all(deliver(notifications, { store, provider }))).rejects.toMatchObject({
      code: "PROVIDER_CLOSED",
    });
    expect(provider.deliveries).toEqual([]);
  });
});
