import {
  checkHostPattern,
  type ObjectSchemaLike,
  type SharedConfigInput,
  z,
} from "../../src/provider_kit.js";
import { type GetAccessToken, readFlow } from "./flow.js";
import { NOTIFICATION_TYPES, type NotificationType } from "./options.js";

/**
 * Config of `getPushProvider("wns", config)`: `tenant_id`, `client_id` and `client_secret`; or `package_sid` and
 * `client_secret`; or `get_access_token`. A key whose value is `undefined` counts as absent.
 */
export interface WnsConfig extends SharedConfigInput {
  /** Entra ID: the directory's id or domain. Environment: `WNS_TENANT_ID`. */
  tenant_id?: string | undefined;
  /** Entra ID: the application (client) id. Environment: `WNS_CLIENT_ID`. */
  client_id?: string | undefined;
  /** Legacy: `ms-app://S-1-15-2-…`, the prefix may be left out. Environment: `WNS_PACKAGE_SID`. */
  package_sid?: string | undefined;
  /** Of either flow. Environment: `WNS_CLIENT_SECRET`. */
  client_secret?: string | undefined;
  /**
   * Gives an access token itself. With `expires_in` (seconds) it is asked again shortly before that; after a bare
   * string, every five minutes; and once when WNS refuses the token.
   */
  get_access_token?: GetAccessToken | undefined;
  /** What a notification is when its options do not say. Default `toast`. Environment: `WNS_NOTIFICATION_TYPE`. */
  notification_type?: NotificationType | undefined;
  /** X-WNS-Cache-Policy of tiles, badges and raw notifications. Default: none is sent; WNS keeps tiles and badges. */
  cache_policy?: "cache" | "no-cache" | undefined;
  /** Hosts that channel URIs may point to, each with an optional `:port` (else 443). Default `*.notify.windows.com`. */
  allowed_hosts?: readonly string[] | undefined;
  /** Also post to private addresses and to any port: for tests. Default false. */
  allow_private_endpoints?: boolean | undefined;
  /** The https URL that access tokens are fetched from. Default: Microsoft's of the flow. */
  token_endpoint?: string | undefined;
}

const keys = z.strictObject({
  tenant_id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9.-]*$/, "expected the directory's id or domain")
    .optional(),
  client_id: z.string().min(1).optional(),
  package_sid: z
    .string()
    .regex(
      /^(?:ms-app:\/\/\S+|S-1-[\w-]+)$/i,
      "expected ms-app://S-1-15-2-…, as the app's registration shows it",
    )
    .transform((sid) => (/^ms-app:/i.test(sid) ? sid : `ms-app://${sid}`))
    .optional(),
  client_secret: z.string().min(1).optional(),
  get_access_token: z
    .custom<GetAccessToken>((value) => typeof value === "function", "expected a function")
    .optional(),
  notification_type: z.enum(NOTIFICATION_TYPES).default("toast"),
  cache_policy: z.enum(["cache", "no-cache"]).optional(),
  allowed_hosts: z
    .array(
      z.string().superRefine((host, context) => {
        const message = checkHostPattern(host);
        if (message) context.addIssue({ code: "custom", message });
      }),
    )
    .min(1)
    .default(["*.notify.windows.com"]),
  allow_private_endpoints: z.boolean().default(false),
  token_endpoint: z.url({ protocol: /^https$/, error: "expected an https URL" }).optional(),
});

export type OpenConfig = z.output<typeof keys>;

/** The keys, and that they make one flow: zod would look at the second only when the first is right. */
export const configSchema: ObjectSchemaLike<OpenConfig> = {
  shape: keys.shape,
  safeParse(value) {
    const parsed = keys.safeParse(value);
    const flow = readFlow(Object(value));
    const flow_issues = Array.isArray(flow) ? flow : [];
    if (parsed.success && flow_issues.length === 0) return parsed;
    return { success: false, error: { issues: [...(parsed.error?.issues ?? []), ...flow_issues] } };
  },
};

export const environment: Readonly<Record<string, readonly string[]>> = {
  tenant_id: ["WNS_TENANT_ID"],
  client_id: ["WNS_CLIENT_ID"],
  package_sid: ["WNS_PACKAGE_SID"],
  client_secret: ["WNS_CLIENT_SECRET"],
  notification_type: ["WNS_NOTIFICATION_TYPE"],
};
