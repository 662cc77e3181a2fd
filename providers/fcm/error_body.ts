/** The body of a refusal: google.rpc.Status with its `details`, which come in any order and may be anything. */

/** Everything in it that says what happened. */
export interface FcmError {
  /** google.rpc.Code. */
  readonly status?: string | undefined;
  readonly message: string;
  /** `errorCode` of FcmError. */
  readonly fcm_code?: string | undefined;
  readonly apns?: { readonly status: number | undefined; readonly reason: string } | undefined;
  /** `reason` of ErrorInfo. */
  readonly info?: string | undefined;
  /** Which fields of the request BadRequest names: paths only, never values. */
  readonly fields: readonly string[];
  /** The words of QuotaFailure: which kind of quota it was. */
  readonly quota: string;
}

/** Never throws, for any value. */
export function readError(error: unknown): FcmError {
  const { status, message, details } = toObject(error);
  const find = (type: string) =>
    list(details)
      .map(toObject)
      .find((detail) => text(detail["@type"])?.endsWith(type)) ?? {};
  const apns = find(".ApnsError");
  return {
    status: text(status),
    message: text(message) ?? "",
    fcm_code: text(find(".FcmError").errorCode),
    apns:
      text(apns.reason) === undefined && apns.statusCode === undefined
        ? undefined
        : { status: Number(apns.statusCode), reason: text(apns.reason) ?? `HTTP ${Number(apns.statusCode)}` },
    info: text(find(".ErrorInfo").reason),
    fields: list(find(".BadRequest").fieldViolations).flatMap((violation) => {
      const field = text(toObject(violation).field);
      return field !== undefined && /^[\w.[\]]{1,100}$/.test(field) ? [field] : [];
    }),
    quota: list(find(".QuotaFailure").violations)
      .map(toObject)
      // A subject is a kind and a name, and the name may be any word.
      .map(({ subject, description }) => `${text(subject)?.split(":")[0] ?? ""} ${text(description) ?? ""}`)
      .join(" "),
  };
}

/** The members of a JSON object; none for any other text. */
export function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    return { ...JSON.parse(text) };
  } catch {
    return {};
  }
}

function toObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
