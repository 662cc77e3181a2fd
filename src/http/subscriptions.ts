/** What a device says about its subscription. It may say more than is known here: a worker can be newer than its server. */
import { z } from "zod";
import type { RenewedSubscription, StoredSubscription } from "../store/index.js";
import { type Reply, refuse } from "./answers.js";
import type { Call } from "./call.js";
import { check, id } from "./check.js";
import { hasSameSecret, readRecipient, readTarget, type Target, TOKEN_FIELDS } from "./target.js";

/** What strangers may have stored about their device. */
const MAX_INFO_CHARACTERS = 4096;

const about = z.object({
  device_id: id.nullish(),
  user_id: id.nullish(),
  device_info: z
    .record(z.string(), z.unknown())
    .refine((info) => JSON.stringify(info).length <= MAX_INFO_CHARACTERS, {
      error: `expected at most ${MAX_INFO_CHARACTERS} characters`,
    })
    .nullish(),
  tags: z.array(z.string()).nullish(),
});

const earlier = z.object({
  old_endpoint: z.string().min(1).max(4096).nullish(),
  old_device_token: z.string().min(1).max(4096).nullish(),
  device_id: id.nullish(),
});

/** Stores a subscription, or renews it. */
export async function subscribe(call: Call): Promise<Reply> {
  return store(call, readRecipient(call.body, call.router));
}

/**
 * The same for one that takes the place of an earlier one: its id, owner, tags and history. Only a device that names its
 * own `device_id` can do that: whoever learns of an endpoint shall not have its messages sent elsewhere.
 */
export async function resubscribe(call: Call): Promise<Reply> {
  const recipient = readRecipient(call.body, call.router);
  const { old_endpoint, old_device_token, device_id } = check(earlier, call.body);
  const replaces = old_endpoint ?? old_device_token;
  if (!replaces) return store(call, recipient);
  const old = await call.store.get({ platform: recipient.platform, device_token: replaces });
  return store(call, recipient, old?.device_id === device_id ? old : undefined);
}

/** Forgets it. Also of one that is not known it can be said afterwards that it is not stored. */
export async function unsubscribe({ body, store, limitDevice }: Call): Promise<Reply> {
  const { platform, device_token, name } = readTarget(body, TOKEN_FIELDS);
  limitDevice(name);
  await store.remove([{ platform, device_token }]);
  return { message: "unsubscribed", platform };
}

async function store(call: Call, recipient: Target, old?: StoredSubscription): Promise<Reply> {
  const { platform, device_token, name } = recipient;
  const { identify } = call.settings;
  call.limitDevice(name);
  const { tags, user_id: claimed, ...said } = check(about, call.body);
  const user_id = identify ? await identify(call.request) : claimed;
  const stored = await call.store.get({ platform, device_token });
  const known = stored && hasSameSecret(stored.device_token, device_token) ? stored : undefined;
  const wanted: RenewedSubscription = { platform, device_token, user_id, ...said };
  if (old) wanted.replaces = old.device_token;
  if (stored && !known) {
    // No browser changes the keys of an endpoint. Whoever does knows that endpoint and no more, and gets nothing with it.
    wanted.user_id ??= null;
    wanted.device_id ??= null;
    wanted.device_info ??= null;
    wanted.tags = null;
  }
  if (tags) wanted.tags = chooseTags(call, tags, ownedBy(user_id, known ?? old)?.tags);
  const { subscription, device_key } = await call.store.subscribe(wanted);
  const { id, device_id, user_id: owner, tags: stored_tags } = subscription;
  const fields = { id, device_id, device_key, user_id: owner, tags: stored_tags };
  return { code: 201, message: old ? "subscription replaced" : "subscribed", platform, fields };
}

/** What was there before, if it stays in the same hands. */
function ownedBy(user_id: string | null | undefined, before: StoredSubscription | undefined) {
  return user_id === undefined || user_id === before?.user_id ? before : undefined;
}

/** Those that it chose, and those that it has and that are not its to choose. */
function chooseTags({ settings }: Call, tags: readonly string[], before: readonly string[] = []): string[] {
  const { subscriber_tags } = settings;
  if (!tags.every((tag) => subscriber_tags.includes(tag))) {
    refuse(400, "tags: not all of them are for a subscriber to choose", { field: "tags" });
  }
  return [...before.filter((tag) => !subscriber_tags.includes(tag)), ...tags];
}
