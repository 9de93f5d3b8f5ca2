// A large file passes through the server, and is never in it as a whole: the memory of workerd, with the worker, its
// objects and the store's stand-in, is measured on a server as `npm start` runs it.
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeResponse } from '../../src/xmlrpc/decode.ts';
import { array } from '../../src/xmlrpc/value.ts';
import { id, text, texts, told } from '../model/forum.ts';
import { canonicalBytes } from '../support/canonical.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { formOf, forumCookie, png, sendForm, uploadUrlOf } from '../support/uploads.ts';
import type { Json } from './calls/answer.ts';
import { send } from './calls/tapatalk.ts';

const MIB = 1024 * 1024;
const FILE_MIB = 50;
/** What the server may grow by while such a file comes or goes. */
const LIMIT_MIB = 40;

let server: TestServer;
let url: string;
let cookie: string;

beforeAll(async () => {
  server = await startServer();
  const made = await server.createApp();
  url = made.tapatalk.url;
  for (const username of ['ann', 'ben'])
    await server.createUser(made.app.slug, { username, password: 'a password' });
  cookie = await forumCookie(url, { username: 'ann', password: 'a password' });
});
afterAll(() => server?.remove());

const proc = (file: string) =>
  `/proc/${readFileSync(join(server.dataDir, 'workerd.pid'), 'utf8').trim()}/${file}`;

/** What workerd has in memory, in MiB: now, or at most since the peak was forgotten. */
function memory(which: 'VmRSS' | 'VmHWM'): number {
  const line = new RegExp(`^${which}:\\s+(\\d+) kB`, 'm').exec(readFileSync(proc('status'), 'utf8'));
  return Number(line?.[1]) / 1024;
}

/** By how much workerd's memory grew at most while this was done, in MiB. */
async function growth(work: () => Promise<unknown>): Promise<number> {
  // 5: forget the peak (man 5 proc).
  writeFileSync(proc('clear_refs'), '5');
  const before = memory('VmRSS');
  await work();
  return memory('VmHWM') - before;
}

const hash = createHash('sha256');

/** Uploads a file of random bytes, a piece at a time. Gives the answer. */
function uploadLarge(): Promise<Json> {
  const boundary = 'a-boundary';
  const part = (name: string) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"`;
  const head = `${part('method_name')}\r\n\r\nupload_attach\r\n${part('content')}; filename="large.pdf"\r\n\r\n`;
  const end = `\r\n--${boundary}--\r\n`;
  return new Promise((resolve, reject) => {
    const sent = request(uploadUrlOf(url), {
      method: 'POST',
      headers: {
        cookie,
        'content-type': `multipart/form-data; boundary=${boundary}`,
        'content-length': head.length + FILE_MIB * MIB + end.length,
      },
    });
    sent.on('error', reject);
    sent.on('response', async (answer) => {
      const read = decodeResponse(canonicalBytes(Buffer.concat(await answer.toArray())));
      resolve(read.fault ?? told(read.value));
    });
    sent.write(head);
    let left = FILE_MIB;
    const next = () => {
      if (left === 0) return sent.end(end);
      const piece = randomBytes(MIB);
      if (left-- === FILE_MIB) piece.set(Buffer.from('%PDF-1.7\n'));
      hash.update(piece);
      return sent.write(piece, next);
    };
    next();
  });
}

test.runIf(process.platform === 'linux')(
  `the server grows by less than ${LIMIT_MIB} MB for a file of ${FILE_MIB} MB that comes, and one that goes`,
  async () => {
    // What is loaded with the first file of all is no matter of the size.
    await sendForm(url, cookie, formOf(png(1, 1)));
    let uploaded: Json;
    const coming = await growth(async () => {
      uploaded = await uploadLarge();
    });
    expect(uploaded).toMatchObject({ result: true, filesize: FILE_MIB * MIB });

    const files = array([id(uploaded.attachment_id)]);
    const opened = await send(url, cookie, 'new_conversation', [
      texts(['ben']),
      text('Large'),
      text('See'),
      files,
      id(''),
    ]);
    const page = await send(url, cookie, 'get_conversation', [id(opened.body.conv_id)]);
    const address = page.body.list[0].attachments[0].url as string;
    const read = createHash('sha256');
    const going = await growth(async () => {
      const answer = await fetch(address);
      for await (const chunk of answer.body ?? []) read.update(chunk);
    });
    expect(read.digest('hex')).toBe(hash.digest('hex'));

    console.log(
      `workerd grew by ${Math.round(coming)} MiB for the upload, ${Math.round(going)} MiB for the download`,
    );
    expect(coming).toBeLessThan(LIMIT_MIB);
    expect(going).toBeLessThan(LIMIT_MIB);
  },
);
