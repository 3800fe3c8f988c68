import { inflateSync } from 'node:zlib';

/** A decoded PNG. `pixels` are RGBA, row by row. */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** By filter type: none, sub, up, average, Paeth. */
const PREDICTORS: readonly ((left: number, up: number, corner: number) => number)[] = [
  () => 0,
  (left) => left,
  (_, up) => up,
  (left, up) => (left + up) >> 1,
  predictPaeth,
];

const SIGNATURE = '89504e470d0a1a0a';

/** Decodes the kind of PNG that the rasteriser writes: 8 bits, RGBA, not interlaced (https://www.w3.org/TR/png-3/). */
export function decodePng(bytes: Uint8Array): Image {
  const file = Buffer.from(bytes);
  if (file.toString('hex', 0, 8) !== SIGNATURE) throw new Error('not a PNG signature');
  const data: Buffer[] = [];
  let at = 8;
  let type = '';
  while (type !== 'IEND') {
    const length = file.readUInt32BE(at);
    type = file.toString('latin1', at + 4, at + 8);
    if (type === 'IDAT') data.push(file.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  if (at !== file.length) throw new Error('bytes after the last chunk');
  if (file.toString('hex', 24, 29) !== '0806000000') throw new Error('not 8-bit RGBA without interlace');
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
  return { width, height, pixels: undoFilters(inflateSync(Buffer.concat(data)), width * 4, height) };
}

function undoFilters(lines: Uint8Array, stride: number, height: number): Uint8Array {
  if (lines.length !== (stride + 1) * height) throw new Error(`${lines.length} bytes of lines`);
  const pixels = new Uint8Array(stride * height);
  for (let row = 0; row < height; row += 1) {
    const predict = PREDICTORS[lines[row * (stride + 1)]!]!;
    for (let column = 0; column < stride; column += 1) {
      const at = row * stride + column;
      const left = column < 4 ? 0 : pixels[at - 4]!;
      const up = row === 0 ? 0 : pixels[at - stride]!;
      const corner = column < 4 || row === 0 ? 0 : pixels[at - stride - 4]!;
      pixels[at] = lines[row * (stride + 1) + 1 + column]! + predict(left, up, corner);
    }
  }
  return pixels;
}

function predictPaeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const [a, b, c] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

/** Places of the pixels that are not white, top to bottom. */
export function listInk({ width, pixels }: Image): { x: number; y: number }[] {
  const places: { x: number; y: number }[] = [];
  for (let at = 0; at < pixels.length; at += 4) {
    if (pixels[at] === 255 && pixels[at + 1] === 255 && pixels[at + 2] === 255) continue;
    places.push({ x: (at / 4) % width, y: Math.floor(at / 4 / width) });
  }
  return places;
}
