/** One header field. */
export interface Field {
  readonly name: string;
  readonly value: string;
}

const STATIC: readonly string[] = [
  ...[":authority", ":method GET", ":method POST", ":path /", ":path /index.html", ":scheme http"],
  ...[":scheme https", ":status 200", ":status 204", ":status 206", ":status 304", ":status 400"],
  ...[":status 404", ":status 500", "accept-charset", "accept-encoding gzip, deflate", "accept-language"],
  ...["accept-ranges", "accept", "access-control-allow-origin", "age", "allow", "authorization"],
  ...["cache-control", "content-disposition", "content-encoding", "content-language", "content-length"],
  ...["content-location", "content-range", "content-type", "cookie", "date", "etag", "expect", "expires"],
  ...["from", "host", "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since"],
  ...["last-modified", "link", "location", "max-forwards", "proxy-authenticate", "proxy-authorization"],
  ...["range", "referer", "refresh", "retry-after", "server", "set-cookie", "strict-transport-security"],
  ...["transfer-encoding", "user-agent", "vary", "via", "www-authenticate"],
];

/** RFC 7541, appendix A. An index of HPACK begins with 1. */
export const STATIC_TABLE: readonly Field[] = STATIC.map((line) => {
  const [name = "", ...value] = line.split(" ");
  return { name, value: value.join(" ") };
});

/** What a dynamic table holds by default, in bytes as RFC 7541 section 4.1 counts them. */
export const TABLE_BYTES = 4096;

/** What an entry of a dynamic table counts beside its name and value (RFC 7541, section 4.1). */
export const ENTRY_BYTES = 32;
