import { ask } from "./api.js";
import { byId, say } from "./dom.js";

const form = byId("sign_in");
const status = byId("status");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { name, password } = form.elements;
  const empty = [name, password].find((field) => field.value === "");
  for (const field of [name, password]) field.setAttribute("aria-invalid", String(field === empty));
  if (empty) {
    say(status, `Please enter your ${empty.name}.`, "bad");
    empty.focus();
    return;
  }
  const [button] = form.querySelectorAll("button");
  button.disabled = true;
  say(status, "Signing in…");
  try {
    await ask("/admin/api/sign-in", { name: name.value, password: password.value });
    location.assign("/admin");
  } catch (error) {
    say(status, error.message, "bad");
    password.value = "";
    password.focus();
  } finally {
    button.disabled = false;
  }
});
