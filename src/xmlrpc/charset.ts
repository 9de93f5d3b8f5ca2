// Bytes of a document to text: byte order mark, Content-Type charset, XML declaration. No markup is read here.
import { unparsable } from './fault.ts';

type Charset = 'utf-8' | 'us-ascii' | 'iso-8859-1';

// The three that clients in the field declare (contracts/tapatalk.md 5.2), by the names they use for them.
const CHARSETS: ReadonlyMap<string, Charset> = new Map([
  ['utf-8', 'utf-8'],
  ['utf8', 'utf-8'],
  ['us-ascii', 'us-ascii'],
  ['ascii', 'us-ascii'],
  ['iso-8859-1', 'iso-8859-1'],
  ['iso8859-1', 'iso-8859-1'],
  ['latin1', 'iso-8859-1'],
  ['latin-1', 'iso-8859-1'],
]);

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
const DECLARATION = /^<\?xml[ \t\r\n][^>?]*?[ \t\r\n]encoding[ \t\r\n]*=[ \t\r\n]*["']([^"']*)["']/;
const DECLARATION_MAX = 256; // characters; a declaration takes about 60

/**
 * The text of a document. A byte order mark outweighs the Content-Type's charset, which outweighs the XML declaration
 * (RFC 7303 3.3); UTF-8 when nothing is said. Throws the -32700 fault for other encodings and for bytes that the
 * encoding does not allow.
 */
export function textOf(bytes: Uint8Array, contentTypeCharset?: string | null): string {
  const first = bytes[0];
  if (first === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return utf8(bytes);
  if ((first === 0xfe && bytes[1] === 0xff) || (first === 0xff && bytes[1] === 0xfe)) {
    throw unparsable('UTF-16 is not read here: send UTF-8');
  }
  const label = contentTypeCharset ? unquoted(contentTypeCharset) : declared(bytes);
  if (label === undefined) return utf8(bytes);
  switch (CHARSETS.get(label.toLowerCase())) {
    case 'utf-8':
      return utf8(bytes);
    case 'us-ascii':
      return ascii(bytes);
    case 'iso-8859-1':
      return latin1(bytes);
    default:
      throw unparsable('the encoding is not one of UTF-8, US-ASCII, ISO-8859-1');
  }
}

function unquoted(charset: string): string {
  const label = charset.trim();
  return label.length > 1 && label.startsWith('"') && label.endsWith('"') ? label.slice(1, -1) : label;
}

/** The encoding that the XML declaration names, if the document opens with one that does. */
function declared(bytes: Uint8Array): string | undefined {
  if (bytes[0] !== 0x3c || bytes[1] !== 0x3f) return undefined;
  const end = Math.min(bytes.length, DECLARATION_MAX);
  let head = '';
  for (let i = 0; i < end; i++) {
    const byte = bytes[i] as number;
    head += String.fromCharCode(byte);
    if (byte === 0x3e) break;
  }
  return DECLARATION.exec(head)?.[1];
}

function utf8(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw unparsable('the document is not valid UTF-8');
  }
}

function ascii(bytes: Uint8Array): string {
  for (const byte of bytes) {
    if (byte > 0x7f) throw unparsable('the document is declared US-ASCII and is not');
  }
  return utf8(bytes);
}

const CHUNK = 4096; // bytes per call: a spread argument list must stay far below the engine's limit

/** ISO-8859-1 as the standard has it. TextDecoder would read this label as windows-1252. */
function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return text;
}
