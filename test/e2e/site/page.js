const element = (id) => document.getElementById(id);
const registration = await navigator.serviceWorker
  .register("/worker.js")
  .then(() => navigator.serviceWorker.ready);

element("subscribe").addEventListener("click", () => change(subscribe));
element("unsubscribe").addEventListener("click", () => change(unsubscribe));
navigator.serviceWorker.addEventListener("message", (event) => arrived(event.data));
navigator.serviceWorker.startMessages();
await change(async () => {});

async function subscribe() {
  const { publicKey } = await fetch("/vapid-public-key").then((response) => response.json());
  await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
}

async function unsubscribe() {
  const subscription = await registration.pushManager.getSubscription();
  await subscription?.unsubscribe();
}

async function change(action) {
  for (const id of ["subscribe", "unsubscribe"]) element(id).disabled = true;
  let problem;
  await action().catch((error) => {
    problem = error;
  });
  const subscription = await registration.pushManager.getSubscription();
  element("subscribe").disabled = subscription !== null;
  element("unsubscribe").disabled = subscription === null;
  element("subscription").textContent = subscription ? JSON.stringify(subscription, null, 2) : "";
  element("state").textContent = problem
    ? `Failed: ${problem}`
    : subscription
      ? "Subscribed."
      : "Not subscribed.";
  element("state").dataset.state = problem ? "failed" : subscription ? "subscribed" : "unsubscribed";
}

function arrived({ title, body, icon, data }) {
  const item = document.createElement("li");
  if (data?.message_id) item.dataset.messageId = data.message_id;
  const image = document.createElement("img");
  image.src = icon ?? "/icon.svg";
  image.alt = "";
  const heading = document.createElement("strong");
  heading.textContent = title;
  const text = document.createElement("span");
  text.textContent = body ?? "";
  item.append(image, heading, text);
  element("arrived").prepend(item);
}
