import { channel } from "node:diagnostics_channel";

/**
 * Status and headers of every answer that comes over the network, for whoever watches; never a body, which may be a
 * token. https://nodejs.org/api/diagnostics_channel.html
 */
export const answers = channel("pushmux:answer");
