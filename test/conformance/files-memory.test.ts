// A large file passes through the server, and is never in it as a whole: the memory of workerd, with the worker, its
// objects and the store's stand-in, is measured on a server as `npm start` runs it.
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
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

/**
 * How often it is measured, each time on a server of its own: memory that the collector has yet to take back counts too, and
 * how much that is differs. A server that holds a file whole grows by all of it every time.
 */
const TIMES = 3;

const proc = (server: TestServer, file: string) =>
  `/proc/${readFileSync(join(server.dataDir, 'workerd.pid'), 'utf8').trim()}/${file}`;

/** What workerd has in memory, in MiB: now, or at most since the peak was forgotten. */
function memory(server: TestServer, which: 'VmRSS' | 'VmHWM'): number {
  const line = new RegExp(`^${which}:\\s+(\\d+) kB`, 'm').exec(readFileSync(proc(server, 'status'), 'utf8'));
  return Number(line?.[1]) / 1024;
}

/** By how much workerd's memory grew at most while this was done, in MiB. */
async function growth(server: TestServer, work: () => Promise<unknown>): Promise<number> {
  // 5: forget the peak (man 5 proc).
  writeFileSync(proc(server, 'clear_refs'), '5');
  const before = memory(server, 'VmRSS');
  await work();
  return memory(server, 'VmHWM') - before;
}

/** Uploads a file of random bytes, a piece at a time. Gives the answer, and what was sent as a hash. */
function uploadLarge(url: string, cookie: string): Promise<{ answer: Json; sha256: string }> {
  const hash = createHash('sha256');
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
      resolve({ answer: read.fault ?? told(read.value), sha256: hash.digest('hex') });
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

/** By how much a new server grows for a file that comes, and for the same one that goes. */
async function measure(server: TestServer): Promise<{ coming: number; going: number }> {
  const made = await server.createApp();
  const { url } = made.tapatalk;
  for (const username of ['ann', 'ben'])
    await server.createUser(made.app.slug, { username, password: 'a password' });
  const cookie = await forumCookie(url, { username: 'ann', password: 'a password' });
  // What is loaded with the first file of all is no matter of the size.
  await sendForm(url, cookie, formOf(png(1, 1)));

  let uploaded: Awaited<ReturnType<typeof uploadLarge>> | undefined;
  const coming = await growth(server, async () => {
    uploaded = await uploadLarge(url, cookie);
  });
  expect(uploaded?.answer).toMatchObject({ result: true, filesize: FILE_MIB * MIB });

  const files = array([id(uploaded?.answer.attachment_id)]);
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
  const going = await growth(server, async () => {
    const answer = await fetch(address);
    for await (const chunk of answer.body ?? []) read.update(chunk);
  });
  expect(read.digest('hex')).toBe(uploaded?.sha256);
  return { coming, going };
}

test.runIf(process.platform === 'linux')(
  `a server grows by less than ${LIMIT_MIB} MB for a file of ${FILE_MIB} MB that comes, and one that goes`,
  async () => {
    const measured: { coming: number; going: number }[] = [];
    while (measured.length < TIMES) {
      const server = await startServer();
      try {
        measured.push(await measure(server));
      } finally {
        await server.remove();
      }
    }
    const least = (way: 'coming' | 'going') => Math.min(...measured.map((grown) => grown[way]));
    const told = (way: 'coming' | 'going') => measured.map((grown) => Math.round(grown[way])).join(', ');
    console.log(
      `workerd grew by ${told('coming')} MiB for the upload, ${told('going')} MiB for the download`,
    );
    expect(least('coming')).toBeLessThan(LIMIT_MIB);
    expect(least('going')).toBeLessThan(LIMIT_MIB);
  },
);
