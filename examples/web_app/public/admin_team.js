import { ask } from "./api.js";
import { byId, make, say } from "./dom.js";

/** One's own password; for an admin also who else may sign in. */
export function startTeam({ account, failed }) {
  const is_admin = account.role === "admin";
  byId("users_card").hidden = !is_admin;
  onSubmit("change_password", "password_status", async ({ current_password, password }) =>
    ask("/admin/api/password", { current_password: current_password.value, password: password.value }),
  );
  onSubmit("add_user", "users_status", async ({ name, password, role }) => {
    const answer = await ask("/admin/api/users", {
      name: name.value,
      password: password.value,
      role: role.value,
    });
    showUsers(answer);
    return answer;
  });
  return {
    async open() {
      if (is_admin) showUsers(await ask("/admin/api/users").catch(failed));
    },
  };

  function showUsers(found) {
    if (found) byId("users").replaceChildren(...found.users.map(user));
  }

  function user({ name, role }) {
    const item = make("li", {}, make("span", {}, make("strong", {}, name), ` ${role}`));
    if (name === account.name) return item;
    const remove = make(
      "button",
      { type: "button", className: "danger", ariaLabel: `Remove ${name}` },
      "Remove",
    );
    remove.addEventListener("click", async () => {
      if (confirm(`Remove ${name}?`)) showUsers(await ask("/admin/api/users/remove", { name }).catch(failed));
    });
    item.append(remove);
    return item;
  }
}

/** A form with a status line; the field that the server names is marked. */
function onSubmit(id, status_id, send) {
  const form = byId(id);
  const status = byId(status_id);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    for (const field of form.elements) field.removeAttribute("aria-invalid");
    try {
      const { message } = await send(form.elements);
      form.reset();
      say(status, message, "good");
    } catch (error) {
      say(status, error.message, "bad");
      const field = form.elements[error.field];
      field?.setAttribute("aria-invalid", "true");
      field?.focus();
    }
  });
}
