import type { WnsFlow, WnsService } from "../../../src/testing/index.js";
import { request } from "../../testing/client.js";
import { goodPush, send } from "./emulator_push.js";

/** A request for a token, laid open so that a test can spoil one thing of it. */
export interface Ask {
  method: string;
  url: string;
  content_type: string;
  form: Record<string, string>;
  /** In place of the form. */
  body?: string;
}

export function goodAsk(service: WnsService, flow: WnsFlow): Ask {
  const { config, legacy_config } = service;
  const common = { method: "POST", content_type: "application/x-www-form-urlencoded" };
  const grant_type = "client_credentials";
  if (flow === "entra") {
    const { client_id, client_secret, token_endpoint } = config;
    const scope = "https://wns.windows.com/.default";
    return { ...common, url: token_endpoint, form: { grant_type, client_id, client_secret, scope } };
  }
  const { package_sid, client_secret, token_endpoint } = legacy_config;
  const form = { grant_type, client_id: package_sid, client_secret, scope: "notify.windows.com" };
  return { ...common, url: token_endpoint, form };
}

/** Asks for a token; `spoil` may break one thing of a request that is otherwise good. */
export async function ask(service: WnsService, flow: WnsFlow, spoil: (one: Ask) => unknown = () => {}) {
  const one = goodAsk(service, flow);
  spoil(one);
  const body = one.body ?? new URLSearchParams(one.form).toString();
  const { status, headers, text } = await request({
    url: one.url,
    ca: service.ca,
    method: one.method,
    headers: { "content-type": one.content_type },
    body: Buffer.from(body),
  });
  return { status, headers, body: text === "" ? undefined : (JSON.parse(text) as Record<string, unknown>) };
}

/** The status of a notification that goes out with this token. */
export async function pushWith(service: WnsService, token: unknown): Promise<number> {
  const push = goodPush(service, service.createDevice());
  push.headers.authorization = `Bearer ${token}`;
  return (await send(service, push)).status;
}
