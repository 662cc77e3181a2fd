/** What was sent, and what became of it; and whom a segment would reach. */
import { z } from "zod";
import type { Segment } from "../store/index.js";
import { type Reply, refuse } from "./answers.js";
import type { Call } from "./call.js";
import { check, checkQuery, id, wholeNumber } from "./check.js";
import { broadcastReply, deliveryReply, statisticsReply } from "./views.js";

/** The delivery log, newest first: of all, of a device, a user or a broadcast. */
export async function pushLogs({ query, store }: Call): Promise<Reply> {
  const wanted = checkQuery(
    {
      device_id: id.optional(),
      user_id: id.optional(),
      broadcast_id: id.optional(),
      limit: wholeNumber(1, 1000, 50),
    },
    query,
  );
  const deliveries = await store.deliveries(wanted);
  return {
    message: `${deliveries.length} deliveries`,
    fields: { deliveries: deliveries.map(deliveryReply) },
  };
}

export async function statistics({ query, store }: Call): Promise<Reply> {
  const shape = { days: wholeNumber(1, 90, 7), platform: id.optional(), device_id: id.optional() };
  const { platform, ...counts } = await store.statistics(checkQuery(shape, query)).then((found) => ({
    ...statisticsReply(found),
    platform: query.get("platform"),
  }));
  return { message: `of the last ${counts.days} days`, platform, fields: counts };
}

export async function listBroadcasts({ query, store }: Call): Promise<Reply> {
  const wanted = checkQuery({ limit: wholeNumber(1, 200, 50), before: id.optional() }, query);
  const broadcasts = await store.listBroadcasts(wanted);
  return {
    message: `${broadcasts.length} broadcasts`,
    fields: { broadcasts: broadcasts.map(broadcastReply) },
  };
}

export async function showBroadcast({ param, store }: Call): Promise<Reply> {
  const broadcast = await store.getBroadcast(param);
  if (!broadcast) refuse(404, "no such broadcast");
  return { message: broadcast.state, fields: { broadcast: broadcastReply(broadcast) } };
}

/** A POST, because users and devices do not belong into a URL. */
export async function segmentSize({ body, store }: Call): Promise<Reply> {
  const { segment } = check(z.strictObject({ segment: z.custom<Segment>().optional() }), body);
  const count = await store.count(segment);
  return { message: `${count} subscriptions`, fields: { count } };
}
