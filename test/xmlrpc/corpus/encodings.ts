// Encodings: byte order mark, Content-Type, declaration, and bytes that do not fit.
import { bytesOf, type Case, latin1, reads, refuses } from './case.ts';

const BOM = '\ufeff';

export const ENCODINGS: readonly Case[] = [
  reads('UTF-8 undeclared', doc('', 'é 日本 😀'), ['é 日本 😀']),
  reads('UTF-8 declared', doc('UTF-8', 'é 日本 😀'), ['é 日本 😀']),
  reads(
    'UTF-8 declared in lower case and apostrophes',
    doc('UTF-8', 'é')
      .replaceAll('"', "'")
      .toLowerCase()
      .replaceAll('methodcall', 'methodCall')
      .replaceAll('methodname', 'methodName'),
    ['é'],
  ),
  reads('UTF-8 with a byte order mark', BOM + doc('UTF-8', 'é'), ['é']),
  reads('a byte order mark and no declaration', BOM + doc(null, 'é'), ['é']),
  reads('no declaration', doc(null, 'é'), ['é']),
  reads('a declaration that says standalone', doc('UTF-8" standalone="yes', 'é'), ['é']),
  reads('ISO-8859-1 declared, as PHP does', latin1(doc('iso-8859-1', 'é ü ß')), ['é ü ß']),
  reads('ISO-8859-1 in capitals', latin1(doc('ISO-8859-1', 'é')), ['é']),
  reads('ISO-8859-1 with references past it', latin1(doc('iso-8859-1', 'é &#26085;&#128512;')), ['é 日😀']),
  reads('ISO-8859-1 is not windows-1252', latin1(doc('iso-8859-1', 'a\x93b')), ['a\x93b']),
  reads('a long ISO-8859-1 document', latin1(doc('iso-8859-1', 'é'.repeat(10_000))), ['é'.repeat(10_000)]),
  reads('US-ASCII declared, as Perl does', doc('us-ascii', 'plain &#233;'), ['plain é']),
  reads('the Content-Type outweighs the declaration', doc('iso-8859-1', 'é'), ['é'], {
    charset: 'utf-8',
    python: 'differs',
  }),
  reads('the Content-Type alone', latin1(doc(null, 'é')), ['é'], {
    charset: 'ISO-8859-1',
    python: 'refuses',
  }),
  reads('a quoted Content-Type', doc(null, 'é'), ['é'], { charset: '"utf-8"' }),
  reads('an empty Content-Type charset says nothing', doc('UTF-8', 'é'), ['é'], { charset: '' }),
  reads('a byte order mark outweighs the Content-Type', BOM + doc(null, 'é'), ['é'], {
    charset: 'iso-8859-1',
  }),
  refuses('UTF-8 with a stray byte', latin1(doc('UTF-8', 'a\xff')), -32700),
  refuses('UTF-8 that is cut', latin1(doc('UTF-8', 'a\xe6\x97')), -32700),
  refuses('UTF-8 in more bytes than needed', latin1(doc('UTF-8', '\xc0\xbc')), -32700),
  refuses('UTF-8 of a surrogate', latin1(doc('UTF-8', '\xed\xa0\x80')), -32700),
  refuses('ISO-8859-1 that nobody declared', latin1(doc(null, 'é')), -32700),
  refuses('US-ASCII with other bytes', doc('us-ascii', 'é'), -32700),
  refuses('UTF-16 with a byte order mark', utf16(doc('UTF-16', 'x')), -32700, { python: 'accepts' }),
  refuses('UTF-16 declared', doc('UTF-16', 'x'), -32700),
  refuses('UTF-7', doc('UTF-7', '+ADw-x+AD4-'), -32700),
  refuses('Shift_JIS', doc('Shift_JIS', 'x'), -32700),
  refuses('windows-1252', doc('windows-1252', 'x'), -32700, { python: 'accepts' }),
  refuses('an encoding that does not exist', doc('utf-9', 'x'), -32700),
  refuses('an encoding with nothing in it', '<?xml version="1.0" encoding=""?><methodCall/>', -32700),
  refuses('UTF-16 by Content-Type', doc('UTF-8', 'x'), -32700, { charset: 'utf-16', python: 'accepts' }),
  refuses('a declaration behind a newline', `\n${doc('UTF-8', 'x')}`, -32700),
  refuses('two declarations', `<?xml version="1.0"?>${doc('UTF-8', 'x')}`, -32700),
  refuses('a declaration without an end', '<?xml version="1.0"', -32700),
  refuses('gzip that nobody unpacked', Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0), -32700),
  refuses('NUL bytes', bytesOf('\0\0\0\0'), -32700),
];

/** A call with one bare string. `encoding` null: no declaration. */
function doc(encoding: string | null, text: string): string {
  const declaration =
    encoding === null ? '' : `<?xml version="1.0"${encoding && ` encoding="${encoding}"`}?>`;
  return `${declaration}<methodCall><methodName>m</methodName><params><param><value>${text}</value></param></params></methodCall>`;
}

function utf16(text: string): Uint8Array {
  const units = [0xfeff, ...Array.from(text, (char) => char.charCodeAt(0))];
  return new Uint8Array(units.flatMap((unit) => [unit & 0xff, unit >> 8]));
}
