/** What a connection is held to: its provider tokens, its keys, its certificate, its streams. */
import { connect } from "node:http2";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ApnsCertificateOptions, ApnsKey, ApnsService } from "../../../src/testing/index.js";
import { startApnsService } from "../../../src/testing/index.js";
import { request } from "../../testing/client.js";
import { connectHttp2, type Http2Client } from "../../testing/http2_client.js";
import { connectRaw, headersFrame, SETTINGS_ACK } from "../../testing/http2_raw.js";
import { goodPush, type Push, send, signToken, withToken } from "./emulator_push.js";

const MINUTE = 60_000;

let now_ms: number;
let service: ApnsService;
let client: Http2Client;
beforeEach(async () => {
  now_ms = Date.UTC(2030, 0, 1);
  service = await startApnsService({ clock: { now: () => now_ms } });
  client = await connectHttp2(service.origin, service.ca);
});
afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await service.close();
});

/** A push with a token that is signed now, once. */
function signed(key: ApnsKey = service.config): Push {
  const push = goodPush(service, service.createDevice(), { now_ms, key });
  return withToken(push, signToken(push));
}
const post = async (push: Push, over: Http2Client = client) => {
  const { status, reason } = await send(service, push, over);
  return reason ?? status;
};

describe("a provider token", () => {
  it("is good for an hour", async () => {
    const push = signed();
    expect(await post(push)).toBe(200);
    now_ms += 60 * MINUTE;
    expect(await post(push)).toBe(200);
    now_ms += 1000;
    expect(await post(push)).toBe("ExpiredProviderToken");
  });

  it("may be replaced after 20 minutes, not before", async () => {
    const first = signed();
    expect(await post(first)).toBe(200);
    now_ms += 20 * MINUTE - 1000;
    const early = signed();
    expect(await post(early)).toBe("TooManyProviderTokenUpdates");
    expect(service.received.at(-1)).toMatchObject({ status: 429 });
    expect(await post(first)).toBe(200);
    now_ms += 1000;
    expect(await post(early)).toBe(200);
    expect(await post(signed())).toBe("TooManyProviderTokenUpdates");
  });

  it("may be replaced by one that was made 20 minutes after it, however young the connection", async () => {
    now_ms -= 45 * MINUTE;
    const old = signed();
    now_ms += 45 * MINUTE;
    expect(await post(old)).toBe(200);
    now_ms += MINUTE;
    expect(await post(signed())).toBe(200);
  });

  it("is counted for each connection by itself", async () => {
    const [first, second] = [signed(), signed()];
    await using other = await connectHttp2(service.origin, service.ca);
    expect([await post(first), await post(second, other)]).toEqual([200, 200]);
    expect([await post(second), await post(first, other)]).toEqual([
      "TooManyProviderTokenUpdates",
      "TooManyProviderTokenUpdates",
    ]);
  });

  it("that the service calls expired may be replaced at once", async () => {
    const [first, second] = [signed(), signed()];
    expect(await post(first)).toBe(200);
    service.fault("expired_credentials");
    expect(await post(first)).toBe("ExpiredProviderToken");
    expect(await post(second)).toBe(200);
    expect(await post(first)).toBe("ExpiredProviderToken");
    expect(await post(second)).toBe(200);
  });

  it("that a script calls expired may be replaced at once", async () => {
    const [first, second] = [signed(), signed()];
    expect(await post(first)).toBe(200);
    service.respond("*", [{ status: 403, reason: "ExpiredProviderToken" }]);
    expect([await post(first), await post(second)]).toEqual(["ExpiredProviderToken", 200]);
  });

  it("that is called expired on one connection may be replaced on all", async () => {
    const [first, second] = [signed(), signed()];
    await using other = await connectHttp2(service.origin, service.ca);
    expect([await post(first), await post(first, other)]).toEqual([200, 200]);
    service.fault("expired_credentials", { times: 1 });
    expect(await post(first)).toBe("ExpiredProviderToken");
    expect([await post(second), await post(second, other)]).toEqual([200, 200]);
  });

  it("that has expired by itself may be replaced at once", async () => {
    now_ms -= 50 * MINUTE;
    const old = signed();
    now_ms += 50 * MINUTE;
    expect(await post(old)).toBe(200);
    now_ms += 11 * MINUTE;
    expect(await post(old)).toBe("ExpiredProviderToken");
    expect(await post(signed())).toBe(200);
  });

  it("that is refused changes nothing", async () => {
    const first = signed();
    expect(await post(first)).toBe(200);
    const wrong = goodPush(service, service.createDevice(), { now_ms });
    wrong.auth_key = service.createKey().auth_key;
    expect(await post(wrong)).toBe("InvalidProviderToken");
    expect(await post(first)).toBe(200);
  });
});

describe("a signing key", () => {
  it("of the same team may follow another on a connection, when it is time", async () => {
    expect(await post(signed())).toBe(200);
    now_ms += 20 * MINUTE;
    expect(await post(signed(service.createKey()))).toBe(200);
  });

  it("for certain topics opens no others, and takes a connection of its own", async () => {
    const key = service.createKey({ bundle_ids: ["org.example.app"] });
    expect(await post(signed())).toBe(200);
    now_ms += 20 * MINUTE;
    expect(await post(signed(key))).toBe("UnrelatedKeyIdInToken");
    await using other = await connectHttp2(service.origin, service.ca);
    expect(await post(signed(key), other)).toBe(200);
    await using third = await connectHttp2(service.origin, service.ca);
    expect(await post(signed(service.createKey({ bundle_ids: [] })), third)).toBe("TopicDisallowed");
  });

  it("of the other environment is refused", async () => {
    expect(await post(signed(service.createKey({ environment: "sandbox" })))).toBe(
      "BadEnvironmentKeyIdInToken",
    );
    expect(await post(signed(service.createKey({ environment: "production" })))).toBe(200);
  });

  it("is ten characters by name, and PKCS#8 PEM", () => {
    const { team_id, key_id, auth_key } = service.config;
    expect([team_id, key_id].every((name) => /^[A-Z0-9]{10}$/.test(name))).toBe(true);
    expect(auth_key).toMatch(/^-----BEGIN PRIVATE KEY-----\n[^-]+-----END PRIVATE KEY-----\n$/);
    expect(service.createKey()).toMatchObject({ team_id });
  });
});

describe("the streams of a connection", () => {
  it("are one until the first valid token, then a thousand", async () => {
    expect(client.limits).toEqual([1]);
    const wrong = goodPush(service, service.createDevice(), { now_ms });
    wrong.auth_key = service.createKey().auth_key;
    expect(await post(wrong)).toBe("InvalidProviderToken");
    expect(client.limits).toEqual([1]);
    const push = signed();
    expect([await post(push), await post(push)]).toEqual([200, 200]);
    expect(client.limits).toEqual([1, 1000]);
  });

  it("are a thousand after a valid token whatever becomes of the push", async () => {
    const push = signed();
    push.path = "/3/device/abc";
    expect(await post(push)).toBe("BadDeviceToken");
    expect(client.limits).toEqual([1, 1000]);
  });

  it("are a thousand from the start with a certificate", async () => {
    await using shown = await connectWith({});
    expect(shown.limits).toEqual([1000]);
  });

  it("are not refused to a client that cannot know of the limit yet, but noted", async () => {
    const push = signed();
    const session = connect(service.origin, { ca: service.ca });
    const authorization = push.authorization("") ?? "";
    const headers = { ":method": push.method, ":path": push.path, ...push.headers, authorization };
    const statuses = [1, 2, 3].map(
      () =>
        new Promise((resolve) => {
          const stream = session.request(headers);
          stream.on("response", (answer) => resolve(answer[":status"])).on("error", resolve);
          stream.resume().end(push.body);
        }),
    );
    expect(await Promise.all(statuses)).toEqual([200, 200, 200]);
    const note = "a stream above the limit, opened before SETTINGS came";
    expect(service.received.map(({ notes }) => notes)).toEqual([[], [note], [note]]);
    session.destroy();
  });

  it("are refused above one to a client that knows", async () => {
    const connection = await connectRaw(service);
    connection.write(SETTINGS_ACK, headersFrame(1, { ends_stream: false }), headersFrame(3));
    await connection.until(({ name }) => name === "RST_STREAM");
    expect(connection.frames().at(-1)).toMatchObject({ stream_id: 3, payload: Buffer.from([0, 0, 0, 7]) });
    expect(service.received).toEqual([]);
    connection.end();
  });

  it("are HTTP/2's: HTTP/1.1 is not spoken", async () => {
    await expect(request({ url: service.origin, ca: service.ca })).rejects.toMatchObject({
      code: expect.stringMatching(/^(ECONNRESET|ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL)$/),
    });
  });
});

async function connectWith(options: ApnsCertificateOptions): Promise<Http2Client> {
  const { certificate: cert, private_key: key } = await service.createCertificate(options);
  return connectHttp2(service.origin, service.ca, { cert, key });
}

describe("a certificate", () => {
  const bare = (
    topic: string | undefined,
    type = "alert",
    push_type: "alert" | "voip" | "liveactivity" | "location" = "alert",
  ) => {
    const push = goodPush(service, service.createDevice({ push_type }), { now_ms });
    push.authorization = () => undefined;
    push.headers = { "apns-push-type": type, ...(topic === undefined ? {} : { "apns-topic": topic }) };
    return push;
  };

  it("takes the place of a token; one that is sent all the same is not read", async () => {
    const { certificate: cert, private_key: key } = service.certificate_config;
    await using shown = await connectHttp2(service.origin, service.ca, { cert, key });
    expect(await post(bare("org.example.app"), shown)).toBe(200);
    const push = { ...bare("org.example.app"), authorization: () => "bearer nonsense" };
    expect(await post(push, shown)).toBe(200);
  });

  it("opens the topics that it lists", async () => {
    await using shown = await connectWith({});
    expect(await post(bare("org.example.app.voip", "voip", "voip"), shown)).toBe(200);
    await using app = await connectWith({ topics: ["org.example.app", "org.example.app.complication"] });
    expect(await post(bare("org.example.app.voip", "voip", "voip"), app)).toBe("TopicDisallowed");
    await using other = await connectWith({ bundle_id: "org.example.other" });
    expect(await post(bare("org.example.app"), other)).toBe("TopicDisallowed");
  });

  it("with one topic needs no header, with several it does", async () => {
    await using app = await connectWith({ topics: [] });
    expect(await post(bare(undefined), app)).toBe(200);
    await using one = await connectWith({ topics: ["org.example.app"] });
    expect(await post(bare(undefined), one)).toBe(200);
    await using several = await connectWith({});
    expect(await post(bare(undefined), several)).toBe("MissingTopic");
  });

  it.each(["liveactivity", "location"] as const)("does not do for %s", async (type) => {
    const suffix = type === "location" ? ".location-query" : ".push-type.liveactivity";
    await using shown = await connectWith({ topics: ["org.example.app", `org.example.app${suffix}`] });
    expect(await post(bare(`org.example.app${suffix}`, type, type), shown)).toBe("TopicDisallowed");
  });

  it("of another authority, or for no environment, is a bad one", async () => {
    await using self = await connectWith({ self_signed: true });
    expect(await post(bare("org.example.app"), self)).toBe("BadCertificate");
    await using none = await connectWith({ environments: [] });
    expect(await post(bare("org.example.app"), none)).toBe("BadCertificate");
  });

  it("of the other environment is refused", async () => {
    await using sandbox = await connectWith({ environments: ["sandbox"] });
    expect(await post(bare("org.example.app"), sandbox)).toBe("BadCertificateEnvironment");
    await using production = await connectWith({ environments: ["production"] });
    expect(await post(bare("org.example.app"), production)).toBe(200);
  });

  it("may list more topics than fit into a short DER length", async () => {
    const topics = Array.from({ length: 30 }, (_, i) => `org.example.app${i}`);
    await using shown = await connectWith({ topics: [...topics, "org.example.app"] });
    expect(await post(bare("org.example.app"), shown)).toBe(200);
  });
});
