import { ask } from "./api.js";
import { byId, make, say } from "./dom.js";

const form = byId("preferences_form");
const status = byId("preferences_status");

/** Topics and name, as the server knows them. */
export async function showPreferences(subscription) {
  const [{ topics }, { tags, user_id }] = await Promise.all([
    ask("/preferences"),
    ask("/preferences", { subscription }),
  ]);
  byId("topics").replaceChildren(...topics.map((topic) => chip(topic, tags.includes(topic))));
  form.elements.user_id.value = user_id ?? "";
  byId("preferences").hidden = false;
}

export function hidePreferences() {
  byId("preferences").hidden = true;
  say(status, "");
}

/** Saves when the form is sent; `getSubscription` gives whose they are. */
export function watchPreferences(getSubscription) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const tags = [...form.querySelectorAll("[name=topic]:checked")].map(({ value }) => value);
    try {
      const subscription = await getSubscription();
      await ask("/preferences", { subscription, tags, user_id: form.elements.user_id.value });
      say(status, "Saved.", "good");
    } catch (error) {
      say(status, error.message, "bad");
    }
  });
}

function chip(topic, checked) {
  const box = make("input", { type: "checkbox", name: "topic", value: topic, checked });
  return make("label", { className: "chip" }, box, make("span", {}, topic));
}
