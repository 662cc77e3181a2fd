import { createPushClient } from "/browser.js";

const client = createPushClient({ service_worker_url: "/sw.js?icon=/default.png", user_id: "u-7" });
const element = (id) => document.getElementById(id);

client.on("state", async (state) => {
  const subscription = await client.getSubscription();
  element("subscription").textContent = subscription ? JSON.stringify(subscription, null, 2) : "";
  element("state").textContent = state;
});
client.on("notification", (notification) => {
  const item = document.createElement("li");
  item.textContent = JSON.stringify(notification);
  item.dataset.messageId = notification.data.message_id ?? "";
  element("arrived").append(item);
});

const actions = {
  initialize: client.initialize,
  subscribe: client.subscribe,
  unsubscribe: client.unsubscribe,
  toggle: client.toggle,
  test: () => client.sendTest({ title: "From the page" }),
};
for (const name of ["subscribe", "unsubscribe", "toggle", "test"]) {
  element(name).addEventListener("click", () => act(name));
}
await act("initialize");

async function act(name) {
  element("outcome").textContent = "";
  const outcome = await actions[name]().catch((error) => `${error.code}: ${error.message}`);
  element("outcome").textContent = `${name} ${JSON.stringify(outcome)}`;
}
