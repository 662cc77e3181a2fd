import { join } from "node:path";
import { generateVapidKeys } from "pushmux/web_push";
import { createPrivateFile, readPrivateFile } from "./private_file.mjs";

/** @typedef {{ vapid_public_key: string, vapid_private_key: string, vapid_subject: string }} VapidKeys */

/**
 * The site's VAPID keys: made on the first start, kept from then on. Every subscription is bound to them
 * (https://www.rfc-editor.org/rfc/rfc8292), so whoever loses the file loses the subscribers.
 *
 * @param {string} folder
 * @param {string} vapid_subject Where push services can reach whoever runs the site: an e-mail address or a URL.
 * @returns {Promise<VapidKeys>}
 */
export async function openVapidKeys(folder, vapid_subject) {
  const path = join(folder, "vapid_keys.json");
  // Without asking first whether there are some: of two processes that start at once the same one has to win.
  await createPrivateFile(path, { ...generateVapidKeys(), vapid_subject });
  return /** @type {VapidKeys} */ (await readPrivateFile(path));
}
