import { amount, make } from "./dom.js";

/** What each service would get, or why it would get nothing. */
export function showPreviews(place, { total, platforms }) {
  const found = platforms.filter(({ recipients }) => recipients > 0);
  const summary = make("p", {}, `${amount(total, "device")}; nothing was sent.`);
  place.replaceChildren(summary, ...found.map(preview));
}

function preview({ platform, recipients, success, message, error_code, warnings = [], request }) {
  const pill = make("span", { className: "pill" }, success ? "ready" : (error_code ?? "refused"));
  pill.dataset.state = success ? "finished" : "failed";
  const section = make("section", { className: "preview" }, make("h3", {}, platform, " ", pill));
  section.append(make("p", {}, `${amount(recipients, "device")}. ${success ? "" : message}`));
  if (warnings.length > 0) {
    section.append(
      make(
        "ul",
        {},
        ...warnings.map(({ field, details }) => make("li", {}, `${field ?? platform}: ${details}`)),
      ),
    );
  }
  if (request)
    section.append(
      details("What the device reads", pretty(request.body)),
      details("Headers", headersOf(request)),
    );
  return section;
}

function details(title, text) {
  return make("details", {}, make("summary", {}, title), make("pre", {}, text));
}

function headersOf({ method, origin, headers }) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`${method} ${origin}`, ...lines].join("\n");
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
