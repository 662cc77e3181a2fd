import { ask } from "./api.js";
import { amount, byId, count, make, timeOf } from "./dom.js";

const PAGE = 50;

/** Who is subscribed, by tags. */
export function startSubscribers({ failed }) {
  const form = byId("find");
  const rows = byId("subscriber_rows");
  const more = byId("more_subscribers");
  let last;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    load();
  });
  more.addEventListener("click", () => load(last));
  return { open: () => load() };

  async function load(after) {
    const tags = form.elements.tags.value.trim();
    const segment = tags ? { tags } : {};
    const found = await ask("/admin/api/subscribers", { segment, after }).catch((error) => {
      if (error.status !== 400) return failed(error);
      form.elements.tags.setAttribute("aria-invalid", "true");
      byId("subscribers_count").textContent = error.message;
    });
    if (!found) return;
    form.elements.tags.removeAttribute("aria-invalid");
    byId("subscribers_count").textContent = `${amount(found.total, "subscription")}.`;
    const items = found.subscribers.map(row);
    if (after) rows.append(...items);
    else rows.replaceChildren(...items);
    last = found.subscribers.at(-1)?.id;
    more.hidden = found.subscribers.length < PAGE;
  }
}

function row(subscriber) {
  const { id, platform, service, user_id, device_id, device_info, tags, failure_count } = subscriber;
  const { created_at_ms, last_success_at_ms } = subscriber;
  const device = make(
    "td",
    {},
    make("strong", {}, browserOf(device_info.userAgent) ?? platform),
    make("small", {}, service ?? platform),
    make("small", {}, device_id === id ? "" : device_id),
  );
  const chips = tags.map((tag) => make("span", { className: "tag" }, tag));
  return make(
    "tr",
    {},
    device,
    make("td", {}, user_id ?? "–"),
    make("td", {}, ...(chips.length > 0 ? chips : ["–"])),
    make("td", {}, timeOf(created_at_ms)),
    make("td", {}, timeOf(last_success_at_ms)),
    make("td", {}, count(failure_count)),
  );
}

const BROWSERS = [
  [/Edg\//, "Edge"],
  [/OPR\//, "Opera"],
  [/Firefox\//, "Firefox"],
  [/Chrome\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const SYSTEMS = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux|X11/, "Linux"],
];

function browserOf(agent) {
  if (typeof agent !== "string") return undefined;
  const nameIn = (list) => list.find(([sign]) => sign.test(agent))?.[1];
  const [browser, system] = [nameIn(BROWSERS), nameIn(SYSTEMS)];
  return browser && system ? `${browser} on ${system}` : browser;
}
