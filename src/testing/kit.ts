/** The one door through which an emulator sees what all of them share. */
export { type CredentialFault, type FaultOptions, Faults } from "./faults.js";
export type { Http1FaultKind } from "./http1_faults.js";
export { sendsStatus } from "./http1_faults.js";
export type { Answer, Http1Service, Http1ServiceRules, RequestHead, ServedRequest } from "./http1_service.js";
export { startHttp1Service } from "./http1_service.js";
export { ReceivedLog } from "./received.js";
export { EVERYONE, Script, type ScriptedAnswer } from "./scripting.js";
export { startTlsServer, type TlsServer } from "./tls_server.js";
