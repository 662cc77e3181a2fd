/**
 * What Windows shows of a notification's content, by the schemas of its notifications: learn.microsoft.com, "Toast
 * schema" (element-toast, -visual, -binding, -text, …), "Tile schema" and "Badge schema".
 *
 * WNS leaves this to the device, which drops what it cannot show and tells nobody. A test wants to be told.
 * Microsoft's devices pass over attributes that they do not know, and so does this.
 */
import type { WnsXmlElement } from "./emulator_xml.js";

/** The notifications that are XML; each is the name of its root element as well. */
export type WnsXmlType = "toast" | "tile" | "badge";

/** The first thing that keeps this from being a toast, tile or badge; `undefined` when it is one. */
export function checkSchema(type: WnsXmlType, root: WnsXmlElement): string | undefined {
  if (root.name !== type) return `its root element is <${root.name}>, not <${type}>`;
  for (const problem of problems(root, SCHEMAS[type])) return problem;
  return undefined;
}

interface ElementRule {
  /** What may be inside: element names, with the most there may be of each. */
  readonly children?: Readonly<Record<string, number>>;
  /** Children and attributes that must be there. */
  readonly required?: readonly string[];
  /** Attribute values. */
  readonly values?: Readonly<Record<string, RegExp>>;
  /** May hold text. */
  readonly text?: true;
}

type Schema = Readonly<Record<string, ElementRule>>;

const ANY = Number.POSITIVE_INFINITY;
const BOOLEAN = /^(true|false)$/;
const WHOLE_NUMBER = /^\d+$/;
const TEXT_STYLE =
  /^((caption|body|base|subtitle|title|subheader|header)(Subtle)?|(title|subheader|header)Numeral(Subtle)?)$/;

const VISUAL: Schema = {
  visual: { children: { binding: ANY }, required: ["binding"], values: { addImageQuery: BOOLEAN } },
  text: {
    text: true,
    values: {
      placement: /^attribution$/,
      "hint-style": TEXT_STYLE,
      "hint-wrap": BOOLEAN,
      "hint-maxLines": WHOLE_NUMBER,
      "hint-minLines": WHOLE_NUMBER,
      "hint-align": /^(default|auto|left|center|right)$/,
      "hint-callScenarioCenterAlign": BOOLEAN,
    },
  },
  image: {
    required: ["src"],
    values: {
      placement: /^(inline|appLogoOverride|hero|background|peek)$/,
      "hint-crop": /^(default|none|circle)$/,
      "hint-removeMargin": BOOLEAN,
      "hint-align": /^(default|stretch|left|center|right)$/,
      addImageQuery: BOOLEAN,
    },
  },
  group: { children: { subgroup: ANY }, required: ["subgroup"] },
  subgroup: {
    children: { text: ANY, image: ANY },
    values: { "hint-weight": WHOLE_NUMBER, "hint-textStacking": /^(default|top|center|bottom)$/ },
  },
};

const SCHEMAS: Readonly<Record<WnsXmlType, Schema>> = {
  toast: {
    ...VISUAL,
    toast: {
      children: { visual: 1, audio: 1, header: 1, actions: 1, commands: 1 },
      required: ["visual"],
      values: {
        duration: /^(short|long)$/,
        displayTimestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$/,
        scenario: /^(default|reminder|alarm|incomingCall|urgent)$/,
        activationType: /^(foreground|background|protocol)$/,
        useButtonStyle: BOOLEAN,
      },
    },
    binding: {
      // At most three lines of text; an attribution is not one of them.
      children: { text: 3, attribution: 1, image: ANY, group: ANY, progress: ANY },
      required: ["template"],
      values: { template: /^(ToastGeneric|Toast(ImageAnd)?Text0[1-4])$/ },
    },
    // Values in braces are data bindings, which a pushed toast does not have.
    progress: {
      required: ["value", "status"],
      values: { value: /^(indeterminate|0(\.\d+)?|1(\.0+)?|\.\d+)$/ },
    },
    audio: { values: { src: /^ms-(winsoundevent|appx|appdata|resource):/, loop: BOOLEAN, silent: BOOLEAN } },
    header: {
      required: ["id", "title", "arguments"],
      values: { activationType: /^(foreground|protocol)$/ },
    },
    actions: { children: { input: 5, action: 5 } },
    input: {
      children: { selection: 5 },
      required: ["id", "type"],
      values: { type: /^(text|selection)$/ },
    },
    selection: { required: ["id", "content"] },
    action: {
      required: ["content", "arguments"],
      values: {
        activationType: /^(foreground|background|protocol|system)$/,
        afterActivationBehavior: /^(default|pendingUpdate)$/,
        placement: /^contextMenu$/,
        "hint-buttonStyle": /^(Success|Critical)$/,
      },
    },
    commands: { children: { command: ANY } },
    command: { required: ["id"] },
  },
  tile: {
    ...VISUAL,
    tile: { children: { visual: 1 }, required: ["visual"] },
    binding: {
      children: { text: ANY, attribution: ANY, image: ANY, group: ANY },
      required: ["template"],
      values: { template: /^Tile[A-Z]\w*$/ },
    },
  },
  badge: {
    badge: {
      required: ["value"],
      values: {
        value:
          /^(\d+|none|activity|alarm|alert|attention|available|away|busy|error|newMessage|paused|playing|unavailable)$/,
      },
    },
  },
};

function* problems(element: WnsXmlElement, schema: Schema): Generator<string> {
  const { name, attributes, children } = element;
  const rule = schema[name] ?? {};
  const counts = countChildren(children);
  for (const one of rule.required ?? []) {
    const is_there = one in (rule.children ?? {}) ? counts.has(one) : attributes[one] !== undefined;
    if (!is_there) yield `<${name}> has no ${one}`;
  }
  for (const [attribute, value] of Object.entries(rule.values ?? {})) {
    const given = attributes[attribute];
    if (given !== undefined && !value.test(given)) yield `<${name}> has a wrong ${attribute}`;
  }
  for (const [child, count] of counts) {
    const most = new Map(Object.entries(rule.children ?? {})).get(child) ?? 0;
    if (most === 0) yield `<${name}> has <${child}> in it`;
    if (count > most) yield `<${name}> has more than ${most} <${child}> in it`;
  }
  for (const child of children) {
    if (typeof child === "object") yield* problems(child, schema);
    else if (!rule.text && child.trim() !== "") yield `<${name}> has text in it`;
  }
}

function countChildren(children: WnsXmlElement["children"]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const child of children) {
    if (typeof child === "string") continue;
    const is_attribution = child.name === "text" && child.attributes.placement === "attribution";
    const name = is_attribution ? "attribution" : child.name;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
