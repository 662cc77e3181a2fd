/** Proxies end connections that are silent for long. */
const HEARTBEAT_MS = 15_000;

/** Writes server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export interface EventWriter {
  send(event: string, data: object): void;
  /** For what the next of its kind makes worthless: left out while the reader is slow. */
  offer(event: string, data: object): void;
}

/** An answer that ends when `write` does. `signal` aborts when the reader has left. */
export function eventStream(write: (writer: EventWriter, signal: AbortSignal) => Promise<void>): Response {
  const left = new AbortController();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const push = (text: string) => {
        if (!left.signal.aborted) controller.enqueue(encoder.encode(text));
      };
      const send = (event: string, data: object) =>
        push(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      const offer = (event: string, data: object) => {
        if ((controller.desiredSize ?? 0) > 0) send(event, data);
      };
      const heartbeat = setInterval(() => push(": still there\n\n"), HEARTBEAT_MS);
      heartbeat.unref();
      left.signal.addEventListener("abort", () => clearInterval(heartbeat));
      // Not awaited: the answer begins before its end is known.
      const ending = write({ send, offer }, left.signal).catch(() => {});
      void ending.then(() => {
        if (left.signal.aborted) return;
        clearInterval(heartbeat);
        controller.close();
      });
    },
    cancel() {
      left.abort();
    },
  });
  const headers = { "content-type": "text/event-stream; charset=utf-8", "x-accel-buffering": "no" };
  return new Response(body, { headers });
}
