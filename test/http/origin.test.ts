import { describe, expect, it } from "vitest";
import { ORIGIN, openWorld, toRequest } from "./support.js";

const APP = "https://app.example.org";
const EVIL = "https://evil.example";
const allowed_origins = [APP];
const TOKEN = { platform: "simulation", device_token: "a phone" };

describe("who may ask", () => {
  it.each([
    // What a browser, or something else, sends; whether it may; whether a page of another site may read the answer.
    ["no browser", {}, true, false],
    ["a page of the same origin", { origin: ORIGIN }, true, false],
    ["the same, and its browser says so", { origin: ORIGIN, "sec-fetch-site": "same-origin" }, true, false],
    [
      "the same, behind a proxy that changes the host",
      { origin: "https://www.example.org", "sec-fetch-site": "same-origin" },
      true,
      false,
    ],
    ["the address line", { "sec-fetch-site": "none" }, true, false],
    ["an allowed origin", { origin: APP }, true, true],
    [
      "an allowed origin, and its browser says so",
      { origin: APP, "sec-fetch-site": "cross-site" },
      true,
      true,
    ],
    ["another origin", { origin: EVIL }, false, false],
    [
      "another origin, and its browser says so",
      { origin: EVIL, "sec-fetch-site": "cross-site" },
      false,
      false,
    ],
    ["another site's form or image", { "sec-fetch-site": "cross-site" }, false, false],
    ["another host of this site", { "sec-fetch-site": "same-site" }, false, false],
    [
      "another host of this site with its origin",
      { origin: "https://x.example.org", "sec-fetch-site": "same-site" },
      false,
      false,
    ],
    ["a sandboxed frame", { origin: "null" }, false, false],
    [
      "a sandboxed frame, and its browser says so",
      { origin: "null", "sec-fetch-site": "cross-site" },
      false,
      false,
    ],
    ["an origin with a friend's beginning", { origin: `${APP}.evil.example` }, false, false],
    ["a friend's origin without encryption", { origin: "http://app.example.org" }, false, false],
    ["a friend's origin at another port", { origin: `${APP}:8443` }, false, false],
    ["another port of the same host", { origin: `${ORIGIN}:8443` }, false, false],
    ["the same host without encryption", { origin: "http://push.example.org" }, false, false],
  ] as [string, Record<string, string>, boolean, boolean][])("%s", async (_title, headers, may, may_read) => {
    const { ask, store } = await openWorld({ allowed_origins });
    const post = await ask("POST subscribe", TOKEN, headers);
    const get = await ask("GET platforms", undefined, headers);
    expect([post.status, get.status]).toEqual(may ? [201, 200] : [403, 403]);
    expect(await store.count()).toBe(may ? 1 : 0);
    for (const answer of [post, get]) {
      const { headers: answered } = answer;
      expect(answered.get("access-control-allow-origin")).toBe(may_read ? APP : null);
      expect(answered.get("access-control-allow-credentials")).toBe(may_read ? "true" : null);
      expect(answered.get("vary")).toBe("origin");
    }
  });

  it("by default nobody but the same origin", async () => {
    const { ask } = await openWorld();
    expect((await ask("POST subscribe", TOKEN, { origin: APP })).status).toBe(403);
    expect((await ask("POST subscribe", TOKEN, { origin: ORIGIN })).status).toBe(201);
  });

  it("an error can be read by an allowed origin, with its Retry-After", async () => {
    const { ask } = await openWorld({ allowed_origins });
    const { status, headers } = await ask("POST subscribe", {}, { origin: APP });
    expect([status, headers.get("access-control-allow-origin")]).toEqual([400, APP]);
    expect(headers.get("access-control-expose-headers")).toBe("retry-after");
  });
});

describe("a preflight", () => {
  const preflight = async (path: string, origin: string, wanted = "content-type,x-csrf-token") => {
    const { handle } = await openWorld({ allowed_origins });
    const { status, headers } = await handle(
      toRequest(`OPTIONS ${path}`, undefined, {
        ...{ origin, "access-control-request-method": "POST", "access-control-request-headers": wanted },
      }),
    );
    const cors = [...headers].filter(([name]) => name.startsWith("access-control-") || name === "vary");
    return { status, cors: Object.fromEntries(cors) };
  };

  it("of an allowed origin is told what it may send, and may send any header", async () => {
    expect(await preflight("subscribe", APP)).toEqual({
      status: 204,
      cors: {
        "access-control-allow-origin": APP,
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "POST, OPTIONS",
        "access-control-allow-headers": "content-type,x-csrf-token",
        "access-control-expose-headers": "retry-after",
        "access-control-max-age": "600",
        vary: "origin, access-control-request-headers",
      },
    });
    expect((await preflight("pending", APP, "x-device-id")).cors).toMatchObject({
      "access-control-allow-methods": "GET, HEAD, OPTIONS",
      "access-control-allow-headers": "x-device-id",
    });
  });

  it.each([EVIL, "null"])("of %s is told nothing: 403", async (origin) => {
    expect(await preflight("subscribe", origin)).toEqual({ status: 403, cors: { vary: "origin" } });
  });

  it("of the same origin needs no permission", async () => {
    expect((await preflight("subscribe", ORIGIN)).cors).toEqual({ vary: "origin" });
  });
});
