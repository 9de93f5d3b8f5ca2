// A directory that fails, hangs or loses its answers while somebody posts with a file: the message is there once or not
// at all, the file is in no other, and the same reply again sets it right.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { png } from '../support/uploads.ts';
import type { Json } from './calls/answer.ts';
import { FilesWorld } from './files-world.ts';

const FAULTY = new URL('../support/faulty-worker.ts', import.meta.url).pathname;

let world: FilesWorld;
beforeAll(async () => {
  world = await FilesWorld.start({ entry: FAULTY });
});
afterAll(() => world?.hub.stop());

const turn = async (mode: 'ok' | 'fail' | 'hang' | 'applied'): Promise<void> => {
  await fetch(`${world.hub.url}/fault`, { method: 'POST', body: JSON.stringify({ mode }) });
};

/** The messages of a talk that have this file. */
const withFile = async (talk: string, file: string): Promise<Json[]> =>
  (await world.messages(world.ann, talk)).filter(({ attachments }) =>
    attachments.some((each: Json) => each.attachment_id === file),
  );

describe.each(['fail', 'hang', 'applied'] as const)('while D1 does this: %s', (mode) => {
  test('a reply with a file is posted once in the end, and the file is in no other message', async () => {
    const { ann } = world;
    const [talk, other] = [await world.open(), await world.open()];
    const { attachment_id: file } = await world.upload(ann, png(1, 1));
    await turn(mode);
    const answer = await world.reply(ann, talk, 'see', [file]);
    await turn('ok');
    expect(answer).toMatchObject({ result: false, result_text: expect.stringContaining('busy') });
    expect(await withFile(talk, file)).toEqual([]);
    expect(await world.reply(ann, talk, 'see', [file])).toMatchObject({ result: true });
    expect(await world.reply(ann, other, 'see', [file])).toMatchObject({ result: false, result_reason: 0 });
    expect(await withFile(talk, file)).toHaveLength(1);
    expect(await withFile(other, file)).toEqual([]);
  });

  test('an upload is refused, and nothing of it can be used', async () => {
    const { ann } = world;
    const talk = await world.open();
    const before = await world.upload(ann, png(1, 1));
    await turn(mode);
    const refused = await world.upload(ann, png(1, 1));
    await turn('ok');
    expect(refused).toMatchObject({ status: 200, result: false });
    const next = String(Number(before.attachment_id) + 1);
    expect(await world.reply(ann, talk, 'see', [next])).toMatchObject({ result: false, result_reason: 0 });
    expect(await world.reply(ann, talk, 'see', [before.attachment_id])).toMatchObject({ result: true });
  });

  test('a message without files goes on being posted', async () => {
    const talk = await world.open();
    await turn(mode);
    const answer = await world.reply(world.ann, talk, 'words', []);
    await turn('ok');
    expect(answer).toMatchObject({ result: true });
  });
});
