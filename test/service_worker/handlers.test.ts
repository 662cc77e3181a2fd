import { describe, expect, it } from "vitest";
import { useServer } from "./support.js";

const server = useServer();
const NOW = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
const UUID = expect.stringMatching(/^[0-9a-f-]{36}$/);
const fates = () => server.api.bodies("ack").map(({ message_id, status }) => [message_id, status]);

describe("push", () => {
  it("5.3.7 shows the notification, before anything else", async () => {
    const worker = server.worker();
    expect(await worker.push({ notification: { title: "T", body: "B" } })).toMatchObject({
      title: "T",
      options: { body: "B" },
    });
  });

  it("5.2.weak no data at all gives the default notification", async () => {
    const worker = server.worker({ defaults: { title: "News" } });
    expect(await worker.push(null)).toMatchObject({
      title: "News",
      options: { body: "You have a new notification", data: {} },
    });
  });

  it("3.3.ack H3 a message with an id is acknowledged, with the device's id and the time in UTC", async () => {
    const worker = server.worker();
    await worker.push({ notification: { title: "T", data: { message_id: "m-1" } } });
    expect(server.api.bodies("ack")).toEqual([
      { message_id: "m-1", device_id: UUID, status: "delivered", received_at: NOW },
    ]);
    expect(server.api.bodies("ack")[0]?.device_id).toBe(worker.storage.values.get("device_id"));
    expect(server.api.complaints).toEqual([]);
  });

  it("one without an id is not; none is when the server keeps no log", async () => {
    await server.worker().push({ title: "T" });
    await server.worker({ acknowledge: false }).push({ title: "T", message_id: "m-1" });
    expect(server.api.received).toEqual([]);
  });

  it("every open page hears of it", async () => {
    const worker = server.worker();
    const windows = [
      worker.openWindow("https://example.org/app/"),
      worker.openWindow("https://example.org/"),
    ];
    await worker.push({
      notification: { title: "T", body: "B", icon: "/i.png", data: { message_id: "m-1" } },
    });
    const notification = {
      title: "T",
      body: "B",
      icon: "/i.png",
      timestamp: expect.any(Number),
      data: { message_id: "m-1" },
      received_at: NOW,
    };
    for (const { heard } of windows) expect(heard).toEqual([{ type: "pushmux:notification", notification }]);
  });

  it("an option that the browser refuses does not cost the user the message", async () => {
    const worker = server.worker();
    worker.refused_option = "image";
    const message = { notification: { title: "T", body: "B", image: "/i.jpg", data: { message_id: "m-1" } } };
    expect(await worker.push(message)).toMatchObject({ title: "T", options: { body: "B" } });
    expect(fates()).toEqual([["m-1", "delivered"]]);
  });

  it("what cannot be shown at all has failed; no page hears of it, and nothing is thrown", async () => {
    const worker = server.worker();
    const window = worker.openWindow("https://example.org/");
    worker.refused_option = "body";
    await worker.push({ notification: { title: "T", data: { message_id: "m-1" } } });
    expect(fates()).toEqual([["m-1", "failed"]]);
    expect(window.heard).toEqual([]);
  });

  it.each([{ status: 500, body: "" }, "stall"] as const)(
    "a server that answers %j changes nothing for the user",
    async (answer) => {
      server.api.answers.ack = answer;
      const worker = server.worker({ timeout_seconds: 0.3 });
      expect(await worker.push({ title: "T", message_id: "m-1" })).toMatchObject({ title: "T" });
    },
  );

  it.each(["closed", "silent"] as const)("nor does a device without storage (%s)", async (mood) => {
    const worker = server.worker({ timeout_seconds: 0.3 });
    worker.storage.mood = mood;
    const window = worker.openWindow("https://example.org/");
    expect(await worker.push({ title: "T", message_id: "m-1" })).toMatchObject({ title: "T" });
    expect(window.heard).toHaveLength(1);
    expect(fates()).toEqual([]);
  });

  it("a declarative message sets the number on the app's icon", async () => {
    const worker = server.worker();
    const notification = { title: "T", navigate: "https://example.org/" };
    await worker.push({ web_push: 8030, notification, app_badge: 3 });
    await worker.push({ title: "T" });
    expect(worker.badges).toEqual([3]);
  });

  it("a browser that proposes the notification shows it itself, and the worker does the rest", async () => {
    const worker = server.worker();
    const window = worker.openWindow("https://example.org/");
    const notification = { title: "T", body: "B", icon: "", tag: "", data: { message_id: "m-1" } };
    await worker.dispatch("push", { data: null, notification });
    expect(worker.shown).toEqual([]);
    expect(fates()).toEqual([["m-1", "delivered"]]);
    expect(window.heard).toMatchObject([{ notification: { title: "T", body: "B" } }]);
  });

  it("one that proposes none shows nothing by itself", async () => {
    const worker = server.worker();
    await worker.dispatch("push", { data: null, notification: null });
    expect(worker.shown).toHaveLength(1);
  });
});

describe("click", () => {
  const shown = { title: "T", body: "B", data: { url: "/orders/42", message_id: "m-1" } };
  async function shownBy(worker: ReturnType<typeof server.worker>, notification: object = shown) {
    const one = await worker.push({ notification });
    if (!one) throw new Error("nothing was shown");
    return one;
  }

  it("3.3.click 5.1.w3 closes the notification, opens its URL and tells the server", async () => {
    const worker = server.worker();
    const one = await shownBy(worker);
    await worker.click(one);
    expect(one.closed).toBe(true);
    expect(worker.opened).toEqual(["https://example.org/orders/42"]);
    expect(fates()).toEqual([
      ["m-1", "delivered"],
      ["m-1", "opened"],
    ]);
  });

  it("P1 5.1.weak the window that shows the URL comes forward: compared as URLs, not as parts of text", async () => {
    const worker = server.worker();
    const [longer, there, below] = ["?page=2", "", "/items"].map((rest) =>
      worker.openWindow(`https://example.org/orders/42${rest}`),
    );
    await worker.click(await shownBy(worker));
    expect([longer?.focused, there?.focused, below?.focused]).toEqual([0, 1, 0]);
    expect(worker.opened).toEqual([]);
  });

  it("a window that shows only something like it is left alone", async () => {
    const worker = server.worker();
    const window = worker.openWindow("https://example.org/orders/421");
    await worker.click(await shownBy(worker));
    expect(window.focused).toBe(0);
    expect(worker.opened).toEqual(["https://example.org/orders/42"]);
  });

  it("a window that does not come forward is replaced by a new one", async () => {
    const worker = server.worker();
    worker.openWindow("https://example.org/orders/42").refuses = true;
    await worker.click(await shownBy(worker));
    expect(worker.opened).toEqual(["https://example.org/orders/42"]);
  });

  it.each([
    ["relative to the worker's scope", "orders", "https://example.org/app/orders"],
    ["absolute, at another site", "https://shop.example/a?b#c", "https://shop.example/a?b#c"],
    ["spelled otherwise", "https://EXAMPLE.org:443/a/../b", "https://example.org/b"],
    ["a script", "javascript:alert(1)", "https://example.org/app/home"],
    ["no URL", "https://", "https://example.org/app/home"],
    ["missing", undefined, "https://example.org/app/home"],
  ])("the URL is %s", async (_title, url, opened) => {
    const worker = server.worker({ defaults: { url: "home" } });
    await worker.click(await shownBy(worker, { title: "T", data: { url } }));
    expect(worker.opened).toEqual([opened]);
  });

  it("5.2.a6 without any URL the worker's scope is opened", async () => {
    const worker = server.worker();
    await worker.click(await shownBy(worker, { title: "T" }));
    expect(worker.opened).toEqual(["https://example.org/app/"]);
  });

  it("a notification that the page made is opened, too", async () => {
    const worker = server.worker();
    await worker.click({ title: "T", options: {}, closed: false });
    expect(worker.opened).toEqual(["https://example.org/app/"]);
    expect(server.api.received).toEqual([]);
  });

  it("an action opens its own URL, or the notification's if it has none", async () => {
    const worker = server.worker();
    const actions = [
      { action: "track", title: "Track", url: "/track/42" },
      { action: "view", title: "View" },
    ];
    const one = await shownBy(worker, { ...shown, actions });
    for (const action of ["track", "view", "constructor"]) await worker.click(one, action);
    expect(worker.opened).toEqual([
      "https://example.org/track/42",
      "https://example.org/orders/42",
      "https://example.org/orders/42",
    ]);
  });

  it("dismiss closes it, and opens nothing", async () => {
    const worker = server.worker();
    const one = await shownBy(worker, { ...shown, actions: [{ action: "dismiss", title: "Later" }] });
    await worker.click(one, "dismiss");
    expect(one.closed).toBe(true);
    expect(worker.opened).toEqual([]);
    expect(fates()).toEqual([
      ["m-1", "delivered"],
      ["m-1", "dismissed"],
    ]);
  });

  it("3.3.close a notification that is closed without a click was dismissed", async () => {
    const worker = server.worker();
    await worker.close(await shownBy(worker));
    await worker.close({ title: "made by the page", options: {}, closed: true });
    expect(fates()).toEqual([
      ["m-1", "delivered"],
      ["m-1", "dismissed"],
    ]);
  });

  it("one that was clicked was not, whatever else the browser says of it; the next one is on its own", async () => {
    const worker = server.worker();
    const one = await shownBy(worker);
    await worker.click(one);
    await worker.close(one);
    const other = await shownBy(worker, { ...shown, data: { message_id: "m-2" } });
    await worker.close(other);
    expect(fates()).toEqual([
      ["m-1", "delivered"],
      ["m-1", "opened"],
      ["m-2", "delivered"],
      ["m-2", "dismissed"],
    ]);
  });
});

describe("messages of a page", () => {
  const ask = async (worker: ReturnType<typeof server.worker>, data: unknown) => {
    const answers: unknown[] = [];
    await worker.dispatch("message", { data, ports: [{ postMessage: (one: unknown) => answers.push(one) }] });
    return answers;
  };

  it.each([{ type: "GET_VERSION" }, "GET_VERSION"])(
    "3.3.message %j is answered on the port",
    async (data) => {
      expect(await ask(server.worker({ version: "2.5" }), data)).toEqual([{ version: "2.5" }]);
      expect(await ask(server.worker(), data)).toEqual([
        { version: expect.stringMatching(/^\d+\.\d+\.\d+/) },
      ]);
    },
  );

  it.each([{ type: "SKIP_WAITING" }, "SKIP_WAITING"])("%j lets a new version take over", async (data) => {
    const worker = server.worker();
    expect(await ask(worker, data)).toEqual([]);
    expect(worker.skipped).toBe(1);
  });

  it("others are somebody else's, and one without a port is no fault", async () => {
    const worker = server.worker();
    for (const data of [null, undefined, 7, {}, { type: "X" }]) expect(await ask(worker, data)).toEqual([]);
    await worker.dispatch("message", { data: "GET_VERSION", ports: [] });
    expect(worker.skipped).toBe(0);
  });
});

it("listens to what push needs, and to nothing else: no page is kept, no fetch is answered, the worker's life is yours", () => {
  expect(server.worker().events).toEqual([
    "message",
    "notificationclick",
    "notificationclose",
    "push",
    "pushsubscriptionchange",
  ]);
});
