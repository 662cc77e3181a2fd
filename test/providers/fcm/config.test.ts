import { afterEach, describe, expect, it, vi } from "vitest";
import { configSchema, environment } from "../../../providers/fcm/config.js";
import { fcm } from "../../../providers/fcm/index.js";
import { checkConfig } from "../../../src/config.js";
import { configFromEnvironment } from "../../../src/environment.js";
import { ACCOUNT } from "./support.js";

const check = (config: object) => checkConfig("fcm", fcm.config, config);
const fromEnvironment = (env: Record<string, string>) => configFromEnvironment(fcm as never, env);
const get_access_token = async () => "token";
const app = {
  options: { credential: { getAccessToken: async () => ({ access_token: "t", expires_in: 1 }) } },
};

afterEach(() => vi.unstubAllEnvs());

describe("config", () => {
  it("1.9 a service account is enough; hosts, topic API and times have defaults", () => {
    expect(check({ service_account: { ...ACCOUNT } })).toMatchObject({
      service_account: ACCOUNT,
      endpoint: "https://fcm.googleapis.com",
      iid_endpoint: "https://iid.googleapis.com",
      topic_api: "v1",
      ttl_seconds: 300,
      timeout_seconds: 30,
    });
  });

  it("functions and apps stay the objects that they are, so that equal configs share an engine", () => {
    expect(check({ project_id: "p", get_access_token })).toMatchObject({ get_access_token });
    expect((check({ project_id: "p", app }) as { app: unknown }).app).toBe(app);
  });

  it.each([
    ["service_account_path, service_account", { service_account_path: "/a", service_account: "{}" }],
    ["service_account_path, app", { app, service_account_path: "/a" }],
    ["get_access_token, app", { app, get_access_token, project_id: "p" }],
    [
      "service_account_path, service_account, get_access_token, app",
      { app, get_access_token, service_account: "{}", service_account_path: "/a" },
    ],
  ])("only one source of credentials: %s together are refused by name", (names, config) => {
    expect(() => check(config)).toThrow(`give only one of ${names}`);
  });

  it("a source that is undefined is none", () => {
    expect(() =>
      check({ service_account: "{}", service_account_path: undefined, app: undefined }),
    ).not.toThrow();
  });

  it.each([
    ["get_access_token", { get_access_token }],
    ["app", { app }],
  ])("%s alone does not say which project it is for", (_name, config) => {
    expect(() => check(config)).toThrow("fcm: project_id: missing; the id of the Firebase project");
  });

  it("an app may say it itself", () => {
    expect(() => check({ app: { options: { ...app.options, projectId: "p" } } })).not.toThrow();
  });

  it.each([
    ["project_id", "a/b"],
    ["project_id", ""],
    ["project_id", 7],
    ["service_account_path", ""],
    ["service_account", 7],
    ["service_account", []],
    ["get_access_token", "token"],
    ["app", {}],
    ["app", null],
    ["app", { options: {} }],
    ["app", { options: { credential: {} } }],
    ["endpoint", "fcm.googleapis.com"],
    ["endpoint", "http://fcm.googleapis.com"],
    ["endpoint", "https://fcm.googleapis.com/v1"],
    ["endpoint", "https://user@fcm.googleapis.com"],
    ["iid_endpoint", "https://iid.googleapis.com/?a"],
    ["token_endpoint", "http://oauth2.googleapis.com/token"],
    ["token_endpoint", "/token"],
    ["topic_api", "v2"],
    ["ramp_up_seconds", -1],
    ["quota_per_minute", 0],
    ["quota_per_minute", 1.5],
  ])("%s %j is refused by its key", (key, value) => {
    const config = { project_id: "p", [key]: value };
    expect(configSchema.safeParse(config).error?.issues.map(({ path }) => path.join("."))).toEqual([key]);
  });

  it.each([["demo-project"], ["123456789012"], ["example.org:demo"]])(
    "project_id may be %s",
    (project_id) => {
      expect(check({ project_id })).toMatchObject({ project_id });
    },
  );

  it("an endpoint may end in a slash", () => {
    expect(check({ project_id: "p", endpoint: "https://localhost:8443/" })).toMatchObject({
      endpoint: "https://localhost:8443",
    });
  });

  it("1.9 batch_size names what took its place", () => {
    expect(() => check({ project_id: "p", batch_size: 500 })).toThrow("max_concurrency");
  });
});

describe("environment", () => {
  it.each([["FCM_SERVICE_ACCOUNT_PATH"], ["FCM_CREDENTIALS_PATH"], ["GOOGLE_APPLICATION_CREDENTIALS"]])(
    "1.9 %s gives the service account's file",
    (name) => {
      expect(fromEnvironment({ [name]: "/run/account.json" })).toMatchObject({
        service_account_path: "/run/account.json",
      });
    },
  );

  it("the more special name wins", () => {
    const env = { GOOGLE_APPLICATION_CREDENTIALS: "/b", FCM_SERVICE_ACCOUNT_PATH: "/a", FCM_PROJECT_ID: "p" };
    expect(fromEnvironment(env)).toMatchObject({ service_account_path: "/a", project_id: "p" });
  });

  it("with nothing set, every variable is named", () => {
    expect(() => fromEnvironment({})).toThrow(
      "FCM_PROJECT_ID; service_account_path: give a config, or set FCM_SERVICE_ACCOUNT_PATH or FCM_CREDENTIALS_PATH or GOOGLE_APPLICATION_CREDENTIALS",
    );
  });

  it("a project alone leaves the credentials to Google's defaults", () => {
    expect(fromEnvironment({ FCM_PROJECT_ID: "p", FCM_TTL_SECONDS: "60" })).toMatchObject({
      project_id: "p",
      ttl_seconds: 60,
    });
  });

  it("every key that stands in the environment is a key of the config", () => {
    expect(Object.keys(environment).every((key) => key in configSchema.shape)).toBe(true);
  });
});
