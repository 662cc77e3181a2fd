import { expect, it } from "vitest";
import { describeWith } from "../setup/requirements.js";
import { chromiumAt } from "./chromium.js";
import { promisesOfDelivery } from "./delivery.js";
import { Gcm } from "./gcm.js";
import { startSite } from "./site.js";
import { promiseOfAgreement, useStage } from "./stage.js";
import { Visitor } from "./visitor.js";

describeWith("chromium", "web_push to a real Chromium", (chromium_path) => {
  const stage = useStage({ browser: chromiumAt(chromium_path), startSite });
  promisesOfDelivery(stage);

  it("the endpoint is Google's, and what arrives there is acknowledged to it", async () => {
    const { push, provider } = stage();
    if (!(push instanceof Gcm)) throw new TypeError("expected Google's push service");
    const visitor = await Visitor.subscribed(stage());
    const device_token = await visitor.deviceToken();
    expect(JSON.parse(device_token).endpoint).toMatch(/^https:\/\/jmt17\.google\.com\/fcm\/send\//);
    const { message_id } = await provider.sendNotification(device_token, { title: "Delivered" });
    await visitor.arrival(message_id);
    const unacknowledged = () => push.mailboxOf(device_token)?.unacknowledged.size;
    await expect.poll(unacknowledged, { timeout: 20_000 }).toBe(0);
  });

  promiseOfAgreement(stage);
});
