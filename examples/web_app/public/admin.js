import { startCompose } from "./admin_compose.js";
import { startHistory } from "./admin_history.js";
import { startStatistics } from "./admin_statistics.js";
import { startSubscribers } from "./admin_subscribers.js";
import { startTeam } from "./admin_team.js";
import { ask } from "./api.js";
import { byId, say } from "./dom.js";

const account = await ask("/admin/api/session").catch(failed);
if (account) start();

function start() {
  byId("who").textContent = `${account.name} (${account.role})`;
  byId("sign_out").addEventListener("click", async () => {
    const done = await ask("/admin/api/sign-out", {}).catch(failed);
    if (done) location.assign("/admin/sign-in");
  });
  const compose = startCompose({ account, failed });
  /** By the name after `#`; each shows its newest when it is opened. */
  const views = {
    send: compose,
    history: startHistory({ account, failed, watch: compose.watch }),
    subscribers: startSubscribers({ failed }),
    statistics: startStatistics({ failed }),
    team: startTeam({ account, failed }),
  };
  window.addEventListener("hashchange", () => {
    show(views);
    byId("main").focus();
  });
  show(views);
}

function show(views) {
  const wanted = location.hash.slice(1);
  const name = Object.hasOwn(views, wanted) ? wanted : "send";
  for (const other of Object.keys(views)) byId(`view_${other}`).hidden = other !== name;
  for (const link of document.querySelectorAll(".tabs a")) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${byId(`${name}_title`).textContent} · Loop`;
  say(byId("alert"), "");
  views[name].open();
}

/** Whoever is not signed in any more is asked to; everything else is said at the top of the page. */
function failed(error) {
  if (error.status === 401) location.assign("/admin/sign-in");
  say(byId("alert"), error.message, "bad");
}
