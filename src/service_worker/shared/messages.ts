/** What was shown, as the worker tells the open pages. */
export interface ReceivedNotification {
  title: string;
  body?: string;
  icon?: string;
  badge?: string;
  image?: string;
  tag?: string;
  actions?: { action: string; title: string; icon?: string }[];
  /** Your data, and in it `url`, `message_id` and `action_urls` when there are any. */
  data: Record<string, unknown>;
  /** ISO time. */
  received_at: string;
}

/** From the worker to the pages. */
export type WorkerMessage =
  | { readonly type: "pushmux:notification"; readonly notification: ReceivedNotification }
  | { readonly type: "pushmux:subscription_change" };
