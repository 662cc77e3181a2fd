import { randomBytes } from "node:crypto";
import {
  EVERYONE,
  type HttpServiceRules,
  ReceivedLog,
  type RequestHead,
  sendsStatus,
} from "../../src/testing/kit.js";
import { bearerToken } from "./emulator_access.js";
import { parseJson, type ReadBody, readBody } from "./emulator_body.js";
import {
  EmulatedDevice,
  type FcmDevice,
  type FcmDeviceOptions,
  type FcmReceived,
} from "./emulator_device.js";
import { instanceIdRefusal } from "./emulator_instance_id.js";
import { isObject, part } from "./emulator_proto.js";
import { type FcmScriptedAnswer, isScripted, overlay, scriptedError } from "./emulator_reasons.js";
import { type Route, routeOf } from "./emulator_routes.js";
import { SEND_MESSAGE_REQUEST } from "./emulator_schema.js";
import { recipients, subjectOf } from "./emulator_send.js";
import { type Desk, type Request, verdict } from "./emulator_verdict.js";
import { gatewayError, type Reply, refusal, success } from "./emulator_words.js";

/** The service behind the socket: its devices, what they receive, and what it says to each request. */
export class MessageOffice implements HttpServiceRules {
  readonly log = new ReceivedLog<FcmReceived>();
  readonly identifies_by_body = true;
  readonly #desk: Desk;
  readonly #now: () => number;

  constructor(desk: Desk, now: () => number) {
    this.#desk = desk;
    this.#now = now;
  }

  createDevice(options: FcmDeviceOptions = {}): FcmDevice {
    const device = new EmulatedDevice(this.#desk.project.id, options, this.#now);
    this.#desk.registry.add(device);
    return device;
  }

  /** The name by which scripts and faults know a device, a topic or a condition. */
  nameOf(target: string): string {
    if (target === EVERYONE || target.startsWith("/topics/") || target.includes(" in topics")) return target;
    const device = this.#desk.registry.find(target);
    if (device) return device.device_token;
    throw new Error(
      `not a token of this service: take one from createDevice(), "/topics/NAME", a condition, or "${EVERYONE}" for all`,
    );
  }

  identify(head: RequestHead, body: Buffer = Buffer.alloc(0)) {
    const route = routeOf(head.path);
    return {
      device: this.#subject(route, parseJson(body.toString())),
      credential: bearerToken(head.headers),
    };
  }

  serve(request: Request): Reply {
    const route = routeOf(request.path);
    const body = readBody(request, SEND_MESSAGE_REQUEST);
    const entry = this.#readEntry(request, route, body);
    const reply = request.unread ? { status: 0 } : this.#answer(request, route, body, entry);
    if (!request.fault || sendsStatus(request.fault)) entry.status = reply.status;
    this.log.add(entry);
    return reply;
  }

  clearReceived(): void {
    this.log.clear();
    for (const device of this.#desk.registry.all()) device.log.clear();
  }

  /** Ends every wait for something to be received. */
  end(): void {
    this.log.end();
    for (const device of this.#desk.registry.all()) device.log.end();
  }

  #answer(request: Request, route: Route, body: ReadBody, entry: FcmReceived): Reply {
    const scripted: FcmScriptedAnswer = request.scripted ?? {};
    const reply = isScripted(scripted)
      ? this.#scripted(scripted, route, entry)
      : (verdict(request, route, body, this.#desk) ?? this.#accept(entry));
    if (scripted.body === undefined) {
      entry.reason = reply.reason;
      entry.error = reply.error;
    }
    return overlay(reply, scripted);
  }

  #scripted(scripted: FcmScriptedAnswer, route: Route, entry: FcmReceived): Reply {
    const { kind } = route;
    const { status = 0, reason, message } = scripted;
    if (status >= 200 && status < 300) return kind === "send" ? this.#accept(entry) : success({});
    if (kind === "instance_id") return instanceIdRefusal(status || 500, reason ?? message ?? "INTERNAL");
    if ((status === 502 || status === 504) && reason === undefined) return gatewayError(status);
    return refusal(scriptedError(scripted, this.#desk.project.id, this.#subject(route, entry.json) ?? ""));
  }

  #accept(entry: FcmReceived): Reply {
    const { message = {}, validate_only } = entry;
    const id = validate_only ? "fake_message_id" : `0:${this.#now()}000%${randomBytes(8).toString("hex")}`;
    entry.name = `projects/${this.#desk.project.id}/messages/${id}`;
    if (!validate_only) for (const device of recipients(message, this.#desk)) device.log.add(entry);
    return success({ name: entry.name });
  }

  /** A device's token, `/topics/NAME`, or a condition. */
  #subject(route: Route, json: unknown): string | undefined {
    if (route.kind === "topic_subscription")
      return this.#desk.registry.find(route.registration)?.device_token;
    if (route.kind !== "send" || !isObject(json) || !isObject(json.message)) return undefined;
    return subjectOf(json.message, this.#desk);
  }

  #readEntry(request: Request, route: Route, { json, read, error }: ReadBody): FcmReceived {
    const { method, path, headers, body, connection } = request;
    const subject = this.#subject(route, json);
    const is_readable = route.kind === "send" && error === undefined;
    return {
      kind: route.kind,
      device_token: subject === undefined ? undefined : this.#desk.registry.find(subject)?.device_token,
      method,
      path,
      http_version: connection.http_version,
      connection_id: connection.id,
      headers,
      body,
      json,
      message: is_readable ? part(read, "message") : undefined,
      validate_only: is_readable && read.validate_only === true,
      fault: request.fault ?? (request.credential_expired ? "expired_credentials" : undefined),
      timestamp: new Date(this.#now()).toISOString(),
    };
  }
}
