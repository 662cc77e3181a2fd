/** The part of http_ece that the tests use as an oracle. */
declare module "http_ece" {
  import type { ECDH } from "node:crypto";

  interface Params {
    version: "aes128gcm" | "aesgcm";
    privateKey: ECDH;
    authSecret: Uint8Array | string;
    dh?: Uint8Array | string;
    salt?: Uint8Array | string;
  }
  const ece: {
    encrypt(plaintext: Uint8Array, params: Params): Buffer;
    decrypt(body: Uint8Array, params: Params): Buffer;
  };
  export default ece;
}
