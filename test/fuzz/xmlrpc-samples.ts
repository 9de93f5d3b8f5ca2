// What becomes of a document made by the grammar: bytes, and the same with one thing wrong.
import type { Random } from './random.ts';
import type { Sample } from './xmlrpc-grammar.ts';

/** The bytes of a sample, in the encoding that it declares. */
export function bytesOfSample({ pieces, latin1 }: Pick<Sample, 'pieces' | 'latin1'>): Uint8Array {
  const text = pieces.join('');
  return latin1 ? Uint8Array.from(text, (char) => char.charCodeAt(0)) : new TextEncoder().encode(text);
}

const FOREIGN = [
  '<foo>',
  '</foo>',
  '<foo/>',
  '<value>',
  '</value>',
  '<value/>',
  '<int>',
  '</int>',
  '<string/>',
  '</member>',
  '<data>',
  '</data></array>',
  '</params>',
  'x',
  '0',
  '&x;',
  '&',
  '<',
  ']]>',
  '<![CDATA[x]]>',
  '<!-- -- -->',
  '<!--',
  '<?xml version="1.0"?>',
  '\0',
  '\uffff',
  '<value a="b">',
  '<int xmlns="1" xmlns="1">',
];

/** The sample with one piece left out, said twice, swapped with another or put in where it does not belong. */
export function nearly({ pieces, latin1 }: Sample, random: Random): Pick<Sample, 'pieces' | 'latin1'> {
  const damaged = [...pieces];
  const at = random.below(damaged.length);
  switch (random.below(5)) {
    case 0:
      damaged.splice(at, 1);
      break;
    case 1:
      damaged.splice(at, 0, damaged[at] as string);
      break;
    case 2: {
      const other = random.below(damaged.length);
      [damaged[at], damaged[other]] = [damaged[other] as string, damaged[at] as string];
      break;
    }
    case 3:
      damaged.splice(at, 1, random.pick(FOREIGN));
      break;
    default:
      damaged.splice(at, 0, random.pick(FOREIGN));
  }
  return { pieces: damaged, latin1 };
}
