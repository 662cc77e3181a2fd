import { byId, make } from "./dom.js";

/** What to do in each browser when the user said no earlier. The first whose sign is in the user agent counts. */
const ALLOW = [
  {
    sign: /iPhone|iPad/,
    steps: [
      "Open Settings, then Notifications.",
      "Choose this app in the list.",
      "Switch on Allow Notifications, and come back.",
    ],
  },
  {
    sign: /Android.*Firefox/,
    steps: [
      "Tap the lock beside the address.",
      "Tap Notifications, until it says Allowed.",
      "Reload this page.",
    ],
  },
  {
    sign: /Firefox/,
    steps: [
      "Click the sign with the crossed-out bubble, or the lock, left of the address.",
      "Beside “Send notifications: Blocked”, click the cross.",
      "Press Subscribe again.",
    ],
  },
  {
    sign: /Android/,
    steps: [
      "Tap the sign left of the address, then Permissions.",
      "Tap Notifications and switch it on.",
      "Reload this page.",
    ],
  },
  {
    sign: /Edg\/|Chrome\//,
    steps: [
      "Click the sign left of the address.",
      "Switch on Notifications, or open Site settings and choose Allow.",
      "Reload this page.",
    ],
  },
  {
    sign: /Safari/,
    steps: [
      "Open Safari, then Settings, then Websites.",
      "Choose Notifications on the left.",
      "Find this site and choose Allow.",
    ],
  },
];

const ELSEWHERE = [
  "Open this site’s settings in your browser.",
  "Set Notifications to Allow.",
  "Reload this page.",
];

const HELP = {
  denied: () => ({
    title: "How to allow notifications again",
    steps: ALLOW.find(({ sign }) => sign.test(navigator.userAgent))?.steps ?? ELSEWHERE,
    note: "Also look into the settings of your system: it can keep a browser from showing notifications.",
  }),
  needs_home_screen: () => ({
    title: "Put this site on your home screen",
    steps: [
      "Tap Share, the square with an arrow.",
      "Choose Add to Home Screen.",
      "Open it from there, and press Subscribe.",
    ],
    note: "iPhone and iPad allow notifications only to sites on the home screen, from iOS 16.4 on.",
  }),
  unsupported: () => ({
    title: "What you can do",
    steps: [
      "Leave a private window: many browsers have no notifications there.",
      "Update your browser, or open this page in Firefox, Chrome, Edge or Safari.",
    ],
    note: "Browsers inside other apps cannot do it either: open the page in a real one.",
  }),
  insecure_context: () => ({
    title: "Open this page over https",
    steps: [
      make("a", { href: location.href.replace(/^http:/, "https:") }, "The same page, over https"),
      "On your own machine, http://localhost works as well.",
    ],
    note: "Browsers give notifications to secure pages only.",
  }),
};

/** Shows what helps in this state, if there is anything to help. */
export function showHelp(state) {
  const help = HELP[state]?.();
  byId("help").hidden = !help;
  if (!help) return;
  byId("help_title").textContent = help.title;
  byId("help_steps").replaceChildren(...help.steps.map((step) => make("li", {}, step)));
  byId("help_note").textContent = help.note;
}
