import { bars } from "./admin_outcomes.js";
import { ask } from "./api.js";
import { byId, count, make } from "./dom.js";

/** The delivery log of some days, summed. */
export function startStatistics({ failed }) {
  const form = byId("period");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    load();
  });
  return { open: load };

  async function load() {
    const { days } = form.elements;
    const number = Math.min(90, Math.max(1, Math.round(Number(days.value)) || 7));
    days.value = number;
    const found = await ask(`/push/statistics?days=${number}`).catch(failed);
    if (!found) return;
    const { delivered, delivery_rate_percent, avg_latency_ms } = found;
    const figures = {
      Sent: count(found.total_sent),
      Delivered: `${count(delivered)} (${delivery_rate_percent} %)`,
      Opened: count(found.opened),
      Failed: count(found.failed),
      Expired: count(found.expired),
      "Mean time": avg_latency_ms === null ? "–" : `${(avg_latency_ms / 1000).toFixed(1)} s`,
    };
    byId("totals").replaceChildren(
      make(
        "dl",
        { className: "totals" },
        ...Object.entries(figures).map(([name, text]) =>
          make("div", { className: "card" }, make("dt", {}, name), make("dd", {}, text)),
        ),
      ),
    );
    byId("platforms").replaceChildren(...platforms(found.platforms));
    const codes = Object.entries(found.codes).sort(([, a], [, b]) => b - a);
    byId("codes").replaceChildren(codes.length > 0 ? bars(codes, "Code", "Notifications") : nothing());
  }
}

function platforms(found) {
  const sections = Object.entries(found).map(
    ([platform, { total_sent, delivered, opened, failed, expired }]) => {
      const rows = Object.entries({ delivered, opened, failed, expired });
      return make(
        "div",
        {},
        make("h3", {}, `${platform}: ${count(total_sent)} sent`),
        bars(rows, "Fate", "Notifications"),
      );
    },
  );
  return sections.length > 0 ? sections : [nothing()];
}

function nothing() {
  return make("p", { className: "muted" }, "Nothing in these days.");
}
