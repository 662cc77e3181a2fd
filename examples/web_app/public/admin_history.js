import { bars } from "./admin_outcomes.js";
import { ask } from "./api.js";
import { amount, byId, count, make, timeOf } from "./dom.js";

const PAGE = 20;

/** What was sent, newest first, and what became of it. */
export function startHistory({ account, failed, watch }) {
  const list = byId("broadcasts");
  const more = byId("more_broadcasts");
  let last;
  more.addEventListener("click", () => load(last));
  return { open: () => load() };

  async function load(before) {
    const query = new URLSearchParams({ limit: PAGE, ...(before && { before }) });
    const found = await ask(`/push/broadcasts?${query}`).catch(failed);
    if (!found) return;
    const { broadcasts } = found;
    const items = broadcasts.map(item);
    if (before) list.append(...items);
    else list.replaceChildren(...items);
    if (list.children.length === 0)
      list.append(make("li", { className: "card muted" }, "Nothing was sent yet."));
    last = broadcasts.at(-1)?.id;
    more.hidden = broadcasts.length < PAGE;
  }

  function item(broadcast) {
    const { id, title, state, created_at, segment, codes } = broadcast;
    const pill = make("span", { className: "pill" }, state);
    pill.dataset.state = state;
    const facts = {
      Sent: broadcast.sent,
      Delivered: broadcast.delivered,
      Opened: broadcast.opened,
      Dismissed: broadcast.dismissed,
      Failed: broadcast.failed,
      Removed: broadcast.removed,
    };
    const figures = Object.entries(facts).map(([name, number]) =>
      make("div", {}, make("dt", {}, name), make("dd", {}, count(number))),
    );
    const element = make(
      "li",
      { className: "card", data: { broadcastId: id } },
      make("h2", {}, title ?? "Without a title", " ", pill),
      make("p", { className: "muted" }, timeOf(created_at), `, to ${describe(segment)}`),
      make("dl", { className: "totals" }, ...figures),
    );
    const failures = Object.entries(codes);
    if (failures.length > 0) {
      element.append(
        make("details", {}, make("summary", {}, "Why some failed"), bars(failures, "Code", "Devices")),
      );
    }
    if (state !== "finished" && account.role === "admin") {
      const go_on = make("button", { type: "button" }, state === "running" ? "Watch" : "Go on");
      go_on.addEventListener("click", () => watch(id));
      element.append(make("div", { className: "buttons" }, go_on));
    }
    return element;
  }
}

/** Whom a segment means, in words. */
function describe({ tags, user_ids, platforms }) {
  const parts = [
    tags && `those with ${[tags].flat().join(" or ")}`,
    user_ids && amount(user_ids.length, "user") + (user_ids.length === 1 ? ` (${user_ids[0]})` : ""),
    platforms?.join(", "),
  ].filter(Boolean);
  return parts.length === 0 ? "everybody" : parts.join(", ");
}
