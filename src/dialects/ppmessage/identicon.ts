// GET /identicon/<id>.png: a picture for whoever has none, drawn from the id: the same id, the same picture. Nothing is kept,
// and nothing is looked up: whether anybody has the id is not said.
import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import { shown } from './cors.ts';
import { IDENTICONS } from './icons.ts';

/** A field of five by five with mirrored halves, each cell so many pixels wide. */
const CELLS = 5;
const CELL_PIXELS = 32;
const MARGIN_PIXELS = 16;
const SIZE = CELLS * CELL_PIXELS + 2 * MARGIN_PIXELS;
const DAY_SECONDS = 86_400;

export function handleIdenticon(request: Request): Response {
  const { pathname } = new URL(request.url);
  const [, id] = /^\/+identicon\/+([\w-]{1,64})\.png$/.exec(pathname) ?? [];
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (id === undefined || !isRead) {
    const body = { error: { code: 'not_found', message: `Pictures are at ${IDENTICONS}<id>.png.` } };
    return shown(Response.json(body, { status: id === undefined ? 404 : 405 }));
  }
  const bytes = identicon(id.toLowerCase());
  return shown(
    new Response(request.method === 'HEAD' ? null : (bytes as Uint8Array<ArrayBuffer>), {
      headers: {
        'content-type': 'image/png',
        'content-length': String(bytes.byteLength),
        'cache-control': `public, max-age=${30 * DAY_SECONDS}, immutable`,
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'cross-origin',
      },
    }),
  );
}

/** The picture as PNG with a palette of two colours. */
export function identicon(id: string): Uint8Array {
  const digest = createHash('sha256').update(id).digest();
  const cells = Array.from(
    { length: CELLS * Math.ceil(CELLS / 2) },
    (_, i) => ((digest[i] as number) & 1) === 1,
  );
  const isSet = (x: number, y: number): boolean =>
    cells[y * Math.ceil(CELLS / 2) + Math.min(x, CELLS - 1 - x)] as boolean;
  const rows = Buffer.alloc(SIZE * (1 + SIZE));
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const [i, j] = [x, y].map((at) => Math.floor((at - MARGIN_PIXELS) / CELL_PIXELS)) as [number, number];
      const inside = i >= 0 && i < CELLS && j >= 0 && j < CELLS;
      // The first byte of a row is its filter: none.
      rows[y * (1 + SIZE) + 1 + x] = inside && isSet(i, j) ? 1 : 0;
    }
  }
  return png(rows, [[240, 240, 240], colourOf(digest)]);
}

/** A colour that stands out from the ground. */
function colourOf(digest: Buffer): [number, number, number] {
  const [hue, light] = [(digest.readUInt16BE(28) / 65_536) * 6, 0.45 + (digest[30] as number) / 1_700];
  const channel = (n: number): number => {
    const k = (n + hue) % 6;
    return Math.round(255 * light * (1 - 0.65 * Math.max(0, Math.min(k, 4 - k, 1))));
  };
  return [channel(5), channel(3), channel(1)];
}

/** W3C PNG (Third Edition) 11.2: header, palette, pixels of one byte each, end. */
function png(rows: Buffer, palette: readonly (readonly number[])[]): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIZE, 0);
  header.writeUInt32BE(SIZE, 4);
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flat())),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.byteLength, 0);
  ends.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([ends.subarray(0, 4), named, ends.subarray(4)]);
}
