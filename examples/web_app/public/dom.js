/** An element of the page. */
export function byId(id) {
  return document.getElementById(id);
}

/** A new element. Text is text: nothing that somebody wrote becomes markup. */
export function make(tag, properties = {}, ...children) {
  const { data = {}, ...rest } = properties;
  const element = Object.assign(document.createElement(tag), rest);
  Object.assign(element.dataset, data);
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

/** Says it in a status line: `good`, `bad`, or neither. */
export function say(element, text, kind = "") {
  element.textContent = text;
  element.dataset.kind = kind;
}

/** `21 Nov, 07:30`, in the reader's own way; the whole of it for machines. */
export function timeOf(iso) {
  if (iso === null || iso === undefined) return make("span", {}, "never");
  const date = new Date(iso);
  const short = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
  return make("time", { dateTime: date.toISOString() }, date.toLocaleString([], short));
}

/** The whole address of a page or a picture; undefined for what is none, or is a program. */
export function webAddress(text) {
  if (!text || !URL.canParse(text, location.href)) return undefined;
  const { protocol, href } = new URL(text, location.href);
  return protocol === "https:" || protocol === "http:" ? href : undefined;
}

export function count(number) {
  return number.toLocaleString();
}

/** `3 devices`, `1 device`. */
export function amount(number, one, many = `${one}s`) {
  return `${count(number)} ${number === 1 ? one : many}`;
}
