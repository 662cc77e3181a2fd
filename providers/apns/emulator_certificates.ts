import type { X509Certificate } from "node:crypto";
import { type IssuedCertificate, issueClientCertificate, readExtension } from "../../src/testing/kit.js";

/** Apple runs the service twice: for apps from the store, and for those that are being developed. */
export type ApnsEnvironment = "production" | "sandbox";

/** A push certificate, as Apple issues them, but of the emulators' own authority. */
export interface ApnsCertificateOptions {
  /** The app; default the service's first. */
  bundle_id?: string | undefined;
  /** Where it may be used; default in both environments. */
  environments?: readonly ApnsEnvironment[] | undefined;
  /** The topics that it lists; default the app's bundle ID, and those with `.voip` and `.complication`; none: only the app. */
  topics?: readonly string[] | undefined;
  /** Not of the emulators' authority. Default false. */
  self_signed?: boolean | undefined;
}

export interface CertificateContents {
  readonly environments: readonly ApnsEnvironment[];
  /** Those that it lists, or else its subject's app. */
  readonly topics: readonly string[];
}

const COMMON_NAME = "2.5.4.3";
const USER_ID = "0.9.2342.19200300.100.1.1";
const ENVIRONMENTS: Readonly<Record<ApnsEnvironment, string>> = {
  sandbox: "1.2.840.113635.100.6.3.1",
  production: "1.2.840.113635.100.6.3.2",
};
const TOPICS = "1.2.840.113635.100.6.3.6";

export function issuePushCertificate(
  bundle_id: string,
  { environments = ["production", "sandbox"], topics, self_signed = false }: ApnsCertificateOptions,
): Promise<IssuedCertificate> {
  const listed = topics ?? [bundle_id, `${bundle_id}.voip`, `${bundle_id}.complication`];
  return issueClientCertificate({
    subject: { [USER_ID]: bundle_id, [COMMON_NAME]: `Apple Push Services: ${bundle_id}` },
    extensions: {
      ...Object.fromEntries(environments.map((environment) => [ENVIRONMENTS[environment], der(NULL)])),
      ...(listed.length > 0 ? { [TOPICS]: topicList(listed) } : {}),
    },
    self_signed,
  });
}

export function readPushCertificate(certificate: X509Certificate): CertificateContents {
  const listed = readExtension(certificate, TOPICS);
  const app = /^UID=(.*)$/m.exec(certificate.subject)?.[1];
  return {
    environments: (["production", "sandbox"] as const).filter((environment) =>
      readExtension(certificate, ENVIRONMENTS[environment]),
    ),
    topics: listed ? readTopicList(listed) : app === undefined ? [] : [app],
  };
}

const NULL = 0x05;
const UTF8_STRING = 0x0c;
const SEQUENCE = 0x30;

/** A sequence of names, each followed by a sequence of what it is for. */
function topicList(topics: readonly string[]): Buffer {
  const kind = (topic: string) => /\.(voip|complication)$/.exec(topic)?.[1] ?? "app";
  const entries = topics.flatMap((topic) => [
    der(UTF8_STRING, Buffer.from(topic)),
    der(SEQUENCE, der(UTF8_STRING, Buffer.from(kind(topic)))),
  ]);
  return der(SEQUENCE, ...entries);
}

function readTopicList(list: Buffer): string[] {
  const [outer] = elements(list);
  return elements(outer?.value ?? Buffer.alloc(0))
    .filter(({ tag }) => tag === UTF8_STRING)
    .map(({ value }) => value.toString());
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const { length } = value;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.of(tag, ...size), value]);
}

function elements(bytes: Buffer): { tag: number; value: Buffer }[] {
  const list: { tag: number; value: Buffer }[] = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const [tag = 0, first = 0] = bytes.subarray(at);
    const extra = first < 128 ? 0 : first - 128;
    const length = extra === 0 ? first : bytes.readUIntBE(at + 2, extra);
    const start = at + 2 + extra;
    list.push({ tag, value: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return list;
}
