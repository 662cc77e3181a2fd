export type { WnsConfig } from "./config.js";
export type { WnsAction, WnsInput, WnsOptions } from "./options.js";
export { WnsProvider, wns } from "./provider.js";
export type { XmlElement } from "./xml.js";
