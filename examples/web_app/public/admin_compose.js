import { showLook } from "./admin_look.js";
import { readPayload, readSegment } from "./admin_payload.js";
import { showPreviews } from "./admin_previews.js";
import { startSending } from "./admin_sending.js";
import { ask } from "./api.js";
import { amount, byId, say } from "./dom.js";

/** So long after the last key the number of recipients is asked for. */
const PAUSE_MS = 250;

/** The form, how it would look, whom it would reach, and the way to send it. */
export function startCompose({ account, failed }) {
  const form = byId("compose");
  const { title, audience, tags, user } = form.elements;
  const status = byId("compose_status");
  const may_send = account.role === "admin";
  const sending = startSending({ may_send, explain });
  let timer;
  let asked = 0;

  byId("may_not_send").hidden = may_send;
  byId("send").disabled = !may_send;
  form.addEventListener("input", ({ target }) => {
    target.removeAttribute("aria-invalid");
    byId("audience_tags").hidden = audience.value !== "tags";
    byId("audience_user").hidden = audience.value !== "user";
    showLook(byId("look"), readPayload(form));
    clearTimeout(timer);
    timer = setTimeout(showReach, PAUSE_MS);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send().catch(explain);
  });
  byId("preview").addEventListener("click", () => preview().catch(explain));

  return {
    open() {
      showLook(byId("look"), readPayload(form));
      showReach();
    },
    /** One that was sent before: goes on with it, or looks on. */
    watch(id) {
      location.hash = "#send";
      sending.run({ id });
    },
  };

  async function send() {
    if (!isComplete()) return;
    const payload = readPayload(form);
    const segment = readSegment(form);
    const { count: reached } = await ask("/push/segment-size", { segment });
    if (reached === 0) say(status, "Nobody is meant: no subscription fits.", "bad");
    else if (confirm(`Send “${payload.title}” to ${amount(reached, "device")}?`)) {
      sending.run({ ...payload, segment });
    }
  }

  async function preview() {
    if (!isComplete()) return;
    const body = { ...readPayload(form), segment: readSegment(form) };
    showPreviews(byId("previews"), await ask("/push/preview", body));
    byId("preview_card").hidden = false;
    byId("preview_card").scrollIntoView({ block: "nearest" });
  }

  /** How many would get it now; the answer to the newest question counts. */
  async function showReach() {
    const question = ++asked;
    const segment = readSegment(form);
    const answer = segment
      ? await ask("/push/segment-size", { segment }).catch((error) => error)
      : { message: "Reaches nobody yet." };
    if (question !== asked) return;
    const is_wrong = answer instanceof Error;
    if (answer.status === 401) failed(answer);
    if (is_wrong && audience.value === "tags") tags.setAttribute("aria-invalid", "true");
    const { count: reached } = answer;
    const text = reached === undefined ? answer.message : `Reaches ${amount(reached, "device")}.`;
    say(byId("reach"), text, is_wrong ? "bad" : "");
  }

  function isComplete() {
    say(status, "");
    if (title.value.trim() === "") return isMissing(title, "A notification needs a title.");
    if (readSegment(form)) return true;
    const is_user = audience.value === "user";
    return isMissing(is_user ? user : tags, `Enter a ${is_user ? "user" : "tag"}, or choose everybody.`);
  }

  function isMissing(field, text) {
    say(status, text, "bad");
    field.setAttribute("aria-invalid", "true");
    field.focus();
    return false;
  }

  /** What is wrong stands in the form, and the field that it is about is marked. */
  function explain(error) {
    if (error.status === 401) failed(error);
    say(status, error.message, "bad");
    form.elements[error.field]?.setAttribute?.("aria-invalid", "true");
  }
}
