import { describe, expect, test } from 'vitest';
import { isOversize, MAX_FRAME_BYTES, readFrame } from '../../src/realtime/frames.ts';
import { fc } from '../fuzz/made-up.ts';

const read = (frame: unknown) => readFrame(typeof frame === 'string' ? frame : JSON.stringify(frame));
/** The frame as read; fails where it was refused. */
const frame = (raw: object) => {
  const result = read(raw);
  if (!result.ok) throw result.refused;
  return result.frame;
};
/** `ref` and the paths of the refused fields. */
const refusal = (raw: unknown) => {
  const result = read(raw);
  if (result.ok) throw new Error('was read');
  const { refusal } = result.refused;
  return {
    ref: result.ref,
    code: refusal.code,
    paths: 'fields' in refusal ? refusal.fields?.map((f) => f.path) : undefined,
  };
};

describe('frames that are read', () => {
  test('ids become numbers, absent fields their defaults', () => {
    expect(frame({ t: 'send', ref: '2', c: '7', clientId: 'u-1', text: 'hi' })).toEqual({
      t: 'send',
      ref: '2',
      c: 7,
      clientId: 'u-1',
      text: 'hi',
      markup: 'plain',
      type: 'text',
    });
    expect(frame({ t: 'subscribe' })).toEqual({ t: 'subscribe' });
    expect(frame({ t: 'delete', c: '7', id: '14680079' })).toEqual({ t: 'delete', c: 7, id: 14680079 });
  });

  test('unknown fields are ignored', () => {
    expect(frame({ t: 'typing', c: '7', on: true, newer: 1 })).toEqual({ t: 'typing', c: 7, on: true });
  });

  test('a message may be without text when it has a payload or an attachment', () => {
    expect(frame({ t: 'send', c: '7', type: 'card', payload: { a: 1 } })).toMatchObject({
      text: '',
      payload: { a: 1 },
    });
    expect(frame({ t: 'send', c: '7', attachments: [{ url: 'https://x.example/a.png' }] })).toMatchObject({
      attachments: [{ url: 'https://x.example/a.png', name: '', mime: 'application/octet-stream', bytes: 0 }],
    });
  });
});

describe('frames that are refused', () => {
  test('say which field is wrong, and answer to the ref', () => {
    expect(refusal({ t: 'send', ref: 'r', text: 'x' })).toEqual({ ref: 'r', code: 'invalid', paths: ['c'] });
    expect(refusal({ t: 'send', ref: 'r', c: '7' })).toEqual({ ref: 'r', code: 'invalid', paths: ['text'] });
    expect(refusal({ t: 'edit', ref: 'r', c: '7', id: 5, text: 'x' }).paths).toEqual(['id']);
    expect(refusal({ t: 'read', c: '7', seq: -1 }).paths).toEqual(['seq']);
    expect(refusal({ t: 'subscribe', c: '7', since: 1.5 }).paths).toEqual(['since']);
    expect(refusal({ t: 'typing', c: '7', on: 'yes' }).paths).toEqual(['on']);
    expect(refusal({ t: 'nonsense', ref: 'r' })).toEqual({ ref: 'r', code: 'invalid', paths: ['t'] });
    expect(refusal({ t: 'send', c: '7', text: 'x', markup: 'rtf' }).paths).toEqual(['markup']);
    expect(refusal({ t: 'send', c: '7', attachments: [{ url: 'javascript:alert(1)' }] }).paths).toEqual([
      'attachments.0.url',
    ]);
  });

  test('a ref that is none is not answered to', () => {
    expect(refusal({ t: 'send', ref: 7, c: '7', text: 'x' }).ref).toBeUndefined();
    expect(refusal({ t: 'send', ref: 'x'.repeat(129), c: '7', text: 'x' }).ref).toBeUndefined();
  });

  test('whatever is no JSON object', () => {
    for (const text of ['', '{', '[]', 'null', '"ping"', '1']) expect(refusal(text).code).toBe('invalid');
  });

  test('ids in any other form than the server writes them', () => {
    for (const c of ['0', '07', '-7', '7.0', ' 7', '9007199254740992', '', 'x', 7, null]) {
      expect(refusal({ t: 'read', c }).paths).toEqual(['c']);
    }
  });

  test('nothing that a client sends makes the reader throw', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.jsonValue().map((x) => JSON.stringify(x)),
        ),
        (text) => {
          const result = readFrame(text);
          expect(typeof result.ok).toBe('boolean');
        },
      ),
    );
  });
});

describe('the size of a frame', () => {
  test('is counted in bytes', () => {
    expect(isOversize('x'.repeat(MAX_FRAME_BYTES))).toBe(false);
    expect(isOversize('x'.repeat(MAX_FRAME_BYTES + 1))).toBe(true);
    expect(isOversize('я'.repeat(MAX_FRAME_BYTES / 2))).toBe(false);
    expect(isOversize(`${'я'.repeat(MAX_FRAME_BYTES / 2)}x`)).toBe(true);
  });
});
