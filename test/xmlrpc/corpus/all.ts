// The whole corpus of calls: every document with what it is read as, and where contracts/tapatalk.md rules it. Answers are
// answers.ts.
import type { Case } from './case.ts';
import { CLIENTS } from './clients.ts';
import { DOCTYPE } from './doctype.ts';
import { ENCODINGS } from './encodings.ts';
import { HOSTILE } from './hostile.ts';
import { RECORDED } from './recorded.ts';
import { SCALARS } from './scalars.ts';
import { SHEET } from './sheet.ts';
import { STRUCTURE } from './structure.ts';
import { TEXT } from './text.ts';
import { VECTORS } from './vectors.ts';

export const CORPUS: readonly (readonly [area: string, cases: readonly Case[]])[] = [
  ['scalars (5.2 nil and i8; 5.3 int range, base64; 5.5)', SCALARS],
  ['text (5.3 control characters; 5.5 entities, CDATA, white space)', TEXT],
  ['structure (5.3 duplicate members, __proto__; 5.5 two types, wrong roots)', STRUCTURE],
  ['encodings (5.2 declared encodings, byte order mark; 5.3 invalid UTF-8)', ENCODINGS],
  ['attacks (5.3 depth, tokens, size, entities; 5.5 attributes)', HOSTILE],
  ['a document type everywhere (5.3)', DOCTYPE],
  ['clients (5.2 request quirks)', CLIENTS],
  ['recorded from clients (5.2; calls and numbers of parameters of 1)', RECORDED],
  ['after the suites of 5.1', VECTORS],
  ['the table of 5.5', SHEET],
];
