import { make, webAddress } from "./dom.js";

const ICON = "/icon-192x192.png";

/** A notification about as a desktop shows it. */
export function showLook(place, { title = "Title", body, icon, image, actions = [] }) {
  const text = make("div", {}, make("strong", {}, title), make("small", {}, location.host));
  if (body) text.append(make("p", {}, body));
  const head = make(
    "div",
    { className: "look_head" },
    make("img", { src: webAddress(icon) ?? ICON, alt: "" }),
    text,
  );
  const picture = webAddress(image);
  const parts = [
    head,
    picture && make("img", { className: "look_image", src: picture, alt: "" }),
    actions.length > 0 &&
      make("div", { className: "look_actions" }, ...actions.map(({ title }) => make("span", {}, title))),
  ];
  place.replaceChildren(...parts.filter(Boolean));
}
