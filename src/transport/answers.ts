import { channel } from "node:diagnostics_channel";
import type { HttpResponse } from "../codec.js";

/** https://nodejs.org/api/diagnostics_channel.html */
const ANSWERS = channel("pushmux:answer");

/**
 * Tells whoever watches that an answer came over the network, with its status and its `Date`. No more: other headers
 * (`Location`, `Set-Cookie`) and bodies may be secrets.
 */
export function announce({ status, headers }: HttpResponse): void {
  if (ANSWERS.hasSubscribers) ANSWERS.publish({ status, date: headers.date });
}
