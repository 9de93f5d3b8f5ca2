// The whole corpus: every document with what it is read as.
import type { Case } from './case.ts';
import { CLIENTS } from './clients.ts';
import { ENCODINGS } from './encodings.ts';
import { HOSTILE } from './hostile.ts';
import { SCALARS } from './scalars.ts';
import { SHEET } from './sheet.ts';
import { STRUCTURE } from './structure.ts';
import { TEXT } from './text.ts';

export const CORPUS: readonly (readonly [area: string, cases: readonly Case[]])[] = [
  ['scalars', SCALARS],
  ['text', TEXT],
  ['structure', STRUCTURE],
  ['encodings', ENCODINGS],
  ['attacks', HOSTILE],
  ['clients', CLIENTS],
  ['contracts/tapatalk.md 5.5', SHEET],
];
