// Width and height of a picture, read from its header. No decoding: what cannot be told is not guessed.

export interface Size {
  /** Pixels. */
  width: number;
  height: number;
}

/**
 * The size of a picture of this content type, or null: another type, a broken or cut header, or no extent. `bytes`:
 * its beginning; of a JPEG as much as there is, because cameras put much before the frame.
 */
export function sizeOf(mime: string, bytes: Uint8Array): Size | null {
  const size = READERS[mime]?.(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return size && size.width > 0 && size.height > 0 ? size : null;
}

const READERS: Readonly<Record<string, (view: DataView) => Size | null>> = {
  'image/png': (view) =>
    view.byteLength >= 24 && view.getUint32(12) === 0x49484452
      ? { width: view.getUint32(16), height: view.getUint32(20) }
      : null,
  'image/gif': (view) =>
    view.byteLength >= 10 ? { width: view.getUint16(6, true), height: view.getUint16(8, true) } : null,
  'image/bmp': bmp,
  'image/webp': webp,
  'image/jpeg': jpeg,
};

function bmp(view: DataView): Size | null {
  if (view.byteLength < 26) return null;
  // The oldest header has short numbers; in the others a height below zero means top to bottom.
  if (view.getUint32(14, true) === 12) {
    return { width: view.getUint16(18, true), height: view.getUint16(20, true) };
  }
  return { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)) };
}

/** RIFF with one of three first chunks: lossy, lossless, extended (developers.google.com/speed/webp/docs/riff_container). */
function webp(view: DataView): Size | null {
  if (view.byteLength < 30) return null;
  switch (view.getUint32(12)) {
    case 0x56503820: // 'VP8 '
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    case 0x5650384c: {
      // 'VP8L'
      const bits = view.getUint32(21, true);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 0x56503858: // 'VP8X'
      return {
        width: (view.getUint32(24, true) & 0xffffff) + 1,
        height: (view.getUint32(26, true) >>> 8) + 1,
      };
    default:
      return null;
  }
}

/** Segments are stepped over up to the frame header, SOF0 to SOF15 without the tables among them (ITU T.81 B.1.1). */
function jpeg(view: DataView): Size | null {
  for (let at = 2; at + 9 <= view.byteLength; ) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    // Picture data, or its end: there was no frame before it.
    if (marker === 0xda || marker === 0xd9) return null;
    const standsAlone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);
    at += standsAlone ? 2 : 2 + view.getUint16(at + 2);
  }
  return null;
}
