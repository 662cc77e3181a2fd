/** Whether a device with these topics is meant. */
export type Condition = (topics: ReadonlySet<string>) => boolean;

const MAX_TOPICS = 5;

/** A topic's name, without `/topics/`. */
export const TOPIC = /^[a-zA-Z0-9\-_.~%]{1,900}$/;

/**
 * `'a' in topics && ('b' in topics || !('c' in topics))`: what is in parentheses first, then from left to right, `&&`
 * and `||` alike (firebase.google.com/docs/cloud-messaging/topic-messaging). `undefined`: not a condition, or more than
 * five topics.
 */
export function readCondition(text: string): Condition | undefined {
  const tokens = text.match(/'[^']*'\s+in\s+topics\b|&&|\|\||[!()]|\S/g) ?? [];
  if (tokens.filter((token) => token.startsWith("'")).length > MAX_TOPICS) return undefined;
  const reader = new ConditionReader(tokens);
  const condition = reader.chain();
  return reader.is_at_end ? condition : undefined;
}

class ConditionReader {
  readonly #tokens: string[];

  constructor(tokens: readonly string[]) {
    this.#tokens = [...tokens];
  }

  get is_at_end(): boolean {
    return this.#tokens.length === 0;
  }

  chain(): Condition | undefined {
    let left = this.#term();
    while (left && (this.#tokens[0] === "&&" || this.#tokens[0] === "||")) {
      const operator = this.#tokens.shift();
      const right = this.#term();
      left = right && combine(operator === "&&", left, right);
    }
    return left;
  }

  #term(): Condition | undefined {
    const token = this.#tokens.shift();
    if (token === "!") {
      const term = this.#term();
      return term && ((topics) => !term(topics));
    }
    if (token === "(") {
      const chain = this.chain();
      return this.#tokens.shift() === ")" ? chain : undefined;
    }
    const topic = /^'(.*)'\s+in/s.exec(token ?? "")?.[1] ?? "";
    return TOPIC.test(topic) ? (topics) => topics.has(topic) : undefined;
  }
}

function combine(is_and: boolean, left: Condition, right: Condition): Condition {
  return is_and ? (topics) => left(topics) && right(topics) : (topics) => left(topics) || right(topics);
}
