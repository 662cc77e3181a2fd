import { XMLParser } from "fast-xml-parser";
import { type Channel, parseChannel } from "../../../providers/wns/channel.js";
import type { WnsPayload } from "../../../providers/wns/fields.js";
import { wns } from "../../../providers/wns/index.js";
import type { WnsOptions } from "../../../providers/wns/options.js";
import type { WnsCodec } from "../../../providers/wns/provider.js";
import { type HttpRequest, isRejection, type Rejection } from "../../../src/codec.js";
import { checkConfig } from "../../../src/config.js";
import type { ResultWarning } from "../../../src/result.js";

export const NOW_MS = Date.UTC(2026, 10, 20, 12, 0, 0);

export const ENTRA = {
  tenant_id: "11111111-2222-3333-4444-555555555555",
  client_id: "66666666-7777-8888-9999-000000000000",
  client_secret: "entra~secret+/=&",
};
export const LEGACY = { package_sid: "ms-app://S-1-15-2-1-2-3", client_secret: "legacy secret/+=" };

/** With escapes that parsing and printing would lose. */
export const CHANNEL_URI = "https://db5p.notify.windows.com/?token=AwYAAAB%2b8dI%2f%3d";

export async function openCodec(config: object = {}): Promise<WnsCodec> {
  const checked = checkConfig("wns", wns.config, { ...ENTRA, ...config });
  const clock = { now: () => NOW_MS, setTimer: () => undefined, clearTimer: () => undefined };
  return (await wns.codec(checked, { clock, random: () => 0 })) as WnsCodec;
}

export function payload(fields: Partial<WnsPayload> = {}, options: WnsOptions = {}): WnsPayload {
  return { title: "Hello", data: {}, priority: "normal", options, ...fields };
}

export function context(ttl_seconds = 300, now_ms = NOW_MS) {
  return {
    message_id: "6f0c1b9e-6c1f-4d9e-8a6c-0a4f9a3b1c2d",
    now_ms,
    expires_at_ms: now_ms + ttl_seconds * 1000,
    sequence: 0,
  };
}

/** Fails the test when it was refused. */
export function accepted<T>(value: T | Rejection): T {
  if (isRejection(value)) throw new Error(`${value.code}: ${value.message}`);
  return value;
}

export function refused(value: unknown): Rejection {
  if (!isRejection(value)) throw new Error("was not refused");
  return value;
}

export function channel(uri = CHANNEL_URI): Channel {
  const policy = { allowed_hosts: ["*.notify.windows.com"], allow_private_endpoints: false };
  return accepted(parseChannel(uri, policy));
}

export interface Case {
  readonly fields?: Partial<WnsPayload>;
  readonly options?: WnsOptions;
  readonly config?: object;
  readonly ttl_seconds?: number;
}

export interface Sent extends HttpRequest {
  readonly text: string;
  readonly warnings: readonly ResultWarning[];
  readonly replaces: boolean;
}

/** Config to wire, or why not. */
export async function tryEncode({
  fields,
  options,
  config,
  ttl_seconds,
}: Case = {}): Promise<Sent | Rejection> {
  const codec = await openCodec(config);
  const prepared = codec.prepare(payload(fields, options), { kind: "token", dry_run: false });
  if (isRejection(prepared)) return prepared;
  const request = await codec.encode(prepared, { kind: "token", token: channel() }, context(ttl_seconds));
  if (isRejection(request)) return request;
  const text = Buffer.from(request.body ?? "").toString();
  return { ...request, text, warnings: prepared.warnings, replaces: prepared.replaces };
}

export async function encode(what: Case = {}): Promise<Sent> {
  return accepted(await tryEncode(what));
}

/** A toast as a device reads it. */
export async function readToast(fields: Partial<WnsPayload>, options: WnsOptions = {}) {
  const { text, warnings } = await encode({ fields, options });
  return { xml: text, root: readXml(text), warnings, fields: warnings.map(({ field }) => field) };
}

/** An element as fast-xml-parser reads it, in order. */
export interface Node {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly children: readonly Node[];
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  htmlEntities: true,
});

/** Parses it with code that nobody here wrote. */
export function readXml(xml: string): Node {
  const [root] = toNodes(parser.parse(xml, true) as unknown[]);
  if (!root) throw new Error("no root");
  return root;
}

function toNodes(entries: readonly unknown[]): Node[] {
  return entries.flatMap((entry) => {
    const { ":@": attributes = {}, ...rest } = entry as Record<string, unknown>;
    const [name, inside] = Object.entries(rest)[0] ?? [];
    if (name === undefined || name === "#text") return [];
    const entries = inside as Record<string, unknown>[];
    const text = entries.map((child) => child["#text"] ?? "").join("");
    return [{ name, attributes: attributes as Record<string, string>, text, children: toNodes(entries) }];
  });
}

/** All elements of that name, in order. */
export function all(root: Node, name: string): Node[] {
  return [...(root.name === name ? [root] : []), ...root.children.flatMap((child) => all(child, name))];
}
