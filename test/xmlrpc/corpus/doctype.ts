// A document type in every place of a document (contracts/tapatalk.md 5.3: refused anywhere, -32700), and where the same
// characters are only text.
import { type Case, reads, refuses } from './case.ts';

const TAGS = [
  '<?xml version="1.0"?>',
  '<methodCall>',
  '<methodName>',
  'm',
  '</methodName>',
  '<params>',
  '<param>',
  '<value>',
  '<struct>',
  '<member>',
  '<name>',
  'a',
  '</name>',
  '<value>',
  '<array>',
  '<data>',
  '<value>',
  '<int>',
  '1',
  '</int>',
  '</value>',
  '</data>',
  '</array>',
  '</value>',
  '</member>',
  '</struct>',
  '</value>',
  '</param>',
  '</params>',
  '</methodCall>',
];
const EXTERNAL = '<!DOCTYPE m SYSTEM "http://169.254.169.254/m.dtd">';

const at = (place: number, what: string): string =>
  [...TAGS.slice(0, place), what, ...TAGS.slice(place)].join('');
/** Python reads a document type where XML allows one, in front of the root; expat refuses it anywhere else. */
const inProlog = (place: number): boolean => place === 1;

const inside = (text: string): string =>
  `<methodCall><methodName>m</methodName><params><param><value>${text}</value></param></params></methodCall>`;

export const DOCTYPE: readonly Case[] = [
  ...TAGS.map((tag, place) =>
    refuses(
      `a document type in front of ${tag}, tag ${place + 1}`,
      at(place, EXTERNAL),
      -32700,
      inProlog(place) ? { python: 'accepts' } : {},
    ),
  ),
  refuses('a document type behind everything', at(TAGS.length, EXTERNAL), -32700),
  refuses('a document type inside a tag', inside('').replace('<value>', '<value <!DOCTYPE m>>'), -32700),
  refuses(
    'a document type in an attribute',
    inside('').replace('<value>', '<value xmlns:a="<!DOCTYPE m>">'),
    -32700,
  ),
  refuses('a document type in two pieces', inside('<!DOC<!-- -->TYPE m>'), -32700),
  refuses('a document type with a space', inside('<! DOCTYPE m>'), -32700),
  refuses('a conditional section', inside('<![INCLUDE[x]]>'), -32700),
  refuses('an element declaration', inside('<!ELEMENT m ANY>'), -32700),
  refuses('an attribute list', inside('<!ATTLIST m a CDATA "x">'), -32700),
  refuses('a notation', inside('<!NOTATION n SYSTEM "x">'), -32700),
  reads('a document type in a comment is nothing', inside(`a<!-- ${EXTERNAL} -->b`), ['ab']),
  reads('a document type in an instruction is nothing', inside(`a<?x ${EXTERNAL} ?>b`), ['ab']),
  reads('a document type in a CDATA section is text', inside(`<![CDATA[${EXTERNAL}]]>`), [EXTERNAL]),
  reads('a document type in entities is text', inside('&lt;!DOCTYPE m&gt;'), ['<!DOCTYPE m>']),
];
