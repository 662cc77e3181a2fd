/**
 * Length of each byte's code, and of the end of string's, in bits (RFC 7541, appendix B). The codes follow from it: they
 * count up, shorter ones first, equally long ones in the order of the bytes.
 */
const LENGTHS: readonly number[] = [
  ...[13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28],
  ...[28, 28, 28, 28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5],
  ...[6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7],
  ...[7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5],
  ...[6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23],
  ...[23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20],
  ...[22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22],
  ...[22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26],
  ...[27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25],
  ...[25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30],
];

const END_OF_STRING = 256;
const LONGEST = 30;

/**
 * The tree of the codes. The children of the node in the middle of a code stand side by side; a node below zero is the
 * end of a code: its symbol, inverted.
 */
const TREE = plant();

/** Nodes from which only the first, at most seven, bits of the end of string lead here: so ends a string (section 5.2). */
const PADDING = paddingNodes();

const SHORTEST = 5;

/** Undefined: not the code of a string. */
export function decodeHuffman(bytes: Buffer, start: number, end: number): string | undefined {
  const text = Buffer.allocUnsafe(Math.floor(((end - start) * 8) / SHORTEST));
  let length = 0;
  let node = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    for (let bit = 7; bit >= 0; bit -= 1) {
      node = TREE[node + ((byte >> bit) & 1)] ?? 0;
      if (node >= 0) continue;
      const symbol = ~node;
      if (symbol === END_OF_STRING) return undefined;
      text[length] = symbol;
      length += 1;
      node = 0;
    }
  }
  return PADDING.has(node) ? text.toString("latin1", 0, length) : undefined;
}

function plant(): Int16Array {
  const tree = new Int16Array(2 * LENGTHS.length);
  let size = 2;
  let code = 0;
  for (let length = 1; length <= LONGEST; length += 1) {
    code *= 2;
    for (const [symbol, its_length] of LENGTHS.entries()) {
      if (its_length !== length) continue;
      let node = 0;
      for (let bit = length - 1; bit > 0; bit -= 1) {
        const place = node + ((code >> bit) & 1);
        if (tree[place] === 0) {
          tree[place] = size;
          size += 2;
        }
        node = tree[place] ?? 0;
      }
      tree[node + (code & 1)] = ~symbol;
      code += 1;
    }
  }
  return tree;
}

function paddingNodes(): Set<number> {
  const nodes = new Set([0]);
  let node = 0;
  for (let bits = 1; bits < 8; bits += 1) {
    node = TREE[node + 1] ?? 0;
    nodes.add(node);
  }
  return nodes;
}
