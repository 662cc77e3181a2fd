import { describe, expect, it } from "vitest";
import { getPushProvider, type PushNotificationResult } from "../../src/index.js";
import {
  type ApnsFaultKind,
  startApnsService,
  startFcmService,
  startWnsService,
} from "../../src/testing/index.js";
import { chapterOf, namesIn, rowsOf } from "./guide_pages.js";

/** A running service, with what all of them have. */
interface Service {
  readonly config: object;
  createDevice(): { readonly device_token: string };
  close(): Promise<void>;
}

/** What is wrong: the recipient, the sender's config, or the message. */
interface Wrong {
  readonly token?: unknown;
  readonly config?: object;
  readonly payload?: object;
}

/** A row of a guide's table: the code and the reason that stand there, and how they come about. */
type Row = readonly [code: string, reason: string | undefined, happen: () => Promise<PushNotificationResult>];

function via<Of extends Service, Options>(platform: string, start: (options?: Options) => Promise<Of>) {
  return async (wrong: (service: Of) => Wrong | Promise<Wrong> = () => ({}), options?: Options) => {
    const service = await start(options);
    const { token, config, payload } = await wrong(service);
    const push = await getPushProvider(platform, { ...service.config, ...config }, { force_new: true });
    const result = await push.sendNotification(
      token ?? service.createDevice().device_token,
      payload ?? { title: "Hello" },
    );
    await Promise.all([push.close(), service.close()]);
    return result;
  };
}

const viaFcm = via("fcm", startFcmService);
const viaApns = via("apns", startApnsService);
const viaWns = via("wns", startWnsService);

const ahead = { now: () => Date.now() + 7_200_000 };
const behind = { now: () => Date.now() - 7_200_000 };
const to = ({ device_token }: { readonly device_token: string }): Wrong => ({ token: device_token });
const after = <Device extends { readonly device_token: string }>(
  device: Device,
  what: (device: Device) => void,
) => {
  what(device);
  return to(device);
};

const FCM: readonly Row[] = [
  ["AUTHENTICATION_FAILED", "invalid_grant", () => viaFcm(undefined, { clock: behind })],
  ["AUTHENTICATION_FAILED", "IAM_PERMISSION_DENIED", () => viaFcm(() => ({ config: { project_id: "x" } }))],
  [
    "AUTHENTICATION_FAILED",
    "NOT_FOUND",
    () =>
      viaFcm((fcm) =>
        after(fcm.createDevice(), () => fcm.respond("*", { status: 404, reason: "NOT_FOUND" })),
      ),
  ],
  [
    "AUTHENTICATION_FAILED",
    "THIRD_PARTY_AUTH_ERROR",
    () => viaFcm((fcm) => to(fcm.createDevice({ platform: "ios", apns_error: "InvalidProviderToken" }))),
  ],
  ["SENDER_MISMATCH", undefined, () => viaFcm((fcm) => to(fcm.createDevice({ project_id: "x" })))],
  [
    "INVALID_TOKEN",
    "INVALID_ARGUMENT: BadDeviceToken",
    () => viaFcm((fcm) => to(fcm.createDevice({ platform: "ios", apns_error: "BadDeviceToken" }))),
  ],
  ["INVALID_TOKEN", undefined, () => viaFcm(() => ({ token: "ab".repeat(32) }))],
  [
    "UNREGISTERED",
    undefined,
    () => viaFcm((fcm) => after(fcm.createDevice(), (phone) => phone.unregister())),
  ],
  [
    "RATE_LIMITED",
    undefined,
    () => viaFcm((fcm) => after(fcm.createDevice(), () => fcm.respond("*", { status: 429 }))),
  ],
];

const APNS: readonly Row[] = [
  [
    "INVALID_TOKEN",
    "BadDeviceToken",
    () => viaApns((apns) => to(apns.createDevice({ environment: "sandbox" }))),
  ],
  ["INVALID_TOKEN", undefined, () => viaApns(() => ({ token: `<${"0123abcd ".repeat(8)}>` }))],
  [
    "SENDER_MISMATCH",
    "DeviceTokenNotForTopic",
    () => viaApns((apns) => to(apns.createDevice({ push_type: "voip" }))),
  ],
  [
    "UNREGISTERED",
    undefined,
    () => viaApns((apns) => after(apns.createDevice(), (phone) => phone.unregister())),
  ],
  [
    "AUTHENTICATION_FAILED",
    "InvalidProviderToken",
    () => viaApns((apns) => ({ config: { key_id: apns.createKey().key_id } })),
  ],
  ["AUTHENTICATION_FAILED", "InvalidProviderToken", () => viaApns(undefined, { clock: behind })],
  ["AUTHENTICATION_FAILED", "ExpiredProviderToken", () => viaApns(undefined, { clock: ahead })],
  [
    "AUTHENTICATION_FAILED",
    "BadEnvironmentKeyIdInToken",
    () => viaApns((apns) => ({ config: apns.createKey({ environment: "sandbox" }) })),
  ],
  [
    "AUTHENTICATION_FAILED",
    "TopicDisallowed",
    () => viaApns(() => ({ config: { bundle_id: "com.example.x" } })),
  ],
  [
    "AUTHENTICATION_FAILED",
    "BadCertificateEnvironment",
    () =>
      viaApns(async ({ createCertificate }) => {
        const certificate = await createCertificate({ environments: ["sandbox"] });
        return { config: { team_id: undefined, key_id: undefined, auth_key: undefined, ...certificate } };
      }),
  ],
];

const WNS: readonly Row[] = [
  ["AUTHENTICATION_FAILED", "AADSTS7000215", () => viaWns(() => ({ config: { client_secret: "its id" } }))],
  [
    "AUTHENTICATION_FAILED",
    "AADSTS7000222",
    () =>
      viaWns((wns) => {
        const body = JSON.stringify({
          error: "invalid_client",
          error_description: "AADSTS7000222: it ended",
        });
        wns.respond("token_endpoint", { status: 401, body });
        return {};
      }),
  ],
  ["AUTHENTICATION_FAILED", "AADSTS700016", () => viaWns(() => ({ config: { client_id: "another" } }))],
  [
    "AUTHENTICATION_FAILED",
    "invalid_client",
    () =>
      viaWns(({ legacy_config }) => ({
        config: { tenant_id: undefined, client_id: undefined, ...legacy_config, client_secret: "another" },
      })),
  ],
  ["SENDER_MISMATCH", undefined, () => viaWns((wns) => to(wns.createDevice({ app: "foreign" })))],
  ["SENDER_MISMATCH", undefined, () => viaWns((wns) => to(wns.createDevice({ app: "uwp" })))],
  ["UNREGISTERED", undefined, () => viaWns((wns) => after(wns.createDevice(), (pc) => pc.expire()))],
  [
    "UNREGISTERED",
    undefined,
    () => viaWns((wns) => ({ token: decodeURIComponent(wns.createDevice().device_token) })),
  ],
  ["ENDPOINT_REFUSED", undefined, () => viaWns(() => ({ token: "https://wns.example.org/?token=a" }))],
  ["INVALID_TOKEN", undefined, () => viaWns((wns) => ({ token: `${wns.origin}/?` }))],
  ["DROPPED", undefined, () => viaWns((wns) => after(wns.createDevice(), (pc) => pc.block()))],
  [
    "RATE_LIMITED",
    "channelthrottled",
    () => viaWns((wns) => after(wns.createDevice(), (pc) => pc.throttle())),
  ],
  [
    "PAYLOAD_INVALID",
    undefined,
    () => viaWns(() => ({ payload: { platform_data: { wns: { xml: "<toast>" } } } })),
  ],
];

describe.each([
  ["fcm", FCM],
  ["apns", APNS],
  ["wns", WNS],
] as const)("when %s does not work", (name, rows) => {
  const symptoms = rowsOf(chapterOf(name, "When it does not work")).map(([symptom = ""]) => symptom);

  it.each(rows)("%s %s is in the table, and comes about as it says", async (code, reason, happen) => {
    const result = await happen();
    expect(result.error_code).toBe(code);
    if (reason !== undefined) expect(result.reason).toContain(reason);
    for (const word of [code, reason ?? code]) {
      expect(symptoms.filter((symptom) => symptom.includes(`\`${word}\``))).not.toEqual([]);
    }
  });
});

/** Complete, or it would not compile. */
const KINDS: Readonly<Record<ApnsFaultKind, true>> = {
  close: true,
  reset: true,
  half_response: true,
  stall: true,
  garbage: true,
  split: true,
  huge_body: true,
  goaway: true,
  goaway_unprocessed: true,
  refused_stream: true,
  rst: true,
  stream_limit: true,
  expired_credentials: true,
};

describe("the faults of the testing guide", () => {
  const rows = rowsOf(chapterOf("testing", "Faults")).map(
    ([kind = "", , over_http1 = "", over_http2 = ""]) => ({
      kind: namesIn(kind)[0] as ApnsFaultKind,
      over_http1,
      over_http2,
    }),
  );

  it("are all there are", () => {
    expect(rows.map(({ kind }) => kind).sort()).toEqual(Object.keys(KINDS).sort());
  });

  it.each(rows)("$kind has the result that it says", async ({ kind, over_http1, over_http2 }) => {
    const waits = over_http2.includes("TIMEOUT");
    const impatient = waits ? { timeout_seconds: 1, deadline_seconds: 2 } : {};
    for (const [platform, start, cell] of [
      ["apns", startApnsService, over_http2],
      ["fcm", startFcmService, over_http2],
      ["wns", startWnsService, over_http1],
    ] as const) {
      if (cell === "") continue;
      const service = await start();
      const push = await getPushProvider(platform, service.config, { force_new: true });
      const { device_token } = service.createDevice();
      await push.sendNotification(device_token, { title: "before" });
      service.fault(kind as "close", { times: 1 });
      const struck = { title: "struck" };
      const { error_code, attempts, success } = await push.sendNotification(device_token, struck, impatient);
      await Promise.all([push.close(), service.close()]);
      const own = cell.split("; ").find((part) => part.startsWith("FCM: "));
      const said = (platform === "fcm" && own) || cell.replace(/; FCM: .*/, "");
      expect([platform, said, error_code, success]).toEqual([
        platform,
        said,
        namesIn(said)[0],
        said.startsWith("success"),
      ]);
      expect(attempts).toBe(said.includes("second attempt") ? 2 : 1);
    }
  });

  it("with a tag it is sent again, with a warning", async () => {
    await using service = await startWnsService();
    await using push = await getPushProvider("wns", service.config, { force_new: true });
    service.fault("close", { times: 1 });
    const { success, warnings } = await push.sendNotification(service.createDevice().device_token, {
      title: "Hello",
      tag: "hello",
    });
    expect([success, warnings.map(({ type }) => type)]).toEqual([true, ["possible_duplicate"]]);
  });
});
