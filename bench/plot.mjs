import { median } from "./statistics.mjs";
import { PUSHMUX } from "./targets.mjs";

const WIDTH = 860;
const HEIGHT = 420;
const PLOT = { left: 64, right: 560, top: 48, bottom: 372 };
/** Distance of two labels' lines of text. */
const LINE = 17;

/** Of middling lightness, so that they can be told from a white and from a black page. */
const COLOURS = ["#1f8fe0", "#e0592a", "#2a9d5c", "#a05bd6", "#c98a00", "#d6437f", "#17a2a8", "#8a7a5c"];
const GREY = "#808a94";

/**
 * CPU per notification over the number in flight, one line per contender, as an SVG. Logarithmic, because contenders
 * differ by a factor of a hundred and what counts is the ratio. Readable on light and on dark pages.
 *
 * @param {string} title
 * @param {readonly import("./rounds.mjs").Series[]} all
 */
export function plot(title, all) {
  const levels = [...new Set(all.map(({ in_flight }) => in_flight))].sort((a, b) => a - b);
  const names = [...new Set(all.map(({ contender }) => contender))];
  const lines = names.map((name, i) => {
    const own = all.filter(({ contender }) => contender === name);
    const floor = own[0]?.role === "floor";
    const points = own.map(({ in_flight, rounds }) => ({
      level: levels.indexOf(in_flight),
      value: median(rounds.map(({ cpu_us }) => cpu_us)),
    }));
    return { name, floor, colour: floor ? GREY : (COLOURS[i % COLOURS.length] ?? GREY), points };
  });
  const values = lines.flatMap(({ points }) => points.map(({ value }) => value));
  const scale = logarithmic(Math.min(...values), Math.max(...values));
  const x = (/** @type {number} */ level) =>
    PLOT.left + 20 + (levels.length < 2 ? 0 : (level * (PLOT.right - PLOT.left - 40)) / (levels.length - 1));

  const grid = scale.ticks.map(
    (tick) =>
      `<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${scale.y(tick)}" y2="${scale.y(tick)}"/>` +
      text(PLOT.left - 8, scale.y(tick) + 4, `${tick} µs`, 'text-anchor="end"'),
  );
  const axis = levels.map((level, i) =>
    text(x(i), PLOT.bottom + 20, level.toLocaleString("en"), 'text-anchor="middle"'),
  );
  const curves = lines.map(({ points, colour, floor, name }) => {
    const path = points.map(({ level, value }) => `${round(x(level))},${scale.y(value)}`).join(" ");
    const style = floor ? 'stroke-dasharray="3 4"' : `stroke-width="${name === PUSHMUX ? 4 : 2}"`;
    const dots = points.map(
      ({ level, value }) =>
        `<circle cx="${round(x(level))}" cy="${scale.y(value)}" r="${name === PUSHMUX ? 4.5 : 3}" fill="${colour}"/>`,
    );
    return `<polyline points="${path}" fill="none" stroke="${colour}" ${style}/>${dots.join("")}`;
  });
  const labels = apart(
    lines.map(({ name, colour, points }) => {
      const last = /** @type {{ level: number, value: number }} */ (points.at(-1));
      return { name, colour, from_x: x(last.level), from_y: scale.y(last.value), y: scale.y(last.value) };
    }),
  ).map(
    ({ name, colour, from_x, from_y, y }) =>
      `<polyline points="${round(from_x + 6)},${from_y} ${PLOT.right + 4},${round(y)} ${PLOT.right + 12},${round(y)}" fill="none" stroke="${colour}" stroke-width="0.7" opacity="0.7"/>` +
      text(
        PLOT.right + 16,
        round(y) + 4,
        escaped(name),
        `style="fill: ${colour}"${name === PUSHMUX ? ' font-weight="bold"' : ""}`,
      ),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${escaped(title)}">
<style>
text { font: 12px system-ui, sans-serif; fill: #59636e }
.grid { stroke: #59636e; stroke-opacity: 0.25 }
@media (prefers-color-scheme: dark) { text { fill: #9aa5b1 } .grid { stroke: #9aa5b1 } }
</style>
${text(PLOT.left, 22, escaped(title), 'style="font-size: 15px" font-weight="bold"')}
${text((PLOT.left + PLOT.right) / 2, HEIGHT - 10, "in flight", 'text-anchor="middle"')}
${[...grid, ...axis, ...curves, ...labels].join("\n")}
</svg>
`;
}

/**
 * @param {number} least
 * @param {number} most
 */
function logarithmic(least, most) {
  const low = Math.log10(least / 1.15);
  const high = Math.log10(most * 1.15);
  const y = (/** @type {number} */ value) =>
    round(PLOT.bottom - ((Math.log10(value) - low) / (high - low)) * (PLOT.bottom - PLOT.top));
  const decades = Array.from({ length: 8 }, (_, i) => 10 ** i);
  const ticks = decades
    .flatMap((decade) => [decade, 2 * decade, 5 * decade])
    .filter((tick) => Math.log10(tick) >= low && Math.log10(tick) <= high);
  return { y, ticks };
}

/**
 * Moves labels that would cover each other apart, as little as may be, and keeps them inside.
 *
 * @template {{ y: number }} T
 * @param {readonly T[]} labels
 * @returns {T[]}
 */
function apart(labels) {
  const sorted = [...labels].sort((a, b) => a.y - b.y);
  let above = PLOT.top - LINE;
  for (const label of sorted) {
    label.y = Math.max(label.y, above + LINE);
    above = label.y;
  }
  let below = PLOT.bottom + LINE;
  for (const label of sorted.toReversed()) {
    label.y = Math.min(label.y, below - LINE);
    below = label.y;
  }
  return sorted;
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} words
 * @param {string} attributes
 */
function text(x, y, words, attributes) {
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${words}</text>`;
}

/** @param {number} number */
function round(number) {
  return Math.round(number * 10) / 10;
}

/** @param {string} words */
function escaped(words) {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
