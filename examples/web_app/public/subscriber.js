import { createPushClient } from "/browser.js";
import { byId, make, say, timeOf, webAddress } from "./dom.js";
import { showHelp } from "./help.js";
import { hidePreferences, showPreferences, watchPreferences } from "./preferences.js";

const ICON = "/icon-192x192.png";
const WORKER = `/sw.js?${new URLSearchParams({ title: "Loop", icon: ICON, badge: "/badge-72x72.png" })}`;
/** So many are listed at most. */
const MOST_LISTED = 50;

const STATES = {
  unsupported: {
    name: "Not supported",
    headline: "This browser does not support push",
    lead: "It cannot receive notifications from websites.",
  },
  insecure_context: {
    name: "Not secure",
    headline: "This page came over http",
    lead: "Notifications need a secure connection.",
  },
  needs_home_screen: {
    name: "One step first",
    headline: "Almost there",
    lead: "On iPhone and iPad, notifications work once this site is on your home screen.",
  },
  default: {
    name: "Not subscribed",
    headline: "Stay in the loop",
    lead: "Get a notification when there is news, also while this page is closed. Your browser will ask whether you want that.",
  },
  unsubscribed: {
    name: "Not subscribed",
    headline: "Stay in the loop",
    lead: "Get a notification when there is news, also while this page is closed.",
  },
  subscribed: {
    name: "Subscribed",
    headline: "You are in the loop",
    lead: "This browser gets our notifications. Send yourself a test to see one.",
  },
  denied: {
    name: "Blocked",
    headline: "Notifications are blocked",
    lead: "This browser was told not to show any from this site. Only you can change that, in its settings.",
  },
};

const client = createPushClient({ service_worker_url: WORKER });
const status = byId("status");
const copy_status = byId("copy_status");

client.on("state", (state) => {
  showState(state).catch((error) => say(status, error.message, "bad"));
});
client.on("notification", list);
watchPreferences(client.getSubscription);

onClick("subscribe", status, async () => {
  await client.subscribe();
  return "Subscribed.";
});
onClick("unsubscribe", status, async () => {
  const { server_told } = await client.unsubscribe();
  return server_told ? "Canceled." : "Canceled here; the server learns of it when it sends next.";
});
onClick("test", status, async () => {
  const sent = await client.sendTest({ icon: ICON });
  if (sent.via === "server") return "Sent. It should appear in a moment.";
  return `Shown by this page only; the server did not send one: ${sent.error.message}`;
});
onClick("copy", copy_status, async () => {
  await navigator.clipboard.writeText(byId("subscription").textContent);
  return "Copied.";
});

try {
  await showState(await client.initialize());
} catch (error) {
  say(status, error.message, "bad");
  await client.getState().then(showState, () => {});
}

/** Says what came of it. Not disabled meanwhile: a button that is loses the focus. */
function onClick(id, place, work) {
  const button = byId(id);
  button.addEventListener("click", async () => {
    if (button.ariaBusy === "true") return;
    button.ariaBusy = "true";
    say(place, "One moment…");
    try {
      say(place, await work(), "good");
    } catch (error) {
      say(place, error.message, "bad");
    } finally {
      button.ariaBusy = "false";
    }
  });
}

async function showState(state) {
  const { name, headline, lead } = STATES[state];
  const is_subscribed = state === "subscribed";
  byId("state").dataset.state = state;
  byId("state").textContent = name;
  byId("headline").textContent = headline;
  byId("lead").textContent = lead;
  byId("subscribe").disabled = !canSubscribe(state);
  moveFocus(is_subscribed ? "subscribe" : "unsubscribe", is_subscribed ? "unsubscribe" : "subscribe");
  byId("subscribe").hidden = is_subscribed;
  byId("unsubscribe").hidden = !is_subscribed;
  byId("test").hidden = !is_subscribed;
  showHelp(state);
  await showSubscription(is_subscribed ? await client.getSubscription() : null);
}

async function showSubscription(subscription) {
  byId("details").hidden = !subscription;
  byId("subscription").textContent = subscription ? JSON.stringify(subscription, null, 2) : "";
  say(copy_status, "");
  if (!subscription) return hidePreferences();
  const { endpoint, expirationTime } = subscription;
  byId("permission").textContent = "Granted";
  byId("service").textContent = new URL(endpoint).hostname;
  byId("expires").replaceChildren(expirationTime === null ? "Never" : timeOf(expirationTime));
  byId("device").textContent = (await client.getDevice()).device_id;
  // The server may not know it yet: it is told right after the browser has it.
  await showPreferences(subscription).catch(hidePreferences);
}

function list({ title, body, icon, data, received_at }) {
  byId("received_none").hidden = true;
  const url = webAddress(data?.url);
  const heading = make("strong", {}, title);
  const text = make("div", {}, make("p", {}, url ? make("a", { href: url }, heading) : heading));
  if (body) text.append(make("p", {}, body));
  const item = make("li", {}, make("img", { src: icon ?? ICON, alt: "" }), text, timeOf(received_at));
  if (data?.message_id) item.dataset.messageId = data.message_id;
  byId("received").prepend(item);
  byId("received").children[MOST_LISTED]?.remove();
}

function canSubscribe(state) {
  return state === "default" || state === "unsubscribed";
}

/** The button that had it disappears; whoever uses the keyboard goes on with the other one. */
function moveFocus(from, to) {
  if (document.activeElement !== byId(from)) return;
  byId(to).hidden = false;
  byId(to).focus();
}
