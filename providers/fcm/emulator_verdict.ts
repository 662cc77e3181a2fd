import type { Http2FaultKind, ServedRequest } from "../../src/testing/kit.js";
import { judgeAccess } from "./emulator_access.js";
import type { AccessTokens } from "./emulator_account.js";
import { type ReadBody, readQuery } from "./emulator_body.js";
import { isRegistration } from "./emulator_device.js";
import { instanceIdRefusal, serveInstanceId } from "./emulator_instance_id.js";
import type { Route } from "./emulator_routes.js";
import { badRegistration, checkDevice, isSender, judgeSending, type Post } from "./emulator_send.js";
import { serveTopics } from "./emulator_topics.js";
import {
  methodUnknown,
  notOurProject,
  pathUnknown,
  type Reply,
  refusal,
  unauthorizedPage,
} from "./emulator_words.js";

/** What a verdict is made from. */
export interface Desk extends Post {
  readonly tokens: AccessTokens;
}

export type Request = ServedRequest<Http2FaultKind>;

/** What the service itself says to a request with this body; `undefined`: it takes the message. */
export function verdict(request: Request, route: Route, body: ReadBody, desk: Desk): Reply | undefined {
  switch (route.kind) {
    case "unknown":
      return pathUnknown(request.path);
    case "instance_id":
      return judgeInstanceId(request, desk);
    case "topic_subscription":
      return judgeTopics(request, route, desk);
    case "send": {
      if (request.method !== "POST") return methodUnknown(request.method, "POST");
      const error =
        judgeAccess(request.headers, desk.tokens, request.credential_expired) ??
        readQuery(request.path, {}).error ??
        body.error ??
        judgeSending(body.read, route.project, desk);
      return error && refusal(error);
    }
  }
}

function judgeTopics(
  request: Request,
  { project, registration, topic }: Route & { kind: "topic_subscription" },
  desk: Desk,
): Reply {
  const device = desk.registry.find(registration);
  const error =
    judgeAccess(request.headers, desk.tokens, request.credential_expired) ??
    (isSender(project, desk) ? undefined : notOurProject(project)) ??
    (isRegistration(registration) ? checkDevice(device, desk) : badRegistration("parent"));
  if (error || !device) return refusal(error ?? notOurProject(project));
  const parent = `projects/${project}/registrations/${registration}`;
  const { method, path, headers, body } = request;
  return serveTopics({ method, path, headers, body, parent, topic }, device);
}

/** Google access tokens are taken there only with a header that says that it is one. */
function judgeInstanceId(request: Request, desk: Desk): Reply {
  const error = judgeAccess(request.headers, desk.tokens, request.credential_expired);
  const is_access_token = request.headers.access_token_auth === "true";
  if (error?.code === 403) return instanceIdRefusal(403, "PERMISSION_DENIED");
  if (error || !is_access_token) return unauthorizedPage();
  return serveInstanceId(request, desk);
}
