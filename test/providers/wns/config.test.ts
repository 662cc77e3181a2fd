import { describe, expect, it } from "vitest";
import { configSchema, environment } from "../../../providers/wns/config.js";
import { wns } from "../../../providers/wns/index.js";
import { optionsSchema } from "../../../providers/wns/options.js";
import { checkConfig } from "../../../src/config.js";
import { configFromEnvironment } from "../../../src/environment.js";
import { PushError } from "../../../src/errors.js";
import type { AnyDefinition } from "../../../src/platforms.js";
import { ENTRA, LEGACY, openCodec } from "./support.js";

const get_access_token = async () => "token";

function opened(config: object) {
  return checkConfig("wns", wns.config, config);
}

function problem(config: object): PushError {
  try {
    opened(config);
  } catch (error) {
    if (PushError.is(error)) return error;
  }
  throw new Error("was not refused");
}

const paths = (config: object) => problem(config).issues?.map(({ path }) => path);

describe("config", () => {
  it.each([
    ["Entra ID", ENTRA],
    ["the legacy flow", LEGACY],
    ["a function of the caller's", { get_access_token }],
  ])("N9 2.wns %s is enough", (_flow, config) => {
    expect(opened(config)).toMatchObject({
      ...config,
      notification_type: "toast",
      allowed_hosts: ["*.notify.windows.com"],
      allow_private_endpoints: false,
      ttl_seconds: 300,
      timeout_seconds: 30,
    });
  });

  it.each([
    ["ms-app://S-1-15-2-3781685839-595683736-1", "ms-app://S-1-15-2-3781685839-595683736-1"],
    ["S-1-15-2-3781685839-595683736-1", "ms-app://S-1-15-2-3781685839-595683736-1"],
    ["ms-app://s-1-15-2-test-package-sid", "ms-app://s-1-15-2-test-package-sid"],
  ])("1.10 package_sid %s is sent as %s", (package_sid, expected) => {
    expect(opened({ ...LEGACY, package_sid }).package_sid).toBe(expected);
  });

  it.each([
    [{ package_sid: LEGACY.package_sid }, ["client_secret"]],
    [{ tenant_id: ENTRA.tenant_id }, ["client_id", "client_secret"]],
    [{ client_id: ENTRA.client_id, client_secret: "s" }, ["tenant_id"]],
    [{ tenant_id: ENTRA.tenant_id, client_secret: "s" }, ["client_id"]],
  ])("2.wns 1.10 %j lacks %j", (config, missing) => {
    expect(paths(config)).toEqual(missing);
    expect(problem(config).message).toContain("missing; expected together with");
  });

  it.each([{}, { client_secret: "s" }, { notification_type: "toast" }])(
    "%j makes no flow, and every flow is named",
    (config) => {
      const { code, message } = problem(config);
      expect(code).toBe("CONFIG_INVALID");
      for (const key of ["tenant_id", "client_id", "client_secret", "package_sid", "get_access_token"]) {
        expect(message).toContain(key);
      }
    },
  );

  it.each<[object, string[]]>([
    [{ ...ENTRA, ...LEGACY }, ["package_sid"]],
    [{ ...LEGACY, client_id: "c" }, ["package_sid"]],
    [{ get_access_token, ...LEGACY }, ["package_sid", "client_secret"]],
    [{ get_access_token, ...ENTRA }, ["tenant_id", "client_id", "client_secret"]],
    [{ get_access_token, token_endpoint: "https://login.example/" }, ["token_endpoint"]],
  ])("two flows at once are refused, and the keys are named: %#", (config, named) => {
    expect(paths(config)).toEqual(named);
  });

  it("all problems come at once, and no value is repeated", () => {
    const error = problem({
      ...ENTRA,
      tenant_id: "canary/../x",
      package_sid: "canary",
      notification_type: "banner",
      cache_policy: "always",
      allowed_hosts: ["https://canary.example/"],
      token_endpoint: "http://canary.example/",
      ttl_seconds: -1,
      batch_size: 100,
    });
    expect(error.issues?.map(({ path }) => path).sort()).toEqual(
      [
        ...["allowed_hosts.0", "batch_size", "cache_policy", "notification_type"],
        ...["package_sid", "package_sid", "tenant_id", "token_endpoint", "ttl_seconds"],
      ].sort(),
    );
    expect(error.message).not.toContain("canary");
    expect(error.message).not.toContain(ENTRA.client_secret);
  });

  it("1.10 the environment gives either flow, and says which variables are missing", () => {
    const from = (variables: Record<string, string>) =>
      configFromEnvironment(wns as unknown as AnyDefinition, variables);
    const entra = { WNS_TENANT_ID: "t", WNS_CLIENT_ID: "c", WNS_CLIENT_SECRET: "s" };
    expect(from({ ...entra, WNS_NOTIFICATION_TYPE: "tile", WNS_TTL_SECONDS: "60" })).toMatchObject({
      ...{ tenant_id: "t", client_id: "c", client_secret: "s", notification_type: "tile", ttl_seconds: 60 },
    });
    expect(from({ WNS_PACKAGE_SID: "S-1-15-2-1", WNS_CLIENT_SECRET: "s" })).toMatchObject({
      package_sid: "ms-app://S-1-15-2-1",
    });
    expect(() => from({ WNS_PACKAGE_SID: "S-1-15-2-1" })).toThrow("WNS_CLIENT_SECRET");
    expect(() => from({})).toThrow(/WNS_TENANT_ID, WNS_CLIENT_ID, WNS_PACKAGE_SID, WNS_CLIENT_SECRET/);
    expect(Object.keys(environment).every((key) => key in configSchema.shape)).toBe(true);
  });

  it.each([
    ["Entra ID", ENTRA, { tenant_id: ENTRA.tenant_id, client_id: ENTRA.client_id }],
    ["the legacy flow", LEGACY, { package_sid: LEGACY.package_sid }],
    ["a function", { get_access_token }, {}],
  ])("2.wns 1.10 the sender of %s is told without its secret", async (_flow, config, sender) => {
    const codec = await openCodec({
      tenant_id: undefined,
      client_id: undefined,
      client_secret: undefined,
      ...config,
    });
    expect(codec.info?.sender).toEqual(sender);
    expect(codec.limits).toEqual({ max_payload_bytes: 5000, max_ttl_seconds: 604_800, max_concurrency: 64 });
    expect(codec.info?.capabilities).toMatchObject({ notification_types: ["toast", "tile", "badge", "raw"] });
  });
});

it("the definition names its platform and its alias", () => {
  expect(wns).toMatchObject({ platform: "wns", aliases: ["wns_windows"] });
});

describe("platform_data", () => {
  it.each<[string, unknown]>([
    ["type", "badge"],
    ["badge", 0],
    ["badge", "newMessage"],
    ["xml", "<toast/>"],
    [
      "xml",
      {
        name: "toast",
        attributes: { launch: "a", useButtonStyle: true, n: 1 },
        children: ["t", { name: "visual" }],
      },
    ],
    ["raw_body", new Uint8Array([0])],
    ["remove", "all"],
    ["remove", { tag: "t", group: "g" }],
    ["priority", 4],
    ["progress", { status: "s", value: "indeterminate" }],
    ["actions", [{ action: "a", title: "A", button_style: "Success", placement: "contextMenu" }]],
    ["inputs", [{ id: "reply", type: "text", placeholder: "Reply" }]],
    ["display_timestamp", "2026-11-20T12:00:00+01:00"],
    ["tile_sizes", ["small"]],
  ])("takes %s: %j", (name, value) => {
    expect(optionsSchema.safeParse({ [name]: value }).error).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ["type", "banner"],
    ["badge", '1"/><toast/>'],
    ["badge", -1],
    ["badge", "NewMessage"],
    ["xml", ""],
    ["xml", { name: "to ast" }],
    ["xml", { name: "toast", attributes: { 'launch="" onload': "x" } }],
    ["xml", { name: "toast", attributes: { a: null } }],
    ["xml", { name: "toast", attributes: { a: Number.NaN } }],
    ["xml", { name: "toast", attributes: [] }],
    ["xml", { name: "toast", children: "text" }],
    ["xml", { name: "toast", children: [{ name: "visual", text: "t" }] }],
    ["xml", { name: "toast", children: [null] }],
    ["raw_body", { a: 1 }],
    ["remove", {}],
    ["remove", "some"],
    ["priority", 0],
    ["priority", 5],
    ["progress", { status: "s", value: 1.1 }],
    ["progress", { value: 0.5 }],
    ["actions", [{ title: "no action" }]],
    ["actions", [{ action: "a", title: "A", imageUri: "x" }]],
    ["inputs", Array.from({ length: 6 }, (_, i) => ({ id: `i${i}`, type: "text" }))],
    ["display_timestamp", "2026-11-20 12:00"],
    ["tile_sizes", []],
    ["scenario", "panic"],
    ["launchArguments", "x"],
  ])("refuses %s: %j", (name, value) => {
    expect(optionsSchema.safeParse({ [name]: value }).success).toBe(false);
  });

  it("N6 an element that contains itself, or others too often, is refused in no time", () => {
    const loop: { name: string; children: unknown[] } = { name: "group", children: [] };
    loop.children.push(loop, loop);
    let wide: object = { name: "text" };
    for (let i = 0; i < 30; i++) wide = { name: "group", children: [wide, wide] };
    for (const xml of [loop, wide]) {
      const { error } = optionsSchema.safeParse({ content: [xml] });
      expect(error?.issues[0]?.message).toContain("at most 1000 elements");
    }
  });

  it("a thousand elements are taken, and not one more", () => {
    const take = (count: number) => {
      const children = Array.from({ length: count - 1 }, () => ({ name: "text" }));
      return optionsSchema.safeParse({ xml: { name: "toast", children } }).success;
    };
    expect([take(1000), take(1001)]).toEqual([true, false]);
  });

  it("what is wrong in an element is named by its path", () => {
    const xml = { name: "toast", children: ["t", { name: "visual", attributes: { "a b": 1 } }] };
    expect(optionsSchema.safeParse({ content: [xml] }).error?.issues[0]).toMatchObject({
      path: ["content", 0, "children", 1, "attributes", "a b"],
    });
  });
});
