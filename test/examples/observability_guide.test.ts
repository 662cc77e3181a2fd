import { channel } from "node:diagnostics_channel";
import { describe, expect, it, onTestFinished } from "vitest";
import { type BulkProgress, getPushProvider, type PushEvent } from "../../src/index.js";
import { startFcmService } from "../../src/testing/index.js";
import { chapterOf, namesIn, rowsOf } from "./guide_pages.js";

const chapter = (title: string) => chapterOf("observability", title);
/** A chapter of `##` up to its first `###`, or the part under that `###`. */
const part = (title: string, name?: string) => {
  const [own = "", ...parts] = chapter(title).split(/^### /m);
  return name === undefined ? own : (parts.find((text) => text.startsWith(name)) ?? "");
};
/** The table of the channels' messages. */
const messages = () => `| field${part("Channels").split("| field")[1]}`;
/** The fields in the first column; with `column`, only of rows where it says something. */
const fields = (text: string, column = 1) =>
  rowsOf(text)
    .filter((row) => row[column] !== "")
    .flatMap(([first = ""]) => namesIn(first));
const keysOf = (...objects: object[]) =>
  [...new Set(objects.flatMap((object) => Object.keys(object)))].sort();
const payload = { title: "t" };

/** One notification that is retried and accepted, one that is refused; and all that was told of them. */
async function told() {
  const heard = new Map<string, object[]>();
  const listen = (name: string) => {
    const hear = (message: unknown) => {
      heard.set(name, [...(heard.get(name) ?? []), { ...(message as object) }]);
    };
    channel(name).subscribe(hear);
    onTestFinished(() => void channel(name).unsubscribe(hear));
  };
  const start = "tracing:pushmux:send:start";
  for (const name of [start, start.replace("start", "asyncEnd"), "pushmux:credential"]) listen(name);
  for (const name of ["start", "asyncEnd"]) listen(`tracing:pushmux:attempt:${name}`);
  await using service = await startFcmService();
  const events: PushEvent[] = [];
  await using push = await getPushProvider(
    "fcm",
    { ...service.config, retry: { base_delay_ms: 1 } },
    { force_new: true, on_event: (event) => events.push(event) },
  );
  const [busy, gone] = [service.createDevice(), service.createDevice()];
  gone.unregister();
  service.respond(busy.device_token, [{ status: 503, headers: { "retry-after": "1" } }]);
  const progress: BulkProgress[] = [];
  await push.sendMulticastNotification([busy.device_token, gone.device_token], payload, {
    on_progress: (one) => progress.push(one),
  });
  service.respond("token_endpoint", { status: 500 });
  await using unlucky = await getPushProvider("fcm", service.config, { force_new: true });
  await unlucky.sendNotification(busy.device_token, payload, { deadline_seconds: 1 });
  return { heard: (name: string) => heard.get(name) ?? [], events, progress, stats: push.stats() };
}

describe("the tables of the guide to observability", () => {
  it("name every field, and none that there is not", async () => {
    const { heard, events, progress, stats } = await told();

    expect(fields(part("Numbers"), 2).sort()).toEqual(keysOf(stats).filter((key) => key !== "platform"));
    const rows = new Map(rowsOf(part("Numbers")).map(([name = "", , text = ""]) => [name, text]));
    expect(namesIn(rows.get("`origins`") ?? "")).toEqual(Object.keys(stats.origins));
    expect(namesIn(rows.get("`credentials`") ?? "")).toEqual(Object.keys(stats.credentials ?? {}));
    expect(fields(part("Numbers", "Latencies")).sort()).toEqual(keysOf(stats.attempt_latency));

    expect(fields(messages(), 1).sort()).toEqual(keysOf(...heard("tracing:pushmux:send:asyncEnd")));
    expect(fields(messages(), 2).sort()).toEqual(keysOf(...heard("tracing:pushmux:attempt:asyncEnd")));
    expect(fields(messages(), 3).sort()).toEqual(keysOf(...heard("pushmux:credential")));

    for (const [column, type] of ["attempt", "settled"].entries()) {
      const fields_told = keysOf(...events.filter((event) => event.type === type));
      expect(fields(part("Events and logger"), column + 1).sort()).toEqual(fields_told);
    }
    expect(fields(part("Progress")).sort()).toEqual(keysOf(...progress));
  });

  it("say which fields are there only at the end", async () => {
    const { heard } = await told();
    const at_start = (column: number) =>
      rowsOf(messages())
        .filter((row) => row[column]?.startsWith("yes") && !row[0]?.includes("duration"))
        .flatMap(([first = ""]) => namesIn(first));
    expect(at_start(1).sort()).toEqual(keysOf(...heard("tracing:pushmux:send:start")));
    expect(at_start(2).sort()).toEqual(keysOf(...heard("tracing:pushmux:attempt:start")));
  });

  it("name every channel", () => {
    const names = [...part("Channels").matchAll(/^\| `(pushmux:\w+)`/gm)].map(([, name]) => name);
    expect(names).toEqual(["pushmux:send", "pushmux:attempt", "pushmux:credential", "pushmux:answer"]);
  });
});
