import { expect, it } from "vitest";
import { describeWith } from "../setup/requirements.js";
import { Autopush } from "./autopush.js";
import { promisesOfDelivery } from "./delivery.js";
import { firefoxAt } from "./firefox_browser.js";
import { startSite } from "./site.js";
import { promiseOfAgreement, useStage } from "./stage.js";
import { Visitor } from "./visitor.js";

describeWith("firefox-esr", "web_push to a real Firefox", (firefox_path) => {
  const stage = useStage({ browser: firefoxAt(firefox_path), startSite });
  promisesOfDelivery(stage);

  it("what is shown was delivered, in the browser's own words to its push service", async () => {
    const { push, provider } = stage();
    if (!(push instanceof Autopush)) throw new TypeError("expected Mozilla's push service");
    const visitor = await Visitor.subscribed(stage());
    const device_token = await visitor.deviceToken();
    await provider.sendNotification(device_token, { title: "Delivered" });
    await expect.poll(() => push.subscription(device_token).codes, { timeout: 20_000 }).toEqual([100]);
    await visitor.shows(["Delivered"]);
  });

  promiseOfAgreement(stage);
});
