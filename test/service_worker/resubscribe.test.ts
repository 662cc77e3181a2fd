import { describe, expect, it } from "vitest";
import { KEY, useServer } from "./support.js";

const server = useServer();
const SERVER_DOWN = { status: 503, body: "" };
const OLD_KEY = KEY.replace("A", "B");

describe("P1 5.2.a6 the browser has ended a subscription", () => {
  it("a new one is made with the key that the server has now, and takes the old one's place there", async () => {
    const worker = server.worker();
    const window = worker.openWindow("https://example.org/");
    await worker.dispatch("pushsubscriptionchange", { oldSubscription: worker.newSubscription("old") });
    expect(worker.subscribed).toEqual([KEY]);
    expect(server.api.bodies("resubscribe")).toEqual([
      {
        old_endpoint: "https://push.example.net/old",
        subscription: worker.newSubscription("made-by-the-worker").toJSON(),
        device_id: worker.storage.values.get("device_id"),
      },
    ]);
    expect(window.heard).toEqual([{ type: "pushmux:subscription_change" }]);
    expect(server.api.complaints).toEqual([]);
  });

  it("the browser itself may have made the new one, and may not say which was the old one", async () => {
    const worker = server.worker();
    await worker.dispatch("pushsubscriptionchange", {
      oldSubscription: null,
      newSubscription: worker.newSubscription("made-by-the-browser"),
    });
    expect(worker.subscribed).toEqual([]);
    expect(server.api.paths).toEqual(["resubscribe"]);
    expect(server.api.bodies("resubscribe")[0]).not.toHaveProperty("old_endpoint");
    expect(server.api.complaints).toEqual([]);
  });

  it("the device's new key, which voids the old one, is kept", async () => {
    server.api.answers.resubscribe = { status: 200, body: JSON.stringify({ device_key: "the-new-one" }) };
    const worker = server.worker();
    worker.storage.values.set("device_key", "the-old-one");
    await worker.dispatch("pushsubscriptionchange", { oldSubscription: worker.newSubscription("old") });
    expect(worker.storage.values.get("device_key")).toBe("the-new-one");
  });

  it("a key that is an option is used without asking", async () => {
    const worker = server.worker({ vapid_public_key: OLD_KEY });
    await worker.dispatch("pushsubscriptionchange", {});
    expect(worker.subscribed).toEqual([OLD_KEY]);
    expect(server.api.paths).toEqual(["resubscribe"]);
  });

  it("a server that does not say its key: the old subscription's is used", async () => {
    server.api.answers["vapid-public-key"] = SERVER_DOWN;
    const worker = server.worker();
    const options = { applicationServerKey: Uint8Array.from(Buffer.from(OLD_KEY, "base64url")).buffer };
    await worker.dispatch("pushsubscriptionchange", {
      oldSubscription: { ...worker.newSubscription("old"), options },
    });
    expect(worker.subscribed).toHaveLength(1);
    expect(server.api.paths).toEqual(["vapid-public-key", "resubscribe"]);
  });

  it.each([
    ["no key is to be had", "vapid-public-key"],
    ["the server cannot be told", "resubscribe"],
  ])("%s: the page will do it, nothing is thrown", async (_title, path) => {
    server.api.answers[path] = SERVER_DOWN;
    const worker = server.worker();
    const window = worker.openWindow("https://example.org/");
    await worker.dispatch("pushsubscriptionchange", { oldSubscription: worker.newSubscription("old") });
    expect(server.api.paths.at(-1)).toBe(path);
    expect(window.heard).toEqual([]);
  });
});
