/** Credentials and devices that stand for real ones, so that requests can be shown before there is an account. */
import { createECDH, randomBytes } from "node:crypto";
import { makePair } from "./keys.js";

/** A config that opens and whose credentials are nobody's. */
export function placeholderConfig(platform: string): Record<string, unknown> {
  const { vapid_public_key, vapid_private_key, private_key_pem } = makePair();
  const configs: Readonly<Record<string, Record<string, unknown>>> = {
    web_push: { vapid_public_key, vapid_private_key, vapid_subject: "mailto:you@example.org" },
    fcm: { project_id: "your-project", get_access_token: async () => "placeholder" },
    apns: {
      team_id: "ABCDE12345",
      key_id: "ABC123DEFG",
      auth_key: private_key_pem,
      bundle_id: "com.example.app",
    },
    wns: { tenant_id: "your-tenant", client_id: "your-app", client_secret: "placeholder" },
  };
  return configs[platform] ?? {};
}

/**
 * A token of the right form.
 *
 * @param allowed_hosts where the provider's config lets tokens point to
 */
export function placeholderToken(platform: string, allowed_hosts: unknown): unknown {
  if (platform === "web_push") {
    const device = createECDH("prime256v1");
    return {
      endpoint: `https://${hostOf(allowed_hosts, "fcm.googleapis.com")}/fcm/send/a-subscription`,
      keys: { p256dh: device.generateKeys("base64url"), auth: randomBytes(16).toString("base64url") },
    };
  }
  if (platform === "apns") return "0123456789abcdef".repeat(4);
  if (platform === "wns")
    return `https://${hostOf(allowed_hosts, "db5.notify.windows.com")}/?token=a-channel`;
  return "a-device-token";
}

function hostOf(allowed_hosts: unknown, usual: string): string {
  const [first] = Array.isArray(allowed_hosts) ? allowed_hosts : [];
  if (typeof first !== "string" || first === "*") return usual;
  return first.replace(/^\*\./, "db5.");
}
