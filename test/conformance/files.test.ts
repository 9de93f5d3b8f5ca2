// Uploads through the forum door, over the network: what they are answered with, which posts may have them, what clients
// are told. Reading them: files-reading.test.ts.
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeResponse } from '../../src/xmlrpc/decode.ts';
import { id, text, told } from '../model/forum.ts';
import { canonicalBytes } from '../support/canonical.ts';
import { formOf, png, sendForm, uploadUrlOf } from '../support/uploads.ts';
import type { Json } from './calls/answer.ts';
import { FilesWorld, type Person } from './files-world.ts';

let world: FilesWorld;
beforeAll(async () => {
  world = await FilesWorld.start();
});
afterAll(() => world?.hub.stop());

describe('an upload', () => {
  test('is answered with what a post names it by, and further ones join its group', async () => {
    const first = await world.upload(world.ann, png(30, 20), { name: '日本.png', part: 'content[]' });
    expect(first).toEqual({
      status: 200,
      signedIn: 'true',
      result: true,
      result_text: '',
      attachment_id: expect.stringMatching(/^[1-9]\d*$/),
      group_id: expect.stringMatching(/^[\w-]{16}$/),
      filesize: png(30, 20).length,
      file_size: png(30, 20).length,
      filters_size: png(30, 20).length,
    });
    const second = await world.upload(world.ann, 'words', {
      name: 'a.txt',
      part: 'attachment',
      group: first.group_id,
    });
    expect(second.group_id).toBe(first.group_id);

    const talk = await world.open(first.attachment_id, '', second.attachment_id);
    const [message] = await world.messages(world.ben, talk);
    expect(message.attachments).toEqual([
      {
        attachment_id: first.attachment_id,
        group_id: '',
        filename: '日本.png',
        filesize: png(30, 20).length,
        content_type: 'image',
        url: expect.stringMatching(/^http:\/\/.*\/files\/.*\/%E6%97%A5%E6%9C%AC\.png$/),
        thumbnail_url: message.attachments[0].url,
        can_view_url: true,
        can_view_thumbnail_url: true,
      },
      expect.objectContaining({ filename: 'a.txt', content_type: 'txt', thumbnail_url: '' }),
    ]);
    const file = await fetch(message.attachments[0].url);
    expect(new Uint8Array(await file.arrayBuffer())).toEqual(png(30, 20));
  });

  test('is put into a reply by its group alone, and a picture where the text names it', async () => {
    const talk = await world.open();
    const one = await world.upload(world.ann, png(1, 1), { name: 'one.png' });
    const two = await world.upload(world.ann, png(1, 1), { name: 'two.png', group: one.group_id });
    const words = `before [attach]${two.attachment_id}[/attach] after [attach]1[/attach]`;
    expect(await world.reply(world.ann, talk, words, [], one.group_id)).toMatchObject({ result: true });
    const { attachments, msg_content: said } = (await world.messages(world.ben, talk)).at(-1);
    expect(attachments.map((each: Json) => each.filename)).toEqual(['one.png', 'two.png']);
    expect(said).toBe(`before [img]${attachments[1].url}[/img] after [attach]1[/attach]`);
    const { attachment_id: alone } = await world.upload(world.ann, png(1, 1));
    expect(await world.reply(world.ann, talk, '', [alone])).toMatchObject({ result: true });
  });

  test('is taken back by its own person, by a call and by a form, as long as it is in no message', async () => {
    const [one, two] = [await world.upload(world.ann, png(1, 1)), await world.upload(world.ann, png(1, 1))];
    const remove = (by: Person | null, file: string) =>
      world.ask(by, 'remove_attachment', id(file), id(''), id('g'));
    expect(await remove(world.ben, one.attachment_id)).toMatchObject({ result: false, result_reason: 0 });
    expect(await remove(world.ann, one.attachment_id)).toEqual({
      result: true,
      result_text: '',
      group_id: 'g',
    });
    expect(await remove(world.ann, one.attachment_id)).toMatchObject({
      result: false,
      result_text: `Attachment ${one.attachment_id} not found`,
    });
    const form = new FormData();
    for (const [name, value] of [
      ['method_name', 'remove_attachment'],
      ['attachment_id', two.attachment_id],
      ['group_id', two.group_id],
    ] as const)
      form.set(name, value);
    expect(await sendForm(world.url, world.ann.cookie, form)).toMatchObject({
      result: true,
      group_id: two.group_id,
    });
    const three = await world.upload(world.ann, png(1, 1));
    await world.open(three.attachment_id);
    expect(await remove(world.ann, three.attachment_id)).toMatchObject({ result: false, result_reason: 2 });
  });

  test('is answered in JSON where the client asks for it', async () => {
    const answer = await fetch(uploadUrlOf(world.url), {
      method: 'POST',
      headers: { cookie: world.ann.cookie, accept: 'application/json' },
      body: formOf(png(1, 1)),
    });
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await answer.json()).toMatchObject({
      result: true,
      attachment_id: expect.stringMatching(/^\d+$/),
    });
  });

  const refused: [what: string, form: () => FormData | string, answer: object][] = [
    [
      'a page under the name of a picture',
      () => formOf('<html><script>alert(1)</script>'),
      { result: false, result_text: 'Files of this kind cannot be uploaded here.' },
    ],
    ['nothing', () => formOf(''), { result: false, result_text: 'The file is empty.' }],
    [
      'no file',
      () => {
        const form = new FormData();
        form.set('method_name', 'upload_attach');
        return form;
      },
      { result: false, result_text: 'No file was sent.' },
    ],
    [
      'another method',
      () => {
        const form = formOf('x');
        form.set('method_name', 'upload_avatar');
        return form;
      },
      { fault: { code: -32601, text: 'unknown method: upload_avatar' } },
    ],
    ['no form', () => 'words', { fault: { code: -32601, text: 'unknown method: ' } }],
  ];
  test.each(refused)('of %s is refused in the form of the dialect', async (_, form, answer) => {
    expect(await sendForm(world.url, world.ann.cookie, form() as FormData)).toMatchObject({
      status: 200,
      signedIn: 'true',
      ...answer,
    });
  });

  test('without a session, or by a foreign page, is refused', async () => {
    expect(await world.upload(null, png(1, 1))).toMatchObject({
      status: 200,
      signedIn: 'false',
      result: false,
      result_reason: 1,
    });
    const foreign = await fetch(uploadUrlOf(world.url), {
      method: 'POST',
      headers: { cookie: world.ann.cookie, origin: 'https://elsewhere.example' },
      body: formOf(png(1, 1)),
    });
    expect(await foreign.text()).toContain('<int>2</int>');
  });

  const refusedEarly: [what: string, by: () => Person | null, says: string][] = [
    ['without a session', () => null, 'not logged in'],
    ['of too large a file', () => world.ann, 'larger than 50 MiB'],
  ];
  test.each(refusedEarly)(
    '%s is answered also to a client that sends all of it before it listens',
    async (_, by, says) => {
      const answer = await blindly(uploadUrlOf(world.url), by()?.cookie, 60);
      const read = decodeResponse(canonicalBytes(Buffer.from(answer)));
      expect(read.fault ?? told(read.value)).toMatchObject({
        result: false,
        result_text: expect.stringContaining(says),
      });
    },
  );
});

/** What a client gets that reads nothing until its whole form, of so many MiB, is sent. */
function blindly(address: string, cookie: string | undefined, mebibytes: number): Promise<string> {
  const boundary = 'a-boundary';
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="method_name"\r\n\r\nupload_attach\r\n--${boundary}\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\n`;
  return new Promise((resolve, reject) => {
    const sent = request(address, {
      method: 'POST',
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}`, ...(cookie && { cookie }) },
    });
    sent.on('error', reject);
    sent.on('response', (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      answer.on('end', () => resolve(sent.writableFinished ? body : `answered early: ${body}`));
    });
    sent.write(head);
    for (let i = 0; i < mebibytes; i++) sent.write(Buffer.alloc(1024 * 1024, 'x'));
    sent.end(`\r\n--${boundary}--\r\n`);
  });
}

test('what a client is told of uploads is what the app allows', async () => {
  const told = async () => {
    const config = await world.ask(null, 'get_config');
    const login = await world.ask(null, 'login', text('ann'), text("ann's password"));
    const { can_upload: can } = await world.ask(world.ann, 'get_conversations');
    const names = [
      'max_attachment',
      'max_attachment_size',
      'max_png_size',
      'max_jpg_size',
      'allowed_extensions',
    ];
    expect(names.map((name) => config[name])).toEqual(names.map((name) => String(login[name])));
    return [can, ...names.map((name) => login[name])];
  };
  await world.patch({ fileTypes: ['png', 'pdf'], fileBytes: 1_000, filesPerMessage: 2 });
  expect(await told()).toEqual([true, 2, 1_000, 1_000, 0, 'png,pdf']);
  expect(await world.upload(world.ann, 'x'.repeat(1_001), { name: 'a.txt' })).toMatchObject({
    result: false,
    result_text: 'The file is larger than 0 KiB.',
  });
  const files = await Promise.all(
    [0, 1, 2].map(async () => (await world.upload(world.ann, png(1, 1))).attachment_id),
  );
  expect(await world.reply(world.ann, await world.open(), 'three', files)).toMatchObject({
    result: false,
    result_text: 'A message can have 2 attachments at most.',
  });
  await world.patch({ filesPerMessage: 0 });
  expect(await told()).toEqual([false, 0, 0, 0, 0, '']);
  expect(await world.upload(world.ann, png(1, 1))).toMatchObject({ result: false, result_reason: 2 });
  await world.patch({ fileTypes: ['png', 'txt', 'pdf'], fileBytes: 50 * 1024 * 1024, filesPerMessage: 10 });
});

test('an upload that found no message is gone after a day, by the clock of the server itself', async () => {
  const { attachment_id: file } = await world.upload(world.ann, png(1, 1));
  await world.hub.tick(new Date(Date.now() + 86_000_000));
  const talk = await world.open();
  expect(await world.reply(world.ben, talk, 'not mine', [file])).toMatchObject({ result: false });
  await world.hub.tick(new Date(Date.now() + 87_000_000));
  expect(await world.reply(world.ann, talk, 'too late', [file])).toMatchObject({
    result: false,
    result_text: `Attachment ${file} not found`,
  });
});
