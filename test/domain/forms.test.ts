// What a form asks and whether an answer fits: the same rules in the chat and in the hub.
import { expect, test } from 'vitest';
import { type FormField, formOf, readAnswer, wrongWith } from '../../src/domain/forms.ts';
import type { Json } from '../../src/domain/model.ts';

const text: FormField = { type: 'text', name: 'name', label: 'Name' };
const email: FormField = { type: 'email', name: 'mail', label: 'E-mail' };
const select: FormField = {
  type: 'select',
  name: 'size',
  label: 'Size',
  options: [
    { name: 's', label: 'Small' },
    { name: 'l', label: 'Large' },
  ],
};

test.each<[FormField, string, string | null]>([
  [text, '', 'missing'],
  [text, 'A', null],
  [text, 'x'.repeat(128), null],
  [text, 'x'.repeat(129), 'long'],
  [{ ...text, minSize: 3, maxSize: 4 }, 'ab', 'short'],
  [{ ...text, minSize: 3, maxSize: 4 }, '👋👋👋', null],
  [{ ...text, minSize: 3, maxSize: 4 }, 'abcde', 'long'],
  // Nobody could answer it else.
  [{ ...text, minSize: 5, maxSize: 2 }, 'abcde', null],
  [{ ...text, format: 'integer' }, '-12', null],
  [{ ...text, format: 'integer' }, '1.5', 'number'],
  [{ ...text, format: 'decimal' }, '1,5', null],
  [{ ...text, format: 'decimal' }, 'one', 'number'],
  [email, '', 'missing'],
  [email, 'ann@example.org', null],
  [email, 'ann@example', 'email'],
  [email, 'ann @example.org', 'email'],
  [email, `${'a'.repeat(117)}@example.org`, 'email'],
  [select, '', 'missing'],
  [select, 'l', null],
  [select, 'Large', 'option'],
])('of %j the answer %j is %s', (field, answer, wrong) => {
  expect(wrongWith(field, answer)).toBe(wrong);
});

test('an answer is kept with what the form calls its fields, and reads as a line for each', () => {
  const given = [
    { name: 'size', select: [{ name: 'l' }] },
    { name: 'name', text: ' Ann ' },
    { name: 'mail', email: 'ann@example.org' },
  ];
  expect(readAnswer([text, email, select], given as unknown as Json)).toEqual({
    fields: [
      { type: 'text', name: 'name', label: 'Name', text: 'Ann' },
      { type: 'email', name: 'mail', label: 'E-mail', email: 'ann@example.org' },
      { type: 'select', name: 'size', label: 'Size', select: [{ name: 'l', label: 'Large' }] },
    ],
    text: 'Name: Ann\nE-mail: ann@example.org\nSize: Large',
  });
});

test.each([
  undefined,
  null,
  'words',
  [],
  [null, 7, { name: 'mail', text: 'ann@example.org' }],
  [{ name: 'mail', email: { toString: 'ann@example.org' } }],
])('%j answers no field', (given) => {
  expect(readAnswer([email], given as never)).toEqual([
    { path: 'payload.fields.mail', message: 'must be answered' },
  ]);
});

test('every wrong field is named, also one that nobody asked for', () => {
  const given = [
    { name: 'mail', email: 'nobody' },
    { name: 'size', select: [{ name: 'xxl' }] },
    { name: '__proto__', text: 'x' },
  ];
  expect(readAnswer([text, email, select], given as unknown as Json)).toEqual([
    { path: 'payload.fields.__proto__', message: 'is not asked for' },
    { path: 'payload.fields.name', message: 'must be answered' },
    { path: 'payload.fields.mail', message: 'must be an e-mail address' },
    { path: 'payload.fields.size', message: 'must be one of the options, by its name' },
  ]);
});

test('only what the door that makes forms has checked is a form, and no choice among nothing is asked for', () => {
  const payload = { fields: [text, { ...select, options: [] }] } as never;
  expect(formOf({ door: 'sunshine', type: 'form', payload })).toEqual([text]);
  expect(formOf({ door: 'realtime', type: 'form', payload })).toBeNull();
  expect(formOf({ door: 'sunshine', type: 'text', payload })).toBeNull();
  expect(formOf({ door: 'sunshine', type: 'form', payload: null })).toBeNull();
});
