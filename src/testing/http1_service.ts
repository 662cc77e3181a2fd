import type { FaultOptions } from "./faults.js";
import {
  type HttpService,
  type HttpServiceRules,
  type ServedRequest,
  startHttpService,
} from "./http_service.js";
import type { Http1FaultKind } from "./http1_faults.js";

export type { ServedRequest };
export type Http1ServiceRules = HttpServiceRules<Http1FaultKind>;
export type Http1Service = HttpService<Http1FaultKind, FaultOptions>;

/** An emulator that speaks HTTP/1.1 only. */
export function startHttp1Service(port: number, rules: Http1ServiceRules): Promise<Http1Service> {
  return startHttpService(port, rules, { protocols: ["http/1.1"] });
}
