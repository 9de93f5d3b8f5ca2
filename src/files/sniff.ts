// What kind of file some bytes begin: told by their signatures, never by what their sender says. Which kinds are taken
// is domain/file-types.ts.
import { FILE_TYPES, type FileKind, type FileType } from '../domain/file-types.ts';

/** As many bytes as a signature may need; a text is judged by these too. */
const HEAD_BYTES = 4096;

/** Signatures, first match wins: bytes as Latin-1 characters, `?` is any byte. */
const SIGNATURES: readonly (readonly [FileKind, string])[] = [
  ['png', '\x89PNG\r\n\x1a\n'],
  ['jpeg', '\xff\xd8\xff'],
  ['gif', 'GIF87a'],
  ['gif', 'GIF89a'],
  ['webp', 'RIFF????WEBP'],
  ['wav', 'RIFF????WAVE'],
  ['avi', 'RIFF????AVI '],
  ['tiff', 'II*\0'],
  ['tiff', 'MM\0*'],
  ['pdf', '%PDF-'],
  ['rtf', '{\\rtf'],
  ['zip', 'PK\x03\x04'],
  ['zip', 'PK\x05\x06'],
  ['ole', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'],
  ['sevenZip', "7z\xbc\xaf'\x1c"],
  ['rar', 'Rar!\x1a\x07'],
  ['gzip', '\x1f\x8b\x08'],
  ['flac', 'fLaC'],
  ['ogg', 'OggS\0'],
  ['amr', '#!AMR'],
  ['webm', '\x1aE\xdf\xa3'],
  ['elf', '\x7fELF'],
  ['mp3', 'ID3'],
];

/** Brands of an ISO media file that is a picture; every other one is sound or film. */
const PICTURE_BRANDS: Readonly<Record<string, FileKind>> = {
  avif: 'avif',
  avis: 'avif',
  heic: 'heic',
  heix: 'heic',
  heim: 'heic',
  hevc: 'heic',
  mif1: 'heic',
  msf1: 'heic',
};

/** The kind of file that begins so, or null: none that is known. `head`: its first bytes, all of a shorter one. */
export function typeOf(head: Uint8Array): FileType | null {
  const kind = kindOf(head.subarray(0, HEAD_BYTES));
  return kind ? FILE_TYPES[kind] : null;
}

function kindOf(head: Uint8Array): FileKind | null {
  for (const [kind, signature] of SIGNATURES) if (begins(head, signature)) return kind;
  if (begins(head, '????ftyp')) return PICTURE_BRANDS[String.fromCharCode(...head.subarray(8, 12))] ?? 'mp4';
  // Two bytes are a word's beginning too: only with the zeros that the header has after them.
  if (begins(head, 'BM????\0\0\0\0????') && head[15] === 0) return 'bmp';
  if (head[0] === 0xff && ((head[1] ?? 0) & 0xf6) === 0xf0) return 'aac';
  if (head[0] === 0xff && ((head[1] ?? 0) & 0xe6) === 0xe2) return 'mp3';
  if (begins(head, 'MZ') && head.includes(0)) return 'program';
  return textKindOf(head);
}

function begins(head: Uint8Array, signature: string): boolean {
  if (head.length < signature.length) return false;
  for (let i = 0; i < signature.length; i++)
    if (signature[i] !== '?' && head[i] !== signature.charCodeAt(i)) return false;
  return true;
}

/** Tags that make a browser take a text for a page (WHATWG MIME Sniffing 7.1), or a drawing. */
const PAGE =
  /^<(?:!doctype\s+html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p)(?:[\s>/]|$)/i;
const DRAWING = /<(?:[a-z]+:)?svg[\s>/]/i;
/** Those that stand in no text. */
const CONTROL = /[^\P{Cc}\t\n\f\r]/u;

/** Text: UTF-8 (or marked UTF-16) without the control characters that only binary files have. */
function textKindOf(head: Uint8Array): FileKind | null {
  const encoding = begins(head, '\xff\xfe') ? 'utf-16le' : begins(head, '\xfe\xff') ? 'utf-16be' : 'utf-8';
  let text: string;
  try {
    // The last character may be cut off.
    text = new TextDecoder(encoding, { fatal: true, ignoreBOM: false }).decode(head, { stream: true });
  } catch {
    return null;
  }
  if (CONTROL.test(text)) return null;
  const begin = text.trimStart();
  if (begin.startsWith('<') && DRAWING.test(begin)) return 'svg';
  if (PAGE.test(behindComments(begin))) return 'html';
  return begin.startsWith('<?xml') ? 'xml' : 'text';
}

/** A page may begin with comments. One after the other: a pattern would try all ways to make one of several. */
function behindComments(text: string): string {
  let rest = text;
  while (rest.startsWith('<!--')) {
    const end = rest.indexOf('-->', '<!--'.length);
    if (end < 0) return '';
    rest = rest.slice(end + '-->'.length).trimStart();
  }
  return rest;
}
