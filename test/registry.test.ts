import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { defineProvider } from "../src/definition.js";
import {
  closeAllProviders,
  getAvailablePlatforms,
  getPushProvider,
  PushError,
  PushNotificationProvider,
  registerProvider,
} from "../src/index.js";
import { plainCodec } from "./engine/support.js";

beforeAll(() => {
  const config = z.object({});
  registerProvider(
    defineProvider({ platform: "shop", aliases: ["shelf"], config, codec: () => plainCodec() }),
  );
});

afterEach(() => closeAllProviders({ timeout_seconds: 0 }));

describe("registerProvider", () => {
  it("adds to the available platforms", () => {
    expect(getAvailablePlatforms()).toContain("shop");
    expect(getAvailablePlatforms().slice(0, 5)).toEqual(["web_push", "fcm", "wns", "apns", "simulation"]);
  });

  it.each([["web_push"], ["webpush"], ["fcm"], ["Bad-Name"], [""]])("refuses the name %j", (name) => {
    const config = z.object({});
    expect(() =>
      registerProvider(defineProvider({ platform: name, config, codec: () => plainCodec() })),
    ).toThrow(PushError);
  });

  it.each([[null], [undefined], [{}], [{ platform: "mine" }]])(
    "refuses %j, which is no provider",
    (value) => {
      expect(() => registerProvider(value as never)).toThrow("expected what defineProvider returns");
    },
  );

  it("refuses a name that is taken by an alias of another", () => {
    const config = z.object({});
    expect(() =>
      registerProvider(defineProvider({ platform: "shelf", config, codec: () => plainCodec() })),
    ).toThrow("is taken");
  });

  it("takes a class written by hand; sending to many is made of its single sends", async () => {
    const name = "by_hand";
    let closed = 0;
    class ByHand extends PushNotificationProvider {
      static readonly platform = name;
      static readonly config = z.object({ greeting: z.string() });
      readonly platform = name;
      constructor(readonly config: { greeting: string }) {
        super();
      }
      async sendNotification(device_token: unknown) {
        const base = {
          platform: name,
          device_token,
          index: 0,
          message_id: "m",
          attempts: 1,
          duration_ms: 0,
          timestamp: "",
          warnings: [],
        };
        return { success: true as const, ...base, message: this.config.greeting };
      }
      validateDeviceToken = () => true;
      getPlatformInfo(): never {
        throw new Error("not asked for here");
      }
      override async close() {
        closed++;
      }
    }
    registerProvider(ByHand);
    const provider = await getPushProvider(name, { greeting: "hello" });
    expect(provider).toBeInstanceOf(ByHand);
    const results = await provider.sendMulticastNotification(
      ["a", "b", "c"],
      { title: "t" },
      { max_concurrency: 2 },
    );
    expect(results.map((result) => [result.index, result.device_token, result.message])).toEqual([
      [0, "a", "hello"],
      [1, "b", "hello"],
      [2, "c", "hello"],
    ]);
    expect(await provider.sendTopicNotification("news", {})).toMatchObject({
      error_code: "TOPICS_NOT_SUPPORTED",
      topic: "news",
    });
    await expect(provider.sendMulticastNotification("abc" as never, {})).rejects.toMatchObject({
      code: "OPTIONS_INVALID",
    });
    expect(
      await getPushProvider(name, { greting: "x" }).catch((error: PushError) => error.message),
    ).toContain("did you mean greeting?");
    await closeAllProviders();
    expect(closed).toBe(1);
  });
});
