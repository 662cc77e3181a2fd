// Draws the site's icons: node examples/web_app/make_icons.mjs. They are committed; this says how they came about.
import { writeFileSync } from "node:fs";
import { crc32, deflateSync } from "node:zlib";

/** @typedef {readonly [number, number, number, number]} Rgba */

/** @type {Rgba} */
const NONE = [0, 0, 0, 0];
/** @type {Rgba} */
const WHITE = [255, 255, 255, 255];
/** @type {Rgba} */
const VIOLET = [84, 72, 200, 255];
/** Points per pixel and direction; their mean makes edges smooth. */
const SAMPLES = 4;

for (const size of [192, 512]) save(`icon-${size}x${size}.png`, size, icon);
save("favicon.ico", 64, icon);
// Android takes its shape alone, as a mask.
save("badge-72x72.png", 72, (x, y) => (isBell(x, y, 1.15) ? WHITE : NONE));

/**
 * White on violet, with round corners. From -1 to 1 in both directions, downwards.
 *
 * @param {number} x
 * @param {number} y
 * @returns {Rgba}
 */
function icon(x, y) {
  const [dx, dy] = [Math.max(0, Math.abs(x) - 0.56), Math.max(0, Math.abs(y) - 0.56)];
  if (Math.hypot(dx, dy) > 0.44) return NONE;
  return isBell(x, y, 0.78) ? WHITE : VIOLET;
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} scale
 */
function isBell(x, y, scale) {
  const [a, b] = [Math.abs(x / scale), y / scale];
  const knob = Math.hypot(a, b + 0.72) < 0.12;
  const dome = Math.hypot(a, b + 0.18) < 0.48 && b < -0.18;
  const skirt = b >= -0.18 && b < 0.4 && a < 0.48 + 0.2 * Math.max(0, (b - 0.1) / 0.3) ** 2;
  const rim = b >= 0.38 && b < 0.5 && a < 0.7;
  const clapper = Math.hypot(a, b - 0.56) < 0.2 && b > 0.58;
  return knob || dome || skirt || rim || clapper;
}

/**
 * @param {string} name
 * @param {number} size
 * @param {(x: number, y: number) => Rgba} colorAt
 */
function save(name, size, colorAt) {
  const rows = Array.from({ length: size }, (_, y) => [
    0,
    ...Array.from({ length: size }, (_, x) => pixel(x, y, size, colorAt)).flat(),
  ]);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  // Eight bits for each of red, green, blue and opacity: https://www.w3.org/TR/png-3/#11IHDR
  header.set([8, 6], 8);
  const parts = [
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.from(rows.flat()), { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ];
  writeFileSync(new URL(`public/${name}`, import.meta.url), Buffer.concat(parts));
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} size
 * @param {(x: number, y: number) => Rgba} colorAt
 * @returns {number[]}
 */
function pixel(x, y, size, colorAt) {
  const steps = Array.from({ length: SAMPLES }, (_, step) => (step + 0.5) / SAMPLES);
  const place = (/** @type {number} */ at) => (2 * at) / size - 1;
  const colors = steps.flatMap((dy) => steps.map((dx) => colorAt(place(x + dx), place(y + dy))));
  const opacity = colors.reduce((sum, color) => sum + color[3], 0);
  const mean = (/** @type {0 | 1 | 2} */ part) =>
    opacity === 0 ? 0 : Math.round(colors.reduce((sum, color) => sum + color[part] * color[3], 0) / opacity);
  return [mean(0), mean(1), mean(2), Math.round(opacity / colors.length)];
}

/**
 * @param {string} type
 * @param {Buffer} data
 */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
