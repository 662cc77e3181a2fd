/** Where subscriptions, the delivery log and broadcasts are kept. */
export type { BroadcastOptions } from "./broadcast.js";
export { sendBroadcast } from "./broadcast.js";
export { createStore } from "./create_store.js";
export type { DeliverOptions, StoredNotification } from "./deliver.js";
export { deliver } from "./deliver.js";
export type {
  AcknowledgeWrite,
  BroadcastRow,
  BroadcastWrite,
  DeliveriesQuery,
  DeliveryRow,
  DeliverySum,
  DeliveryWrite,
  EndBroadcastWrite,
  PageQuery,
  Selection,
  SettleWrite,
  StoreDriver,
  SubscriptionRow,
  SubscriptionWrite,
  SumsQuery,
} from "./driver.js";
export { openMemoryStore } from "./memory.js";
export type { BroadcastProgress } from "./progress.js";
export type {
  Acknowledgement,
  Broadcast,
  BroadcastState,
  Delivery,
  DeliveryCounts,
  DeliveryStatistics,
  DeliveryStatus,
  NewSubscription,
  RenewedSubscription,
  Segment,
  StoredSubscription,
  SubscriptionTarget,
} from "./records.js";
export type { Sender } from "./settling.js";
export type { SqliteStoreOptions } from "./sqlite.js";
export { openSqliteStore } from "./sqlite.js";
export type {
  BroadcastRun,
  DeliveriesOptions,
  NewBroadcast,
  NewDelivery,
  PageOptions,
  PendingOptions,
  Settled,
  StatisticsOptions,
  StoreOptions,
  Subscribed,
  SubscriptionStore,
} from "./store.js";
export type { TagExpression } from "./tags.js";
export { matchesTags, parseTags } from "./tags.js";
