import { inflateSync } from "node:zlib";

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** How many different bytes its pixels are made of; a handful when it shows nothing. */
  readonly variety: number;
}

/** https://www.w3.org/TR/png-3/#5DataRep */
export function readPng(bytes: Uint8Array): Picture {
  const png = Buffer.from(bytes);
  const data: Buffer[] = [];
  for (let place = 8; place < png.length; ) {
    const length = png.readUInt32BE(place);
    const type = png.toString("latin1", place + 4, place + 8);
    if (type === "IDAT") data.push(png.subarray(place + 8, place + 8 + length));
    place += 12 + length;
  }
  const variety = new Set(inflateSync(Buffer.concat(data))).size;
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20), variety };
}
