import { PushError } from "../index.js";

/** A parsed tag expression. */
export type TagExpression =
  | { tag: string }
  | { not: TagExpression }
  | { and: TagExpression[] }
  | { or: TagExpression[] };

const MAX_CHARACTERS = 2000;
const MAX_DEPTH = 50;

/**
 * Reads a tag expression: tags, `!`, `&&`, `||` and parentheses; `!` binds most, `||` least. A tag that has white space or
 * one of `( ) ! & |` in it stands in double quotes. A list means one or more of its expressions; an empty one, nobody.
 *
 * `parseTags('vip && !(trial || "new york")')`
 *
 * @throws PushError `OPTIONS_INVALID` naming the position (from 1) and what was expected there.
 */
export function parseTags(source: string | readonly string[]): TagExpression {
  if (typeof source === "string") return new Parser(source).parse();
  return { or: source.map((one) => new Parser(one).parse()) };
}

/** Whether a subscription with these tags is meant: for stores that cannot let their database decide. */
export function matchesTags(expression: TagExpression, tags: readonly string[]): boolean {
  if ("tag" in expression) return tags.includes(expression.tag);
  if ("not" in expression) return !matchesTags(expression.not, tags);
  if ("and" in expression) return expression.and.every((part) => matchesTags(part, tags));
  return expression.or.some((part) => matchesTags(part, tags));
}

interface Token {
  /** The operator, `tag`, or `end`. */
  readonly kind: string;
  readonly text: string;
  /** From 1. */
  readonly position: number;
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(source: string) {
    if (source.length > MAX_CHARACTERS) {
      throw new PushError("OPTIONS_INVALID", `tags: expected at most ${MAX_CHARACTERS} characters`);
    }
    this.#tokens = tokenize(source);
  }

  parse(): TagExpression {
    const expression = this.#or();
    if (this.#token.kind !== "end") this.#fail("&&, || or the end");
    return expression;
  }

  #or(): TagExpression {
    const parts = [this.#and()];
    while (this.#take("||")) parts.push(this.#and());
    return parts.length === 1 && parts[0] ? parts[0] : { or: parts };
  }

  #and(): TagExpression {
    const parts = [this.#one()];
    while (this.#take("&&")) parts.push(this.#one());
    return parts.length === 1 && parts[0] ? parts[0] : { and: parts };
  }

  #one(): TagExpression {
    if (++this.#depth > MAX_DEPTH) this.#fail(`at most ${MAX_DEPTH} levels of ! and (`);
    const expression = this.#unnested();
    this.#depth--;
    return expression;
  }

  #unnested(): TagExpression {
    if (this.#take("!")) return { not: this.#one() };
    if (this.#take("(")) {
      const inner = this.#or();
      if (!this.#take(")")) this.#fail("&&, || or )");
      return inner;
    }
    const { kind, text } = this.#token;
    if (!this.#take("tag")) this.#fail("a tag, ! or (");
    return kind === "tag" ? { tag: text } : this.#fail("a tag");
  }

  get #token(): Token {
    return this.#tokens[this.#next] ?? { kind: "end", text: "", position: 1 };
  }

  #take(kind: string): boolean {
    const matches = this.#token.kind === kind;
    if (matches) this.#next++;
    return matches;
  }

  #fail(expected: string): never {
    const { kind, text, position } = this.#token;
    fail(position, expected, kind === "end" ? "the end" : text);
  }
}

const PIECE = /\s*(?:(&&|\|\||[!()])|"([^"]+)"|([^\s()!&|"]+))/y;

function tokenize(source: string): Token[] {
  const end = source.trimEnd().length;
  const tokens: Token[] = [];
  let at = 0;
  while (at < end) {
    PIECE.lastIndex = at;
    const match = PIECE.exec(source);
    if (!match) {
      const position = at + source.slice(at).search(/\S/);
      fail(position + 1, 'a tag, "a tag", !, &&, ||, ( or )', source.charAt(position));
    }
    const [piece, operator, quoted, plain] = match;
    const text = operator ?? quoted ?? plain ?? "";
    const position = at + piece.search(/\S/) + 1;
    tokens.push({ kind: operator ?? "tag", text, position });
    at = PIECE.lastIndex;
  }
  tokens.push({ kind: "end", text: "", position: end + 1 });
  return tokens;
}

function fail(position: number, expected: string, got: string): never {
  throw new PushError("OPTIONS_INVALID", `tags: at position ${position}: expected ${expected}, got ${got}`);
}
