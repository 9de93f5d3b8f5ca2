// Which characters XML 1.0 allows, which count as white space, and how character data is unescaped.
import { unparsable } from './fault.ts';

/** White space of XML: space, tab, line feed, carriage return. */
export function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x09 || code === 0x0d;
}

/** A code point that XML 1.0 allows in a document (2.2 Char). */
export function isXmlChar(code: number): boolean {
  if (code < 0x20) return code === 0x0a || code === 0x09 || code === 0x0d;
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x1_0000 && code <= 0x10_ffff);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are the subject
const ILLEGAL = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;
// Anything that takes a second look: illegal characters, CR (line ends), & (references), ] (part of "]]>").
// biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are the subject
const SPECIAL = /[\0-\x08\x0b-\x1f&\]\ufffe\uffff]/;
const LINE_END = /\r\n?/g;

/**
 * Character data between two tags to the text it stands for: references resolved, line ends made LF. Throws the -32700
 * fault for illegal characters, unknown or malformed references and a stray "]]>", all of which are not well-formed.
 */
export function characterData(raw: string): string {
  if (!SPECIAL.test(raw)) return raw;
  const text = literal(raw);
  if (text.includes(']]>')) throw unparsable('"]]>" stands in character data');
  return resolved(text);
}

/** The text of a CDATA section: nothing is special in it but line ends. */
export function literal(raw: string): string {
  if (ILLEGAL.test(raw)) throw unparsable('a character that XML does not allow');
  return raw.includes('\r') ? raw.replace(LINE_END, '\n') : raw;
}

/** Resolves the five named entities and numeric references. One pass: what a reference yields is not read again. */
function resolved(text: string): string {
  let amp = text.indexOf('&');
  if (amp < 0) return text;
  let out = '';
  let from = 0;
  while (amp >= 0) {
    // A reference without its end refuses the document, so this search runs past the reference at most once.
    const end = text.indexOf(';', amp);
    if (end < 0) throw unparsable('"&" without ";"');
    out += text.slice(from, amp) + reference(text, amp + 1, end);
    from = end + 1;
    amp = text.indexOf('&', from);
  }
  return out + text.slice(from);
}

function reference(text: string, from: number, end: number): string {
  if (text.charCodeAt(from) === 0x23) return String.fromCodePoint(codePoint(text, from + 1, end));
  if (end - from <= 4) {
    switch (text.slice(from, end)) {
      case 'lt':
        return '<';
      case 'gt':
        return '>';
      case 'amp':
        return '&';
      case 'quot':
        return '"';
      case 'apos':
        return "'";
    }
  }
  throw unparsable('an entity that XML does not define');
}

/** The number of `&#123;` or `&#x7b;`: digits only, and a character that may stand in a document. */
function codePoint(text: string, start: number, end: number): number {
  const base = text.charCodeAt(start) === 0x78 ? 16 : 10;
  let at = base === 16 ? start + 1 : start;
  if (at === end) throw unparsable('a character reference without digits');
  let code = 0;
  for (; at < end; at++) {
    code = code * base + digit(text.charCodeAt(at), base);
  }
  if (!isXmlChar(code))
    throw unparsable('a reference to a character that XML does not allow or Unicode does not have');
  return code;
}

function digit(code: number, base: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20; // a-f and A-F alike
  if (base === 16 && letter >= 0x61 && letter <= 0x66) return letter - 0x57;
  throw unparsable('a character reference with something else than digits');
}
