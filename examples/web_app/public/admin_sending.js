import { showOutcomes } from "./admin_outcomes.js";
import { ask, askForEvents } from "./api.js";
import { byId, count } from "./dom.js";

/** A broadcast under way: how far it is, what came of it so far, and how to stop it. One at a time. */
export function startSending({ may_send, explain }) {
  const title = byId("progress_title");
  const stop = byId("stop");
  let is_running = false;
  let running_id;

  stop.addEventListener("click", () => {
    ask(`/push/broadcasts/${encodeURIComponent(running_id)}/stop`, {}).catch(explain);
  });

  return { run };

  /** Resolves when it has ended, whatever came of it. */
  async function run(body) {
    if (is_running) return;
    is_running = true;
    title.textContent = "Sending";
    try {
      await askForEvents("/push/broadcast", body, show);
    } catch (error) {
      explain(error);
    } finally {
      is_running = false;
      stop.hidden = true;
    }
  }

  function show(event, data) {
    const { broadcast = data } = data;
    if (event === "started") {
      running_id = broadcast.id;
      stop.hidden = !may_send;
      byId("progress_card").hidden = false;
    }
    if (event !== "result" || data.broadcast) showProgress(broadcast);
    if (event !== "result") return;
    title.textContent = data.success ? "Sent" : "Stopped";
    if (!data.broadcast) explain(data);
  }

  function showProgress({ total, sent, failed, removed, codes, per_second }) {
    const done = sent + failed;
    const all = Math.max(total, done);
    byId("progress").max = Math.max(all, 1);
    byId("progress").value = done;
    const rate = per_second ? `, ${count(Math.round(per_second))} per second` : "";
    byId("progress_text").textContent = `${count(done)} of ${count(all)}${rate}`;
    showOutcomes(byId("outcomes"), { sent, codes, removed });
  }
}
