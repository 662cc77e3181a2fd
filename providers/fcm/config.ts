import { type SharedConfigInput, z } from "../../src/provider_kit.js";

/** What a supplier of access tokens gives: the bare token, or the token and how many seconds it still holds. */
export type AccessToken = string | { access_token: string; expires_in: number };

/** As much of a firebase-admin App as is used; one from `initializeApp()` of firebase-admin 13 or 14 fits. */
export interface FirebaseApp {
  options: {
    credential?:
      | { getAccessToken(): Promise<{ access_token: string; expires_in: number }> }
      | null
      | undefined;
    projectId?: string | undefined;
  };
}

/**
 * Config of `getPushProvider("fcm", config)`. A key whose value is `undefined` counts as absent.
 *
 * Credentials come from one of `service_account_path`, `service_account`, `get_access_token` and `app`. With none of them
 * they are Google's application default credentials, found by the package `firebase-admin`
 * (https://cloud.google.com/docs/authentication/application-default-credentials).
 */
export interface FcmConfig extends SharedConfigInput {
  /** Id or number of the Firebase project; default: the service account's, the app's. Environment: `FCM_PROJECT_ID`. */
  project_id?: string | undefined;
  /**
   * A service account's key file as the Firebase console gives it. Environment: `FCM_SERVICE_ACCOUNT_PATH`,
   * `FCM_CREDENTIALS_PATH`, `GOOGLE_APPLICATION_CREDENTIALS` (which may also name credentials of another kind, used
   * through `firebase-admin`).
   */
  service_account_path?: string | undefined;
  /**
   * The content of such a file: an object, or its JSON text. Needs the permission `cloudmessaging.messages.create`,
   * nothing more.
   */
  service_account?: string | object | undefined;
  /**
   * Any other source of OAuth 2 access tokens for the scope `https://www.googleapis.com/auth/firebase.messaging`.
   * With `expires_in` a token is used until five minutes before its end. Of a bare string the end is not known: it is
   * asked for again every five minutes, and used for an hour if that fails. After a refused token it is asked at once
   * and must not give the same one again.
   */
  get_access_token?: (() => AccessToken | Promise<AccessToken>) | undefined;
  /** An App of firebase-admin. It fetches its tokens over connections of its own: `proxy` and `ca` do not reach them. */
  app?: FirebaseApp | undefined;
  /** Origin that messages and topic subscriptions go to; default `https://fcm.googleapis.com`. */
  endpoint?: string | undefined;
  /**
   * URL where a service account's tokens are fetched; default: its own `token_uri`, else
   * `https://oauth2.googleapis.com/token`.
   */
  token_endpoint?: string | undefined;
  /** Origin of the Instance ID API, for `topic_api: "legacy"`; default `https://iid.googleapis.com`. */
  iid_endpoint?: string | undefined;
  /**
   * How tokens are subscribed to topics: `v1` (default), one request each; `legacy`, the Instance ID API, a thousand
   * in one.
   */
  topic_api?: "v1" | "legacy" | undefined;
  /**
   * From nothing to the full rate (`quota_per_minute`, else 600,000 a minute) in a straight line over so many seconds, at most
   * 3600; anew after a rest of as long. Google asks for at least 60
   * (https://firebase.google.com/docs/cloud-messaging/scale-fcm). Default: no ramp.
   */
  ramp_up_seconds?: number | undefined;
  /**
   * At most so many requests of this provider in any minute; retries and topic subscriptions count too. A project has 600,000
   * (https://firebase.google.com/docs/cloud-messaging/throttling-and-quotas), which all its senders share. Default: no limit
   * but FCM's own answers.
   */
  quota_per_minute?: number | undefined;
}

/** At most one of them. */
const CREDENTIAL_SOURCES = ["service_account_path", "service_account", "get_access_token", "app"] as const;

const GOOGLE_TOKEN_ENDPOINT = "https://oauth2.googleapis.com/token";

const origin = z.string().refine(isOrigin, "expected an origin such as https://fcm.googleapis.com");
const url = z.string().refine(isHttps, `expected an https URL such as ${GOOGLE_TOKEN_ENDPOINT}`);
const EXPECTED_APP = "expected a firebase-admin App with a credential: initializeApp(…)";

export const configSchema = z
  .strictObject({
    project_id: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9.:_-]*$/, "expected the id or the number of a Firebase project")
      .optional(),
    service_account_path: z.string().min(1).optional(),
    service_account: z
      .union([z.string().min(1), z.record(z.string(), z.unknown())], {
        error: "expected the content of a service account's key file: an object, or its JSON text",
      })
      .optional(),
    get_access_token: z
      .custom<NonNullable<FcmConfig["get_access_token"]>>(
        (value) => typeof value === "function",
        "expected a function",
      )
      .optional(),
    app: z.custom<FirebaseApp>(isApp, EXPECTED_APP).optional(),
    endpoint: origin.transform(toOrigin).default("https://fcm.googleapis.com"),
    token_endpoint: url.optional(),
    iid_endpoint: origin.transform(toOrigin).default("https://iid.googleapis.com"),
    topic_api: z.enum(["v1", "legacy"]).default("v1"),
    ramp_up_seconds: z.number().nonnegative().max(3600).optional(),
    quota_per_minute: z.int().positive().optional(),
  })
  .superRefine((config, context) => {
    const given = CREDENTIAL_SOURCES.filter((name) => config[name] !== undefined);
    const complain = (path: string, message: string) =>
      context.addIssue({ code: "custom", path: [path], message });
    if (given.length > 1) complain(given[1] ?? "", `give only one of ${given.join(", ")}`);
    const { project_id, service_account, service_account_path, app } = config;
    if (project_id !== undefined || service_account !== undefined || service_account_path !== undefined)
      return;
    if (app?.options.projectId) return;
    complain("project_id", "the id of the Firebase project");
    if (given.length === 0)
      complain("service_account_path", `or another of ${CREDENTIAL_SOURCES.join(", ")}`);
  });

export type OpenConfig = z.output<typeof configSchema>;

export const environment: Readonly<Record<string, readonly string[]>> = {
  project_id: ["FCM_PROJECT_ID"],
  service_account_path: [
    "FCM_SERVICE_ACCOUNT_PATH",
    "FCM_CREDENTIALS_PATH",
    "GOOGLE_APPLICATION_CREDENTIALS",
  ],
};

/** Where a service account's tokens are fetched. */
export function tokenEndpoint(config: OpenConfig, token_uri: string | undefined): string {
  return config.token_endpoint ?? token_uri ?? GOOGLE_TOKEN_ENDPOINT;
}

export function isHttps(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === "https:";
}

function isOrigin(text: string): boolean {
  if (!isHttps(text)) return false;
  const { origin, href } = new URL(text);
  return href === `${origin}/`;
}

function toOrigin(text: string): string {
  return new URL(text).origin;
}

/** A real one has `options` from its class, and throws when it was deleted. */
function isApp(value: unknown): boolean {
  try {
    return typeof (value as FirebaseApp).options.credential?.getAccessToken === "function";
  } catch {
    return false;
  }
}
