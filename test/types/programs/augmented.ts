// A provider of somebody else's joins the types by augmentation.
import { getPushProvider, PushNotificationProvider } from "pushmux";

declare abstract class NtfyProvider extends PushNotificationProvider {
  readonly server: string;
}

declare module "pushmux" {
  interface PushPlatforms {
    ntfy: { config: { server: string; topic?: string | undefined }; provider: NtfyProvider };
  }
}

export async function joined(): Promise<string> {
  const provider = await getPushProvider("ntfy", { server: "http://localhost:1" });
  // @ts-expect-error not a key of its config
  await getPushProvider("ntfy", { servers: [] });
  return provider.server;
}
