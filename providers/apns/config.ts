import { type ObjectSchemaLike, type SchemaLike, type SharedConfigInput, z } from "../../src/provider_kit.js";
import { KeyProblem, readCertificate, readSigningKey } from "./keys.js";

/**
 * Config of `getPushProvider("apns", config)`. A sender is known by a key (`team_id`, `key_id` and `auth_key` or
 * `auth_key_path`) or by a certificate (`certificate` with `private_key`, or `pfx`). A key whose value is `undefined` counts
 * as absent.
 */
export interface ApnsConfig extends SharedConfigInput {
  /** 10 characters, from the membership page of the developer account. Environment: `APNS_TEAM_ID`. */
  team_id?: string | undefined;
  /** 10 characters, the name of the key. Environment: `APNS_KEY_ID`. */
  key_id?: string | undefined;
  /** Text of the `.p8` file; a literal `\n` is read as a newline. Environment: `APNS_AUTH_KEY`. */
  auth_key?: string | undefined;
  /** Path of the `.p8` file, instead of its text. Environment: `APNS_AUTH_KEY_PATH`. */
  auth_key_path?: string | undefined;
  /** Text of the certificate, PEM. */
  certificate?: string | undefined;
  /** Text of its private key, PEM. */
  private_key?: string | undefined;
  /** Certificate and key in one `.p12` or `.pfx` file: its bytes, or its bytes in base64. */
  pfx?: Uint8Array | string | undefined;
  /** Opens `pfx`, or an encrypted `private_key`. */
  passphrase?: string | undefined;
  /** Required: `com.example.app`. Topics are made of it; channels belong to it. Environment: `APNS_BUNDLE_ID`. */
  bundle_id?: string | undefined;
  /**
   * Used as the topic of every notification, as it is: no suffix of a push type is added. One that equals the bundle id
   * says nothing new and changes nothing. Environment: `APNS_TOPIC`.
   */
  topic?: string | undefined;
  /** `production` (App Store, TestFlight; the default) or `sandbox` (development builds). Environment: `APNS_ENVIRONMENT`. */
  environment?: "production" | "sandbox" | undefined;
  /** An origin that takes Apple's place, such as `https://api.push.apple.com:2197`. */
  endpoint?: string | undefined;
  /** The same for making and deleting channels. */
  manage_endpoint?: string | undefined;
  /** The same for sending to channels. Default: `endpoint`. */
  broadcast_endpoint?: string | undefined;
}

const identifier = z.string().regex(/^[A-Za-z0-9]{10}$/, "expected 10 letters and digits");
const topic = (error: string) => z.string({ error }).regex(/^[A-Za-z0-9.-]+$/, error);
const origin = z.string().transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "https:" && url.href === `${url.origin}/`) return url.origin;
  context.addIssue({ code: "custom", message: "expected an origin such as https://api.push.apple.com" });
  return z.NEVER;
});
const readable = (read: (text: string) => unknown) =>
  z.string().superRefine((text, context) => {
    try {
      read(text);
    } catch (error) {
      if (!(error instanceof KeyProblem)) throw error;
      context.addIssue({ code: "custom", message: error.message });
    }
  });

const fields = {
  team_id: identifier.optional(),
  key_id: identifier.optional(),
  auth_key: readable(readSigningKey).optional(),
  auth_key_path: z
    .string()
    .min(1)
    .refine((path) => !path.includes("-----BEGIN"), "is a key and not a path: give it as auth_key")
    .optional(),
  certificate: readable(readCertificate).optional(),
  private_key: z.string().optional(),
  pfx: z
    .union([z.string(), z.instanceof(Uint8Array)], { error: "expected bytes, or base64 text" })
    .optional(),
  passphrase: z.string().optional(),
  bundle_id: topic("expected a bundle id such as com.example.app"),
  topic: topic("expected a topic such as com.example.app").optional(),
  environment: z.enum(["production", "sandbox"]).default("production"),
  endpoint: origin.optional(),
  manage_endpoint: origin.optional(),
  broadcast_endpoint: origin.optional(),
};

const schema = z.strictObject(fields);

export type OpenConfig = z.output<typeof schema>;

/** The fields one by one, and how they go together: told all at once. */
export const configSchema: ObjectSchemaLike<OpenConfig> = {
  shape: fields as Readonly<Record<string, SchemaLike>>,
  safeParse(value) {
    const parsed = schema.safeParse(value);
    const issues = [...(parsed.error?.issues ?? []), ...checkTogether(value as Given)];
    return parsed.success && issues.length === 0 ? parsed : { success: false, error: { issues } };
  },
};

export const environment: Readonly<Record<string, readonly string[]>> = {
  team_id: ["APNS_TEAM_ID"],
  key_id: ["APNS_KEY_ID"],
  auth_key: ["APNS_AUTH_KEY"],
  auth_key_path: ["APNS_AUTH_KEY_PATH"],
  bundle_id: ["APNS_BUNDLE_ID"],
  topic: ["APNS_TOPIC"],
  environment: ["APNS_ENVIRONMENT"],
};

type Given = Readonly<Partial<Record<keyof OpenConfig, unknown>>>;

const KEY_FIELDS = ["team_id", "key_id", "auth_key", "auth_key_path"] as const;
const CERTIFICATE_FIELDS = ["certificate", "private_key", "pfx", "passphrase"] as const;

function checkTogether(given: Given): { path: string[]; message: string }[] {
  const issue = (field: keyof OpenConfig, message: string) => [{ path: [field], message }];
  const has = (field: keyof OpenConfig) => given[field] !== undefined;
  const by_certificate = CERTIFICATE_FIELDS.find(has);
  const by_key = KEY_FIELDS.find(has);
  if (by_certificate && by_key) {
    return issue(by_certificate, `not together with ${by_key}: a sender has a key or a certificate`);
  }
  if (by_certificate) {
    if (has("pfx")) {
      const beside = (["certificate", "private_key"] as const).find(has);
      return beside ? issue(beside, "not together with pfx, which holds both") : [];
    }
    const missing = (["certificate", "private_key"] as const).filter((field) => !has(field));
    return missing.flatMap((field) =>
      issue(field, "expected PEM text; certificate and private_key go together"),
    );
  }
  if (has("auth_key") && has("auth_key_path")) return issue("auth_key_path", "not together with auth_key");
  return [
    ...(["team_id", "key_id"] as const)
      .filter((field) => !has(field))
      .flatMap((field) => issue(field, "expected 10 letters and digits")),
    ...(has("auth_key") || has("auth_key_path")
      ? []
      : issue(
          "auth_key",
          "expected the text of the .p8 file (or auth_key_path; or certificate and private_key; or pfx)",
        )),
  ];
}
