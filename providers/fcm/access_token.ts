import { PushError } from "../../src/provider_kit.js";
import type { AccessToken, FirebaseApp, OpenConfig } from "./config.js";

/** Somebody else's tokens. */
export interface TokenSupplier {
  /** As the config calls it. */
  readonly name: string;
  /** `refused`: the service does not take the last one any more. */
  get(refused: boolean): unknown;
}

/** What firebase-admin keeps beside its promised API: the only way to a token that is not from its own cache. */
interface AppInternals {
  readonly INTERNAL?:
    | { getToken?: (force: boolean) => Promise<{ accessToken: string; expirationTime: number }> }
    | undefined;
}

/** As much of `firebase-admin/app` as is used. */
export interface AdminModule {
  applicationDefault(): { getAccessToken(): Promise<AccessToken> };
}

/**
 * The supplier that the config names; with none, Google's application default credentials.
 *
 * @throws PushError `PEER_MISSING` when those are wanted and `firebase-admin` is not installed.
 */
export async function openSupplier(
  { get_access_token, app }: Pick<OpenConfig, "get_access_token" | "app">,
  importAdmin: () => Promise<AdminModule> = () => import("firebase-admin/app"),
): Promise<TokenSupplier> {
  if (get_access_token) return { name: "get_access_token", get: () => get_access_token() };
  if (app) return { name: "app", get: (refused) => getFromApp(app, refused) };
  const credential = (await loadAdmin(importAdmin)).applicationDefault();
  return { name: "application default credentials", get: () => credential.getAccessToken() };
}

async function getFromApp(app: FirebaseApp & AppInternals, refused: boolean): Promise<unknown> {
  const { INTERNAL } = app;
  if (!refused || !INTERNAL?.getToken) return app.options.credential?.getAccessToken();
  const { accessToken, expirationTime } = await INTERNAL.getToken(true);
  return { access_token: accessToken, expires_in: (expirationTime - Date.now()) / 1000 };
}

async function loadAdmin(importAdmin: () => Promise<AdminModule>): Promise<AdminModule> {
  try {
    return await importAdmin();
  } catch (error) {
    const { code, message } = { ...(error as { code?: unknown }), message: String(error) };
    // A package that firebase-admin itself misses is another matter.
    const is_missing =
      (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") &&
      /(package|module) '?firebase-admin/i.test(message);
    throw is_missing ? new PushError("PEER_MISSING", "npm install firebase-admin", { cause: error }) : error;
  }
}
