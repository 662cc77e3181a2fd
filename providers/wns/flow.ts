/** Whom access tokens are asked for, and by which of the documented flows. */

/** What an application may do that brings its own tokens. */
export type GetAccessToken = () => Promise<string | { access_token: string; expires_in: number }>;

/** The keys of the config that say who sends. */
export interface SenderKeys {
  readonly tenant_id?: string | undefined;
  readonly client_id?: string | undefined;
  readonly package_sid?: string | undefined;
  readonly client_secret?: string | undefined;
  readonly get_access_token?: GetAccessToken | undefined;
  readonly token_endpoint?: string | undefined;
}

/** A form that is posted to a token endpoint, or the application's own function. */
export type Flow =
  | { readonly kind: "form"; readonly endpoint: string; readonly form: Readonly<Record<string, string>> }
  | { readonly kind: "own"; readonly get_access_token: GetAccessToken };

/** What is wrong with the keys; like an issue of zod. */
export interface FlowIssue {
  readonly path: string[];
  readonly message: string;
}

/**
 * The one flow that the keys make, or everything that keeps them from making one. Looks only at which keys there are.
 *
 * Entra ID is for apps made with the Windows App SDK
 * (https://learn.microsoft.com/windows/apps/develop/notifications/push-notifications/push-quickstart); the Package SID for
 * UWP and MSIX apps of the Store
 * (https://learn.microsoft.com/windows/apps/develop/notifications/push-notifications/push-request-response-headers).
 */
export function readFlow(keys: SenderKeys): Flow | FlowIssue[] {
  const { tenant_id, client_id, package_sid, client_secret, get_access_token, token_endpoint } = keys;
  if (get_access_token !== undefined) {
    const strangers = [...FORM_KEYS, "token_endpoint" as const].filter((key) => keys[key] !== undefined);
    if (strangers.length === 0) return { kind: "own", get_access_token };
    return strangers.map((key) => ({
      path: [key],
      message: "does not go with get_access_token; give one of them",
    }));
  }
  const by_entra = tenant_id !== undefined || client_id !== undefined;
  if (by_entra && package_sid !== undefined) {
    const message = "belongs to the legacy flow, tenant_id and client_id to Entra ID; give one of them";
    return [{ path: ["package_sid"], message }];
  }
  if (!by_entra && package_sid === undefined) return [{ path: [], message: NOTHING_GIVEN }];
  const needed = by_entra ? ENTRA_KEYS : LEGACY_KEYS;
  if (by_entra && tenant_id !== undefined && client_id !== undefined && client_secret !== undefined) {
    return {
      kind: "form",
      endpoint: token_endpoint ?? `https://login.microsoftonline.com/${tenant_id}/oauth2/v2.0/token`,
      // One of Microsoft's samples has a slash at the end; this is how its own libraries spell a default scope.
      form: { grant_type: GRANT, client_id, client_secret, scope: "https://wns.windows.com/.default" },
    };
  }
  if (package_sid !== undefined && client_secret !== undefined) {
    return {
      kind: "form",
      endpoint: token_endpoint ?? "https://login.live.com/accesstoken.srf",
      form: { grant_type: GRANT, client_id: package_sid, client_secret, scope: "notify.windows.com" },
    };
  }
  return needed
    .filter((key) => keys[key] === undefined)
    .map((key) => ({
      path: [key],
      message: `expected together with ${needed.filter((k) => k !== key).join(" and ")}`,
    }));
}

const GRANT = "client_credentials";
const FORM_KEYS = ["tenant_id", "client_id", "package_sid", "client_secret"] as const;
const ENTRA_KEYS = ["tenant_id", "client_id", "client_secret"] as const;
const LEGACY_KEYS = ["package_sid", "client_secret"] as const;
const NOTHING_GIVEN =
  "expected tenant_id, client_id and client_secret (Entra ID), or package_sid and client_secret (legacy), or get_access_token; " +
  "environment: WNS_TENANT_ID, WNS_CLIENT_ID, WNS_PACKAGE_SID, WNS_CLIENT_SECRET";
