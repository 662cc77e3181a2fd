// Spans for OpenTelemetry: one for each notification, and in it one for each request. Take `traceToOpenTelemetry` along into your
// app; it needs @opentelemetry/api, and your SDK decides where the spans go. Here they stay in memory, so it runs offline.
import { AsyncLocalStorage } from "node:async_hooks";
import { tracingChannel } from "node:diagnostics_channel";
import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { getPushProvider } from "pushmux";

/** @typedef {import("pushmux").SendTrace} SendTrace */
/** @typedef {import("pushmux").AttemptTrace} AttemptTrace */
/** @typedef {import("@opentelemetry/api").Context} Context */

/**
 * From now on every notification is a span, child of the span in which it was sent. Attributes follow the semantic conventions for
 * messaging and HTTP; `messaging.system` is the platform.
 */
function traceToOpenTelemetry(tracer = trace.getTracer("pushmux")) {
  const send = tracingChannel("pushmux:send");
  const attempt = tracingChannel("pushmux:attempt");
  /** What a channel says at the end is the object that it said at the start. @type {WeakMap<object, import("@opentelemetry/api").Span>} */
  const spans = new WeakMap();
  /** In it the notification whose requests are made. @type {AsyncLocalStorage<Context>} */
  const notification = new AsyncLocalStorage();

  send.start.bindStore(notification, (message) => {
    const { platform } = /** @type {SendTrace} */ (message);
    const attributes = {
      "messaging.system": platform,
      "messaging.operation.name": "send",
      "messaging.operation.type": "send",
    };
    const parent = context.active();
    const span = tracer.startSpan(`send ${platform}`, { kind: SpanKind.CLIENT, attributes }, parent);
    spans.set(/** @type {object} */ (message), span);
    return trace.setSpan(parent, span);
  });

  attempt.start.subscribe((message) => {
    const { attempt, method, origin } = /** @type {AttemptTrace} */ (message);
    const { hostname, port } = new URL(origin);
    const attributes = {
      "http.request.method": method,
      "server.address": hostname,
      "server.port": Number(port || 443),
      ...(attempt > 1 ? { "http.request.resend_count": attempt - 1 } : {}),
    };
    // What is no notification, such as a topic subscription, has its requests alone.
    const parent = notification.getStore() ?? context.active();
    spans.set(
      /** @type {object} */ (message),
      tracer.startSpan(method, { kind: SpanKind.CLIENT, attributes }, parent),
    );
  });

  for (const { asyncEnd } of [send, attempt]) {
    asyncEnd.subscribe((message) => {
      const told = /** @type {SendTrace | AttemptTrace} */ (message);
      const span = spans.get(told);
      if (told.message_id !== undefined) span?.setAttribute("messaging.message.id", told.message_id);
      if (told.status_code !== undefined) span?.setAttribute("http.response.status_code", told.status_code);
      if (told.error_code !== undefined) {
        span?.setAttribute("error.type", told.error_code).setStatus({ code: SpanStatusCode.ERROR });
      }
      span?.end();
    });
  }
}

// What an app has already: a tracer provider and a context manager.
const exporter = new InMemorySpanExporter();
trace.setGlobalTracerProvider(
  new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

traceToOpenTelemetry();

const push = await getPushProvider("simulation", {
  success_rate: 1,
  delivery_delay_ms: 5,
  max_concurrency: 1, // so that one customer's notifications wait for the other's
  retry: { base_delay_ms: 20 },
  outcomes: { "alice's phone": ["SERVICE_UNAVAILABLE", "success"], "bob's tablet": "UNREGISTERED" },
});

/** Two requests of your own, at the same time, each with its span. */
await Promise.all(
  ["alice", "bob"].map((customer) =>
    trace.getTracer("shop").startActiveSpan(`POST /orders of ${customer}`, async (span) => {
      const devices = [`${customer}'s phone`, `${customer}'s tablet`];
      await push.sendMulticastNotification(devices, { title: "Order shipped" });
      span.end();
    }),
  ),
);
await push.close();

const ended = exporter.getFinishedSpans();
printChildren(undefined, "");

/**
 * @param {string | undefined} parent
 * @param {string} indent
 */
function printChildren(parent, indent) {
  const lines = ended
    .filter((span) => span.parentSpanContext?.spanId === parent)
    .map((span) => {
      const { "http.response.status_code": status, "http.request.resend_count": resent } = span.attributes;
      const { "error.type": error } = span.attributes;
      const details = [status, resent && `resend ${resent}`, error].filter((detail) => detail !== undefined);
      return { id: span.spanContext().spanId, text: [span.name, details.join(", ")].join(" ").trimEnd() };
    });
  for (const { id, text } of lines) {
    console.log(indent + text);
    printChildren(id, `${indent}  `);
  }
}
