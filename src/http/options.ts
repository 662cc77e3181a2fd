import { z } from "zod";
import {
  createPushRouter,
  PushError,
  type PushLogger,
  type PushNotificationPayload,
  type PushNotificationProvider,
  type PushRouter,
} from "../index.js";
import type { SubscriptionStore } from "../store/index.js";

/** What only those may do whom `authorize` lets in. */
export type PushAction =
  | "send"
  | "send_bulk"
  | "broadcast"
  | "preview"
  | "segment_size"
  | "broadcasts"
  | "push_logs"
  | "statistics";

/**
 * What `authorize` says: `true` or `{ user }` lets in (the log names the user), `false` is 403 (known, but may not), and
 * `null`, `undefined`, or a `user` of these is 401 (nobody is signed in). Anything else is 403.
 */
export type Authorization = boolean | { user: string | null | undefined } | null | undefined;

/** Requests per minute; a short burst may use a minute's worth at once. */
export interface PushRateLimits {
  /** For one device, known by its token or id. Default: subscribe 20 (with resubscribe and unsubscribe), test 5, ack 120. */
  per_device?: { subscribe?: number; test?: number; ack?: number } | undefined;
  /** For one `client_address`. Default: subscribe 200, test 50, ack 6000. */
  per_address?: { subscribe?: number; test?: number; ack?: number } | undefined;
}

/** Who sends: a router, or open providers (a list, or by platform). Neither is closed by the handlers. */
export type PushSender =
  | { router: PushRouter; providers?: undefined }
  | {
      providers: readonly PushNotificationProvider[] | Readonly<Record<string, PushNotificationProvider>>;
      router?: undefined;
    };

/** Options of {@link createPushHandlers}. */
export type PushHandlersOptions = PushSender & {
  store: SubscriptionStore;
  /** Where they are mounted. Default `/push`. */
  base_path?: string | undefined;
  /**
   * Who may send and see what was sent; without it nobody (403). It must not read the request's body. What it throws is 500.
   */
  authorize?: ((request: Request, action: PushAction) => Authorization | Promise<Authorization>) | undefined;
  /**
   * Who subscribes, by your session: an id; `null`: nobody; `undefined`: not known, a stored subscription keeps its owner.
   * With it, the `user_id` of a body is ignored. Without it that `user_id` is taken as it is: anybody can claim any, so
   * send nothing private by it.
   */
  identify?:
    | ((request: Request) => string | null | undefined | Promise<string | null | undefined>)
    | undefined;
  /** Tags that a device may choose for itself in `subscribe`; others stay as they are. Default: none. */
  subscriber_tags?: readonly string[] | undefined;
  /**
   * Origins of other sites whose pages may ask, such as `https://www.example.org`; the handlers' own always may. Behind a
   * proxy that changes the host, name your public one.
   */
  allowed_origins?: readonly string[] | undefined;
  /** False: no limits. */
  rate_limits?: PushRateLimits | false | undefined;
  /** The client's address, for the limits per address: from the connection, or from what your own proxy says. */
  client_address?: ((request: Request) => string | undefined) | undefined;
  /** Largest body; default 65,536. More is 413. */
  max_body_bytes?: number | undefined;
  /** Largest body of `send-bulk`, which carries up to 1,000 tokens; default 1,048,576. */
  max_bulk_body_bytes?: number | undefined;
  /** What `test` sends. */
  test_notification?: PushNotificationPayload | undefined;
  /** Silent by default. It gets neither tokens nor payloads. */
  logger?: PushLogger | undefined;
  /** Milliseconds since the epoch; for tests. */
  now?: (() => number) | undefined;
};

/** The options, checked and with their defaults. */
export type Settings = z.output<typeof schema> & { readonly openRouter: () => Promise<PushRouter> };

const aFunction = <Type>() =>
  z.custom<Type>((value) => typeof value === "function", { error: "expected a function" }).optional();
const anObject = <Type>(...methods: string[]) =>
  z.custom<Type>((value) => hasMethods(value, methods), { error: `expected an object with ${methods}` });

const origin = z.string().refine((text) => isOrigin(text), {
  error: "expected an origin such as https://www.example.org, without a path",
});
const numbers = (subscribe: number, test: number, ack: number) => {
  const perMinute = (standard: number) => z.number().positive().max(1e9).default(standard);
  return z
    .strictObject({ subscribe: perMinute(subscribe), test: perMinute(test), ack: perMinute(ack) })
    .prefault({});
};

const schema = z.strictObject({
  store: anObject<SubscriptionStore>("subscribe", "settle"),
  router: anObject<PushRouter>("stream", "provider").optional(),
  providers: z.custom<PushSender["providers"]>(isProviders, { error: "expected open providers" }).optional(),
  base_path: z
    .string()
    .regex(/^(\/[\w.~-]+)*\/?$/, "expected a path such as /push")
    .default("/push")
    .transform((path) => path.replace(/\/$/, "")),
  authorize: aFunction<NonNullable<PushHandlersOptions["authorize"]>>(),
  identify: aFunction<NonNullable<PushHandlersOptions["identify"]>>(),
  subscriber_tags: z.array(z.string()).default([]),
  allowed_origins: z.array(origin).default([]),
  rate_limits: z
    .union([
      z.literal(false),
      z.strictObject({ per_device: numbers(20, 5, 120), per_address: numbers(200, 50, 6000) }),
    ])
    .prefault({}),
  client_address: aFunction<NonNullable<PushHandlersOptions["client_address"]>>(),
  max_body_bytes: z.int().positive().default(65_536),
  max_bulk_body_bytes: z.int().positive().default(1_048_576),
  test_notification: z
    .custom<PushNotificationPayload>((value) => hasMethods(value, []), { error: "expected a payload" })
    .default({
      title: "Test notification",
      body: "Notifications work on this device.",
      tag: "pushmux-test",
      data: { test: true },
    }),
  logger: anObject<PushLogger>().optional(),
  now: z.custom<() => number>((value) => typeof value === "function").default(() => Date.now),
});

/** @throws PushError `OPTIONS_INVALID` with every problem. */
export function checkOptions(options: PushHandlersOptions): Settings {
  const parsed = schema.safeParse(options);
  const problems = parsed.error?.issues.map((issue) => {
    const unknown = issue.code === "unrecognized_keys" ? issue.keys : [];
    const name = [...issue.path, ...unknown.slice(0, 1)].join(".");
    return `${name}: ${unknown.length > 0 ? "unknown option" : issue.message}`;
  });
  if (!parsed.success) throw new PushError("OPTIONS_INVALID", problems?.join("; ") ?? "");
  const { router, providers } = parsed.data;
  if ((router === undefined) === (providers === undefined)) {
    throw new PushError("OPTIONS_INVALID", "expected either router or providers");
  }
  let opening: Promise<PushRouter> | undefined;
  const openRouter = async () => {
    opening ??= router ? Promise.resolve(router) : createPushRouter(byPlatform(providers));
    return opening;
  };
  return { ...parsed.data, openRouter };
}

function byPlatform(providers: PushSender["providers"] = []): Record<string, PushNotificationProvider> {
  return Object.fromEntries(Object.values(providers).map((provider) => [provider.platform, provider]));
}

function isProviders(value: unknown): boolean {
  if (!hasMethods(value, [])) return false;
  const all: unknown[] = Object.values(value as object);
  const names = all.map((one) => (one as { platform?: unknown } | null)?.platform);
  return (
    all.length > 0 &&
    all.every((one) => hasMethods(one, ["sendNotification", "validateDeviceToken"])) &&
    new Set(names).size === all.length
  );
}

function hasMethods(value: unknown, methods: readonly string[]): boolean {
  if (typeof value !== "object" || value === null) return false;
  return methods.every((name) => typeof (value as Record<string, unknown>)[name] === "function");
}

function isOrigin(text: string): boolean {
  try {
    return new URL(text).origin === text;
  } catch {
    return false;
  }
}
