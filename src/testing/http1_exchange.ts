import type { IncomingMessage, ServerResponse } from "node:http";
import type { HttpConnection } from "./connection.js";
import { type Answer, type Exchange, type RequestHead, readHeaders, readWhole } from "./exchange.js";
import type { Fault } from "./faults.js";
import { type Http1FaultKind, sendAnswer, strike } from "./http1_faults.js";

export class Http1Exchange implements Exchange<Fault<Http1FaultKind>> {
  readonly head: RequestHead;
  readonly #incoming: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #reset: () => void;

  constructor(
    incoming: IncomingMessage,
    response: ServerResponse,
    connection: HttpConnection,
    origin: string,
    reset: () => void,
  ) {
    this.#incoming = incoming;
    this.#response = response;
    this.#reset = reset;
    const { method = "", url = "", rawHeaders } = incoming;
    this.head = { method, origin, path: url, ...readHeaders(rawHeaders), connection };
  }

  readBody(): Promise<Buffer | undefined> {
    return readWhole(this.#incoming);
  }

  isHeard(): boolean {
    return true;
  }

  commit(): void {}

  send(answer: Answer): void {
    sendAnswer(this.#response, answer);
  }

  /** HTTP/1.1 has no way to announce anything. */
  forewarn(): void {}

  strike(fault: Fault<Http1FaultKind>, answer: Answer): Promise<void> {
    return strike(fault, this.#response, answer, this.#reset);
  }
}
