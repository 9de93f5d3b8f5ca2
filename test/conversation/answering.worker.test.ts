// Answers to forms: taken once, from whoever was asked, and nothing but an answer that fits.
import { describe, expect, test } from 'vitest';
import type { Draft, JsonObject } from '../../src/domain/model.ts';
import { archived, draft, makeApp, makePerson, openRoom } from './harness.ts';

const fields = [
  { type: 'email', name: 'mail', label: 'E-mail' },
  { type: 'select', name: 'size', label: 'Size', options: [{ name: 'l', label: 'Large' }] },
];
const form = draft('Who are you?\nE-mail\nSize', {
  door: 'sunshine',
  type: 'form',
  payload: { fields: fields as JsonObject[], text: 'Who are you?', submitted: false },
});
const answers = [
  { name: 'mail', email: 'ann@example.org' },
  { name: 'size', select: [{ name: 'l' }] },
];
const answer = (replyTo: number, given: unknown = answers, more: Partial<Draft> = {}): Draft =>
  draft('whatever', {
    door: 'realtime',
    type: 'formResponse',
    replyTo,
    payload: { fields: given } as JsonObject,
    ...more,
  });

async function asked() {
  const app = await makeApp();
  const [customer, agent] = [await makePerson(app), await makePerson(app, 'agent')];
  const room = await openRoom(app, { people: [customer], kind: 'support', first: draft('Hello') });
  const { seq } = await room.post(null, form);
  return { room, seq, customer, agent };
}

describe('an answer to a form', () => {
  test('is kept as the form calls it, and marks the form for everybody', async () => {
    const { room, seq, customer } = await asked();
    const posted = await room.post(customer, answer(seq, answers, { clientId: 'a-1' }));
    await room.evict();
    const { messages } = await room.pageBySeq(customer, { limit: 10 });
    const [, asking, answered] = messages.map(({ message }) => message);
    expect(asking).toMatchObject({ type: 'form', text: form.text, payload: { fields, submitted: true } });
    expect(asking?.editedAt).toBeUndefined();
    expect(answered).toMatchObject({
      type: 'formResponse',
      text: 'E-mail: ann@example.org\nSize: Large',
      replyTo: seq,
      payload: {
        fields: [
          { type: 'email', name: 'mail', label: 'E-mail', email: 'ann@example.org' },
          { type: 'select', name: 'size', label: 'Size', select: [{ name: 'l', label: 'Large' }] },
        ],
      },
    });
    const rows = await room.rows();
    expect(rows.slice(-2).map(({ kind, seq: at }) => [kind, at])).toEqual([
      [0, posted.seq],
      [1, posted.seq + 1],
    ]);
    // The archive has it too: a restore brings the mark back.
    await room.indexed();
    expect((await archived(room)).map(({ text }) => text)).toContain('E-mail: ann@example.org\nSize: Large');
  });

  test('is taken once: the same again is the same, another one is a conflict, also of two at once', async () => {
    const { room, seq, customer } = await asked();
    const said = answer(seq, answers, { clientId: 'a-1' });
    const results = await room.inside((object) => {
      const post = (what: Draft) =>
        (object as unknown as typeof room.stub).post(room.as(customer), what, { author: null, waitMs: 0 });
      return Promise.all([post(said), post(said), post(answer(seq, answers, { clientId: 'a-2' }))]);
    });
    expect(results).toMatchObject([
      { ok: true, value: { duplicate: false } },
      { ok: true, value: { duplicate: true } },
      { ok: false, refusal: { code: 'conflict', subject: 'message' } },
    ]);
    await room.evict();
    expect(await room.tryPost(customer, answer(seq))).toMatchObject({ refusal: { code: 'conflict' } });
    expect(await room.post(customer, said)).toMatchObject({ duplicate: true });
  });

  test('is refused with every wrong field, and then changes nothing', async () => {
    const { room, seq, customer } = await asked();
    const before = await room.rows();
    const wrong = [{ name: 'mail', email: 'nobody' }];
    expect(await room.tryPost(customer, answer(seq, wrong))).toMatchObject({
      refusal: {
        code: 'invalid',
        fields: [
          { path: 'payload.fields.mail', message: 'must be an e-mail address' },
          { path: 'payload.fields.size', message: 'must be answered' },
        ],
      },
    });
    const files = [{ file: null, url: 'https://example.org/a', name: 'a', mime: '', bytes: 0 }];
    expect(await room.tryPost(customer, answer(seq, answers, { attachments: files }))).toMatchObject({
      refusal: { code: 'invalid', fields: [{ path: 'attachments' }] },
    });
    expect(await room.rows()).toEqual(before);
  });

  test('is refused to what is no form', async () => {
    const { room, seq, customer } = await asked();
    const noForm = { refusal: { code: 'invalid', fields: [{ path: 'replyTo' }] } };
    const own = await room.post(customer, { ...form, door: 'realtime' });
    for (const replyTo of [0, 2, own.seq])
      expect(await room.tryPost(customer, answer(replyTo))).toMatchObject(noForm);
    expect(await room.tryPost(customer, answer(900))).toMatchObject({ refusal: { code: 'not_found' } });
    await room.remove(null, seq);
    expect(await room.tryPost(customer, answer(seq))).toMatchObject({ refusal: { code: 'not_found' } });
  });

  test('is refused of anybody who was not asked', async () => {
    const { room, seq, agent } = await asked();
    const stranger = await makePerson(room.app);
    const forbidden = { refusal: { code: 'forbidden' } };
    const team = { author: null, waitMs: 0 };
    expect(await room.stub.post(room.as(agent, 'team'), answer(seq), team)).toMatchObject(forbidden);
    expect(await room.tryPost(null, answer(seq))).toMatchObject(forbidden);
    expect(await room.tryPost(stranger, answer(seq))).toMatchObject({ refusal: { code: 'not_found' } });
    const group = await openRoom(room.app, { people: [agent, stranger] });
    const own = await group.post(agent, form);
    expect(await group.tryPost(agent, answer(own.seq))).toMatchObject(forbidden);
    expect(await group.tryPost(stranger, answer(own.seq))).toMatchObject({ ok: true });
  });

  test('stays as it is, and the form stays answered whatever becomes of its words', async () => {
    const { room, seq, customer } = await asked();
    const { seq: at } = await room.post(customer, answer(seq));
    await expect(room.edit(customer, at, 'Something else')).rejects.toMatchObject({
      refusal: { code: 'forbidden' },
    });
    const words = { text: 'Who?', markup: 'plain', payload: { fields: [fields[0]] } } as never;
    await room.stub.edit(room.as(null), seq, { words, door: 'sunshine' }, { waitMs: 0 });
    const [message] = (await room.pageBySeq(null, { after: seq - 1, limit: 1 })).messages;
    expect(message?.message).toMatchObject({
      text: 'Who?',
      payload: { fields: [fields[0]], submitted: true },
    });
    await room.stub.edit(room.as(null), seq, { words, door: 'realtime' }, { waitMs: 0 });
    expect(await room.tryPost(customer, answer(seq))).toMatchObject({ refusal: { code: 'conflict' } });
  });
});
