/** What stands in for what a message leaves out. */
export interface NotificationDefaults {
  /** Default `"New notification"`. */
  title?: string | undefined;
  /** Default: none; `"You have a new notification"` for a message that has no title either. */
  body?: string | undefined;
  icon?: string | undefined;
  badge?: string | undefined;
  /** A later notification with the same tag replaces the earlier one. */
  tag?: string | undefined;
  /** Milliseconds of vibration and pause, by turns. */
  vibrate?: number[] | undefined;
  /** What a click opens. Default: the worker's scope. */
  url?: string | undefined;
}

/** A push message, read. */
export interface Message {
  readonly title: string;
  /** For `showNotification`: only what is of the right type, and no two that contradict each other. */
  readonly options: Record<string, unknown> & { readonly data: Record<string, unknown> };
  /** A number for the app's icon; 0 removes it. */
  readonly app_badge: number | undefined;
}

/**
 * Reads a message in any of the formats that are in use: `{ notification: { title, … } }`, flat `{ title, … }`,
 * declarative (https://www.w3.org/TR/push-api/#declarative-push-message), plain text, which becomes the body, and nothing.
 */
export function readMessage(text: string, defaults: NotificationDefaults): Message {
  const message = parse(text);
  const shown = isRecord(message.notification) ? message.notification : message;
  const title = isText(shown.title) ? shown.title : undefined;
  const body = [shown.body, shown.message, defaults.body].find((one) => typeof one === "string");
  return {
    title: title ?? (defaults.title || "New notification"),
    options: {
      ...readOptions(shown, defaults),
      body: body ?? (title ? "" : "You have a new notification"),
      data: readData(message, shown),
    },
    app_badge: [message.app_badge, shown.app_badge].filter(isCount).map(Number)[0],
  };
}

function parse(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {}
  if (isRecord(value)) return value;
  const body = isText(value) ? value : text;
  return body.trim() ? { body } : {};
}

/** https://notifications.spec.whatwg.org/#dictdef-notificationoptions: a wrong value would be a `TypeError`. */
const OPTIONS: Readonly<Record<string, (value: unknown) => boolean>> = {
  icon: isText,
  badge: isText,
  image: isText,
  tag: isText,
  lang: isText,
  dir: (value) => value === "auto" || value === "ltr" || value === "rtl",
  requireInteraction: isBoolean,
  silent: isBoolean,
  renotify: isBoolean,
  vibrate: (value) => Array.isArray(value) && value.every(isCount),
  timestamp: Number.isFinite,
};

function readOptions(
  shown: Record<string, unknown>,
  defaults: NotificationDefaults,
): Record<string, unknown> {
  const options: Record<string, unknown> = {
    timestamp: Date.now(),
    ...pick({ ...defaults }),
    ...pick(shown),
  };
  // Both pairs are errors, and nothing would be shown at all.
  if (options.silent) delete options.vibrate;
  if (!options.tag) delete options.renotify;
  const actions = readActions(shown).map(({ action, title, icon }) => ({
    action,
    title,
    ...(isText(icon) && { icon }),
  }));
  return actions.length > 0 ? { ...options, actions } : options;
}

function pick(from: Record<string, unknown>): Record<string, unknown> {
  const fitting = Object.entries(OPTIONS).filter(([name, fits]) => fits(from[name]));
  return Object.fromEntries(fitting.map(([name]) => [name, from[name]]));
}

/**
 * `url`, `message_id` and `action_urls` (the browser keeps nothing of an action but its name) are where a click finds
 * them. A flat message without `data` is data as a whole.
 */
function readData(message: Record<string, unknown>, shown: Record<string, unknown>): Record<string, unknown> {
  const own = shown.data ?? message.data ?? (shown === message ? message : {});
  const data: Record<string, unknown> = isRecord(own) ? own : { data: own };
  const declared = message.web_push === 8030 ? shown.navigate : undefined;
  const url = [declared, data.url, shown.url, shown.navigate, message.url].find(isText);
  const message_id = [data.message_id, shown.message_id, message.message_id].find(isText);
  const action_urls = readActions(shown).flatMap(({ action, url, navigate }) => {
    const target = [url, navigate].find(isText);
    return target ? [[action, target]] : [];
  });
  return {
    ...data,
    ...(url && { url }),
    ...(message_id && { message_id }),
    ...(action_urls.length > 0 && { action_urls: Object.fromEntries(action_urls) }),
  };
}

interface Action extends Record<string, unknown> {
  action: string;
  title: string;
}

function readActions({ actions }: Record<string, unknown>): Action[] {
  const all: unknown[] = Array.isArray(actions) ? actions : [];
  return all.filter((one): one is Action => isRecord(one) && isText(one.action) && isText(one.title));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

/** Some senders write numbers as text. */
function isCount(value: unknown): value is number | string {
  return (
    (typeof value === "number" || isText(value)) && Number.isInteger(Number(value)) && Number(value) >= 0
  );
}
