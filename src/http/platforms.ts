/** What everybody may know. */
import { getAvailablePlatforms, type PushNotificationProvider } from "../index.js";
import { type Reply, refuse } from "./answers.js";
import type { Call } from "./call.js";

/** What a page needs to subscribe. Cached for a minute only: after a change of the key each subscription is a mistake. */
export async function vapidPublicKey({ router }: Call): Promise<Reply> {
  const provider = router.provider("web_push");
  if (!provider || !("getVapidPublicKey" in provider) || typeof provider.getVapidPublicKey !== "function") {
    refuse(404, "web push is not configured here", { error_code: "PLATFORM_NOT_CONFIGURED" });
  }
  return {
    message: "subscribe with this key",
    platform: provider.platform,
    headers: { "cache-control": "public, max-age=60" },
    fields: { publicKey: String(provider.getVapidPublicKey()) },
  };
}

export async function platforms({ router }: Call): Promise<Reply> {
  const names = [...new Set([...getAvailablePlatforms(), ...router.platforms])];
  const listed = names.map((platform) => {
    const provider = router.provider(platform);
    return provider
      ? { platform, available: true, info: publicInfo(provider) }
      : { platform, available: false, error: "not configured here" };
  });
  return {
    message: `${router.platforms.length} of ${names.length} platforms are configured`,
    fields: { platforms: listed, total: names.length },
  };
}

export async function platformInfo({ router, param }: Call): Promise<Reply> {
  const provider = router.provider(param);
  if (provider) {
    const { platform } = provider;
    return { message: `about ${platform}`, platform, fields: { info: publicInfo(provider) } };
  }
  refuse(400, `platform: unknown, or not configured here; configured: ${router.platforms.join(", ")}`, {
    field: "platform",
    error_code: "PLATFORM_NOT_CONFIGURED",
  });
}

/** Who sends, and how much, is not for strangers. */
function publicInfo(provider: PushNotificationProvider): object {
  const { platform, limits, capabilities } = provider.getPlatformInfo();
  return { platform, limits, capabilities };
}
