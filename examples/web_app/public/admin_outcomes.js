import { amount, count, make } from "./dom.js";

/** Bars with their numbers: a table, so that it can be heard as well as seen. */
export function showOutcomes(place, { sent, codes, removed }) {
  const failures = Object.entries(codes).sort(([, a], [, b]) => b - a);
  const rows = [["accepted", sent], ...failures];
  const note = removed > 0 ? `${amount(removed, "dead subscription")} removed.` : "";
  place.replaceChildren(bars(rows, "Outcome", "Devices"), make("p", { className: "hint" }, note));
}

/** One bar per row; the first column names, the last counts. */
export function bars(rows, name, unit) {
  const most = Math.max(1, ...rows.map(([, number]) => number));
  const widest = Math.max(...rows.map(([, number]) => count(number).length));
  const head = make("tr", {}, ...[name, unit].map((text) => make("th", { scope: "col" }, text)));
  const body = rows.map(([label, number]) => {
    const bar = make("span", { className: "bar_fill" });
    const figure = make("span", {}, count(number));
    // By the object model: a style in markup is what the policy of this page refuses.
    bar.style.inlineSize = `${(100 * number) / most}%`;
    figure.style.minInlineSize = `${widest}ch`;
    const is_good = label === "accepted" || label === "delivered" || label === "opened";
    bar.dataset.kind = is_good ? "good" : "bad";
    const track = make("span", { className: "bar_track", ariaHidden: "true" }, bar);
    const cell = make("td", {}, track, figure);
    return make("tr", {}, make("th", { scope: "row" }, label), cell);
  });
  return make("table", { className: "bars" }, make("thead", {}, head), make("tbody", {}, ...body));
}
