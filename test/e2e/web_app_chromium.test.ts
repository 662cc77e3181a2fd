import { describeWith } from "../setup/requirements.js";
import { tellStory } from "./app/story.js";
import { chromiumAt } from "./chromium.js";

describeWith(["chromium", "dbus-daemon"], "the app's own pages in a real Chromium", (chromium, dbus_daemon) =>
  tellStory(chromiumAt(chromium), dbus_daemon),
);
