import type { Broadcast, Segment } from "../store/index.js";
import { type Reply, refuse, toEnvelope } from "./answers.js";
import type { Call } from "./call.js";
import { check, checkPayload, id } from "./check.js";
import { eventStream } from "./event_stream.js";
import type { ProgressListener } from "./running_broadcasts.js";
import { broadcastReply } from "./views.js";

/**
 * Sends to a segment, and tells how far it has come: the events are `started`, `progress` (at most ten a second) and
 * `result`. With the `id` of one that exists, goes on with that one, or joins those who watch it. A client that leaves
 * does not stop it.
 */
export async function broadcast(call: Call): Promise<Response> {
  const { store, router, broadcasts, settings } = call;
  const found = await findOrCreate(call);
  const run = found.state === "finished" ? undefined : broadcasts.start(found.id, { store, router });
  return eventStream(async ({ send, offer }, signal) => {
    send("started", { broadcast: broadcastReply(found) });
    const listener: ProgressListener = (progress) => offer("progress", progress);
    if (run?.progress) listener(run.progress);
    run?.listeners.add(listener);
    signal.addEventListener("abort", () => run?.listeners.delete(listener));
    const reply = await (run?.ended ?? Promise.resolve(found)).then(resultOf, call.failed);
    run?.listeners.delete(listener);
    send("result", toEnvelope(reply, settings.now()));
  });
}

/** Stops one, wherever it runs: it is `paused`, and can be gone on with. */
export async function stopBroadcast({ param, store, broadcasts }: Call): Promise<Reply> {
  const found = await store.getBroadcast(param);
  if (!found) refuse(404, "no such broadcast");
  const run = broadcasts.find(param);
  run?.stop();
  await run?.ended;
  const now = await store.getBroadcast(param);
  if (now?.state === "running") {
    // Another process had it. Now this one has, and does nothing with it.
    const taken = await store.startBroadcast(param);
    if (taken) await store.endBroadcast({ id: param, run: taken.run }, "paused");
  }
  return { ...resultOf(await store.getBroadcast(param)), success: true };
}

async function findOrCreate({ body, store }: Call): Promise<Broadcast> {
  const { id: given_id, segment, ...rest } = body;
  if (given_id !== undefined) {
    const known = await store.getBroadcast(check(id, given_id, "id"));
    if (known) return known;
    if (segment === undefined && Object.keys(rest).length === 0)
      refuse(404, "no such broadcast", { field: "id" });
  }
  const payload = checkPayload(rest);
  return store.createBroadcast({
    payload,
    // The store says what is wrong with them.
    id: given_id as string | undefined,
    segment: segment as Segment | undefined,
  });
}

function resultOf(broadcast: Broadcast | undefined): Reply {
  const { state, sent = 0, total = 0 } = broadcast ?? {};
  return {
    success: state === "finished",
    message: `${state ?? "unknown"}: ${sent} of ${total} accepted`,
    fields: { broadcast: broadcast && broadcastReply(broadcast) },
  };
}
