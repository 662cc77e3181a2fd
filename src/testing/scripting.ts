import { validateHeaderName, validateHeaderValue } from "node:http";

/** An answer given instead of the emulator's own verdict. */
export interface ScriptedAnswer {
  /** 200 to 599. Absent: the emulator's own verdict, only later (`delay_ms`) or with more `headers`. */
  status?: number | undefined;
  /** The service's word for it, put into the form in which that service says such things. Default: its usual word. */
  reason?: string | undefined;
  /** Added to the answer's own; `retry-after`, for example. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Sent as it is, in place of the form that the service would use. */
  body?: string | Uint8Array | undefined;
  /** Milliseconds of real time before the answer is sent; default 0. */
  delay_ms?: number | undefined;
}

/** Every device that has no script of its own. */
export const EVERYONE = "*";

/** Answers by device. A device's own script goes before the one for everyone. */
export class Script {
  readonly #scripts = new Map<string, { answers: ScriptedAnswer[]; sticky: boolean }>();

  /** One answer stays in force; several, or an array, are given one per request, then the script is over; none ends it. */
  set(device: string, answers: readonly (ScriptedAnswer | readonly ScriptedAnswer[])[]): void {
    const list = answers.flat() as ScriptedAnswer[];
    for (const answer of list) checkAnswer(answer);
    if (list.length === 0) this.#scripts.delete(device);
    else
      this.#scripts.set(device, { answers: list, sticky: list.length === 1 && !Array.isArray(answers[0]) });
  }

  next(device: string | undefined): ScriptedAnswer | undefined {
    for (const key of device === undefined ? [EVERYONE] : [device, EVERYONE]) {
      const script = this.#scripts.get(key);
      if (!script) continue;
      const answer = script.sticky ? script.answers[0] : script.answers.shift();
      if (script.answers.length === 0) this.#scripts.delete(key);
      return answer;
    }
    return undefined;
  }
}

function checkAnswer({ status, headers = {}, delay_ms = 0 }: ScriptedAnswer): void {
  if (status !== undefined && !(Number.isInteger(status) && status >= 200 && status <= 599)) {
    throw new RangeError("respond: status must be an integer from 200 to 599");
  }
  if (!(delay_ms >= 0 && delay_ms <= 600_000)) {
    throw new RangeError("respond: delay_ms must be a number from 0 to 600000");
  }
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  }
}
