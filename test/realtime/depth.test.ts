// Data of callers' own goes as deep as everybody who has to read it can follow, and no deeper.
import * as v from 'valibot';
import { expect, test } from 'vitest';
import type { Json } from '../../src/domain/model.ts';
import { ImportedPerson } from '../../src/operator/import-schemas.ts';
import { NewConversation } from '../../src/realtime/call-forms.ts';

const nested = (levels: number): Json =>
  JSON.parse(`${'{"a":'.repeat(levels)}${'['.repeat(levels)}${']'.repeat(levels)}${'}'.repeat(levels)}`);

test.each<[string, (data: Json) => boolean]>([
  ['metadata of a conversation', (metadata) => v.is(NewConversation, { metadata })],
  ['metadata of a message', (metadata) => v.is(NewConversation, { message: { text: 'a', metadata } })],
  ['payload of a message', (payload) => v.is(NewConversation, { message: { text: 'a', payload } })],
  ['metadata of somebody imported', (metadata) => v.is(ImportedPerson, { externalId: 'a', metadata })],
])('%s', (_, takes) => {
  expect([1, 16, 17, 20_000].map((levels) => takes(nested(levels)))).toEqual([true, true, false, false]);
});
