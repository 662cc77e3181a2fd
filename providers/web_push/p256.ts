/** The curve P-256 (FIPS 186-4, D.1.2.3): y² = x³ - 3x + b over a prime field. */
const PRIME = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/** An uncompressed point: 4, x, y. */
export const PUBLIC_KEY_BYTES = 65;

/**
 * Is this uncompressed point on the curve? The curve's cofactor is 1, so that is all that makes it a public key
 * (SP 800-56A, 5.6.2.3.4). Every send asks it once: in bigints it costs a tenth of `ECDH.convertKey`.
 */
export function isOnCurve(point: Buffer): boolean {
  if (point.length !== PUBLIC_KEY_BYTES || point[0] !== 4) return false;
  const x = BigInt(`0x${point.toString("hex", 1, 33)}`);
  const y = BigInt(`0x${point.toString("hex", 33, 65)}`);
  return x < PRIME && y < PRIME && (y * y - ((x * x - 3n) * x + B)) % PRIME === 0n;
}
