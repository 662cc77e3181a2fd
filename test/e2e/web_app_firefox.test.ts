import { describeWith } from "../setup/requirements.js";
import { tellStory } from "./app/story.js";
import { firefoxAt } from "./firefox_browser.js";

describeWith(
  ["firefox-esr", "dbus-daemon", "libnotify.so.4"],
  "the app's own pages in a real Firefox",
  (firefox, dbus_daemon) => tellStory(firefoxAt(firefox), dbus_daemon),
);
