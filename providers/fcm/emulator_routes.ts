/** What a path asks for. */
export type Route =
  | { readonly kind: "send"; readonly project: string }
  | {
      readonly kind: "topic_subscription";
      readonly project: string;
      /** A token or an installation id. */
      readonly registration: string;
      readonly topic: string | undefined;
    }
  | { readonly kind: "instance_id" }
  | { readonly kind: "unknown" };

const SEND = /^\/v1\/projects\/([^/]+)\/messages:send$/;
const TOPICS = /^\/v1\/projects\/([^/]+)\/registrations\/([^/]+)\/topicSubscriptions(?:\/([^/]+))?$/;

export function routeOf(path_and_query: string): Route {
  const path = path_and_query.split("?")[0] ?? "";
  const [, sender] = SEND.exec(path) ?? [];
  if (sender !== undefined) return { kind: "send", project: sender };
  const [, project, registration, topic] = (TOPICS.exec(path) ?? []).map(decodePart);
  if (project !== undefined && registration !== undefined)
    return { kind: "topic_subscription", project, registration, topic };
  return path.startsWith("/iid/") ? { kind: "instance_id" } : { kind: "unknown" };
}

/** A part of a path as it is meant; as it is when its percent-encoding is wrong. */
export function decodePart(part: string): string;
export function decodePart(part: string | undefined): string | undefined;
export function decodePart(part: string | undefined): string | undefined {
  if (part === undefined) return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
