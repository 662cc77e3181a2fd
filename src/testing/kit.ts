/** The one door through which an emulator sees what all of them share. */
export {
  type ClientCertificateOptions,
  type IssuedCertificate,
  issueClientCertificate,
  readExtension,
} from "./certificates.js";
export type { ClientCertificate, HttpConnection } from "./connection.js";
export type { Answer, RequestHead } from "./exchange.js";
export { type CredentialFault, type FaultOptions, Faults } from "./faults.js";
export type { HttpService, HttpServiceOptions, HttpServiceRules, ServedRequest } from "./http_service.js";
export { startHttpService } from "./http_service.js";
export type { Http1FaultKind } from "./http1_faults.js";
export type { Http1Service, Http1ServiceRules } from "./http1_service.js";
export { startHttp1Service } from "./http1_service.js";
export { type Http2FaultKind, type Http2FaultOptions, sendsStatus } from "./http2_faults.js";
export { ReceivedLog } from "./received.js";
export { EVERYONE, Script, type ScriptedAnswer } from "./scripting.js";
export { startTlsServer, type TlsServer } from "./tls_server.js";
