// A file is in one message at most, and in none that was refused, whatever fails on the way; and what nothing holds any
// more goes in time. Against the real database, objects and store.
import { createExecutionContext } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Refused } from '../../src/domain/errors.ts';
import type { ConversationNumber, FileNumber } from '../../src/domain/ids.ts';
import type { Env } from '../../src/env.ts';
import { appBySlug, appCaller, userCaller } from '../../src/hub/apps.ts';
import { type App, type Caller, type Hub, hubOf, type User } from '../../src/hub/context.ts';
import {
  deleteConversation,
  type Opening,
  openConversation,
  updateConversation,
} from '../../src/hub/conversations.ts';
import { fileAt } from '../../src/hub/file-access.ts';
import { removeFile, UNBOUND_MS, uploadFile } from '../../src/hub/files.ts';
import { deleteAllMessages, deleteMessage, messageOf, post } from '../../src/hub/messages.ts';
import { createUser } from '../../src/hub/people.ts';
import { sweepFiles } from '../../src/hub/sweeping.ts';
import worker from '../../src/index.ts';
import { quiet } from '../conversation/faults.ts';
import { bindings, d1, draft, makeApp } from '../conversation/harness.ts';
import { png } from '../support/uploads.ts';

quiet();

const DAY = UNBOUND_MS;
/** After every claim of a test is over. */
const LATER = 10 * 60_000;

const waiting: Promise<unknown>[] = [];
let app: App;
let [ann, ben]: [Caller, Caller] = [] as never;

const hubWith = (more: Partial<Env> = {}): Hub =>
  hubOf({ ...bindings, LIMITS: 'off', ...more } as Env, 'https://hub.example', (work) => waiting.push(work));
let hub: Hub;

let people = 0;
const person = async (): Promise<Caller> => {
  const username = `somebody-${people++}`;
  const user: User = await createUser(hub, app, {
    username,
    externalId: username,
    name: username,
    role: 'member',
  });
  return userCaller(app, user, 'tapatalk');
};

beforeEach(async () => {
  hub = hubWith();
  const number = await makeApp();
  const row = await d1
    .prepare('SELECT slug FROM app WHERE number = ?1')
    .bind(number)
    .first<{ slug: string }>();
  app = await appBySlug(hub, row?.slug as string);
  [ann, ben] = [await person(), await person()];
});
afterEach(() => vi.restoreAllMocks());

async function* chunks(...of: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* of;
}

const upload = async (
  by: Caller,
  { batch, bytes = png(3, 2) }: { batch?: string; bytes?: Uint8Array } = {},
) => uploadFile(hub, by, chunks(bytes), { name: 'a.png', batch });

const numberOf = (by: Caller) => by.user?.number as User['number'];

const open = async (by: Caller, others: Caller[] = [ben]): Promise<ConversationNumber> => {
  const members = others.map(numberOf);
  const { view } = await openConversation(hub, by, {
    kind: 'group',
    title: 'Talk',
    members,
    first: draft('hello'),
  });
  return view.facts.number;
};

const reply = (by: Caller, c: ConversationNumber, files: FileNumber[], text = 'see', on = hub) =>
  post(on, by, c, draft(text), { attaching: { files } });

const stateOf = (file: FileNumber) =>
  d1
    .prepare('SELECT state, conversation, message FROM file WHERE number = ?1')
    .bind(file)
    .first<{ state: string; conversation: number | null; message: number | null }>();

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error) => (error as Refused).refusal?.code ?? String(error),
  );

const attachmentsOf = async (by: Caller, c: ConversationNumber, seq: number) =>
  (await messageOf(hub, by, c, seq)).message.attachments ?? [];

const stored = async (): Promise<string[]> => (await bindings.FILES.list()).objects.map(({ key }) => key);

describe('a message gets its files', () => {
  test('and the directory knows which message that is', async () => {
    const c = await open(ann);
    const [one, two] = [await upload(ann), await upload(ann)];
    const posted = await reply(ann, c, [two.number, one.number]);
    expect(await attachmentsOf(ben, c, posted.seq)).toEqual([two.attachment, one.attachment]);
    expect(one.attachment).toMatchObject({ name: 'a.png', mime: 'image/png', width: 3, height: 2 });
    expect(await stateOf(one.number)).toEqual({ state: 'bound', conversation: c, message: posted.id });
  });

  test('with the message that opens the conversation', async () => {
    const file = await upload(ann);
    const { view, posted } = await openConversation(hub, ann, {
      kind: 'group',
      members: [numberOf(ben)],
      first: draft('look'),
      attaching: { files: [file.number] },
    });
    expect(await attachmentsOf(ben, view.facts.number, posted?.seq as number)).toEqual([file.attachment]);
    expect(await stateOf(file.number)).toMatchObject({ state: 'bound', message: posted?.id });
  });

  test('by the name of their batch, in order', async () => {
    const c = await open(ann);
    const [one, two] = [await upload(ann, { batch: 'b' }), await upload(ann, { batch: 'b' })];
    await upload(ann, { batch: 'other' });
    await upload(ben, { batch: 'b' });
    const posted = await post(hub, ann, c, draft('see'), { attaching: { files: [], batch: 'b' } });
    expect(await attachmentsOf(ann, c, posted.seq)).toEqual([one.attachment, two.attachment]);
  });

  test('and no other message does', async () => {
    const [c, d] = [await open(ann), await open(ann)];
    const file = await upload(ann);
    await reply(ann, c, [file.number]);
    expect(await refusal(reply(ann, d, [file.number]))).toBe('not_found');
    expect(await refusal(reply(ann, c, [file.number], 'other words'))).toBe('not_found');
    expect(await refusal(removeFile(hub, ann, file.number))).toBe('forbidden');
  });

  test('the same reply again is the same message', async () => {
    const c = await open(ann);
    const file = await upload(ann);
    const first = await reply(ann, c, [file.number]);
    expect(await reply(ann, c, [file.number])).toMatchObject({ id: first.id, duplicate: true });
    expect((await messageOf(hub, ann, c, first.seq)).message.clientId).toBe(null);
  });

  test('of many posts at once to two conversations, one', async () => {
    const [c, d] = [await open(ann), await open(ann)];
    const [shared, own] = [await upload(ann), await upload(ann)];
    const posts = Array.from({ length: 8 }, (_, i) =>
      refusal(reply(ann, i % 2 ? c : d, i % 3 ? [shared.number] : [shared.number, own.number], `try ${i}`)),
    );
    const outcomes = await Promise.all(posts);
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
    expect(new Set(outcomes)).toEqual(new Set(['done', 'not_found']));
    const found = await d1
      .prepare('SELECT id, extra FROM entry WHERE id BETWEEN ?1 * 2097152 AND (?2 + 1) * 2097152')
      .bind(Math.min(c, d), Math.max(c, d))
      .all<{ extra: string }>();
    expect(found.results.filter(({ extra }) => extra.includes(`"${shared.attachment.file}"`))).toHaveLength(
      1,
    );
  });
});

describe('a refused post leaves its files free', () => {
  test('where somebody is not in the conversation, or it is locked', async () => {
    const c = await open(ben, [await person()]);
    const file = await upload(ann);
    expect(await refusal(reply(ann, c, [file.number]))).toBe('not_found');
    expect(await stateOf(file.number)).toMatchObject({ state: 'ready', conversation: null });
    expect(await refusal(reply(ann, await open(ann), [file.number]))).toBe('done');
  });

  test('where one of them is not there, somebody else’s, of another app or too old', async () => {
    const c = await open(ann);
    const [mine, bens] = [await upload(ann), await upload(ben)];
    const elsewhere = await uploadFile(hub, appCaller(app, 'sunshine'), chunks(png(1, 1)), { name: 'x.png' });
    for (const other of [bens.number, elsewhere.number, 999_999 as FileNumber])
      expect(await refusal(reply(ann, c, [mine.number, other]))).toBe('not_found');
    expect(await stateOf(mine.number)).toMatchObject({ state: 'ready' });
    expect(await stateOf(bens.number)).toMatchObject({ state: 'ready' });
    await d1
      .prepare('UPDATE file SET created_at = created_at - ?2 WHERE number = ?1')
      .bind(mine.number, DAY)
      .run();
    expect(await refusal(reply(ann, c, [mine.number]))).toBe('not_found');
  });

  test('where there are too many', async () => {
    const c = await open(ann);
    const files: FileNumber[] = [];
    for (let i = 0; i <= app.settings.filesPerMessage; i++) files.push((await upload(ann)).number);
    expect(await refusal(reply(ann, c, files))).toBe('invalid');
    expect(await stateOf(files[0] as FileNumber)).toMatchObject({ state: 'ready' });
  });

  test('where the conversation cannot be opened', async () => {
    const file = await upload(ann);
    const opening: Opening = { kind: 'group', members: [999_999 as never], first: draft('x') };
    expect(
      await refusal(openConversation(hub, ann, { ...opening, attaching: { files: [file.number] } })),
    ).toBe('not_found');
    expect(await stateOf(file.number)).toMatchObject({ state: 'ready' });
  });
});

/** The database with something in the way of the statements that this matches. */
function brokenAt(pattern: RegExp, how: 'before' | 'after'): D1Database {
  const wrapped = (statement: D1PreparedStatement, text: string): D1PreparedStatement =>
    new Proxy(statement, {
      get(target, key) {
        const value = Reflect.get(target, key);
        if (key === 'bind') return (...values: unknown[]) => wrapped(target.bind(...values), text);
        if (['first', 'run', 'all'].includes(String(key)) && pattern.test(text)) {
          return async () => {
            if (how === 'after') await (value as () => unknown).call(target);
            throw new Error('D1_ERROR: Network connection lost.');
          };
        }
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  return new Proxy(bindings.DB, {
    get(target, key) {
      if (key === 'prepare') return (text: string) => wrapped(target.prepare(text), text);
      const value = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** The conversations' objects with one that breaks at a post, before or after it has been done. */
function objectsBreaking(how: 'before' | 'after'): Env['CONVERSATION'] {
  return new Proxy(bindings.CONVERSATION, {
    get(target, key) {
      if (key !== 'getByName') return Reflect.get(target, key);
      return (name: string) => {
        const stub = target.getByName(name) as unknown as Record<
          string,
          (...args: unknown[]) => Promise<unknown>
        >;
        const breaking =
          (method: string) =>
          async (...args: unknown[]) => {
            if (how === 'after') await stub[method]?.(...args);
            throw new Error('the object was thrown away');
          };
        return { post: breaking('post'), open: breaking('open') };
      };
    },
  });
}

describe('a post whose end is not known keeps its files until it is', () => {
  const broken: [string, () => Partial<Env>, boolean][] = [
    ['the claim is lost on its way to D1', () => ({ DB: brokenAt(/SET state = iif/, 'before') }), false],
    ['the claim is done and its answer lost', () => ({ DB: brokenAt(/SET state = iif/, 'after') }), false],
    [
      'the conversation breaks before it has the post',
      () => ({ CONVERSATION: objectsBreaking('before') }),
      false,
    ],
    [
      'the conversation breaks once it has the post',
      () => ({ CONVERSATION: objectsBreaking('after') }),
      true,
    ],
  ];

  test.each(broken)('%s: the same reply again is posted once', async (_, more) => {
    const [c, d] = [await open(ann), await open(ann)];
    const file = await upload(ann);
    expect(await refusal(reply(ann, c, [file.number], 'see', hubWith(more())))).toBe('unavailable');
    const posted = await reply(ann, c, [file.number]);
    expect(await attachmentsOf(ann, c, posted.seq)).toEqual([file.attachment]);
    expect(await refusal(reply(ann, d, [file.number]))).toBe('not_found');
    expect((await messageOf(hub, ann, c, posted.seq)).n).toBe(2);
    expect(await stateOf(file.number)).toMatchObject({ state: 'bound', message: posted.id });
  });

  test.each(broken)('%s: the sweeper finds out', async (_, more, isPosted) => {
    const c = await open(ann);
    const file = await upload(ann);
    await refusal(reply(ann, c, [file.number], 'see', hubWith(more())));
    await sweepFiles(hub, Date.now());
    if (!isPosted) expect((await stateOf(file.number))?.state).toMatch(/^(ready|claimed)$/);
    await sweepFiles(hub, Date.now() + LATER);
    expect(await stateOf(file.number)).toMatchObject({ state: isPosted ? 'bound' : 'ready' });
    // And nothing of it was taken away.
    expect(await stored()).toContain(file.attachment.file);
  });

  test.each(broken.filter(([what]) => what.includes('conversation')))(
    '%s: neither is a new conversation’s first message torn from its files',
    async (_, more, isPosted) => {
      const file = await upload(ann);
      const attaching = { files: [file.number] };
      const opening: Opening = { kind: 'group', members: [numberOf(ben)], first: draft('x'), attaching };
      expect(await refusal(openConversation(hubWith(more()), ann, opening))).toBe('unavailable');
      await sweepFiles(hub, Date.now() + LATER);
      expect(await stateOf(file.number)).toMatchObject({ state: isPosted ? 'bound' : 'ready' });
      expect(await refusal(openConversation(hub, ann, opening))).toBe(isPosted ? 'not_found' : 'done');
    },
  );

  test('a crash between a number and its conversation frees the files', async () => {
    const file = await upload(ann);
    const lost = hubWith({ DB: brokenAt(/UPDATE file SET conversation/, 'after') });
    const opening: Opening = { kind: 'group', members: [numberOf(ben)], first: draft('x') };
    await refusal(openConversation(lost, ann, { ...opening, attaching: { files: [file.number] } }));
    expect(await stateOf(file.number)).toMatchObject({ state: 'claimed' });
    await sweepFiles(hub, Date.now() + LATER);
    expect(await stateOf(file.number)).toMatchObject({ state: 'ready' });
  });

  test('a later try that is refused frees nothing that an earlier one may have posted', async () => {
    const c = await open(ann);
    const file = await upload(ann);
    await refusal(reply(ann, c, [file.number], 'see', hubWith({ CONVERSATION: objectsBreaking('after') })));
    // As if the directory had not heard of the message yet.
    await d1
      .prepare("UPDATE file SET state = 'claimed', message = NULL, due_at = 1 WHERE number = ?1")
      .bind(file.number)
      .run();
    await updateConversation(hub, appCaller(app, 'operator'), c, { locked: true });
    expect(await refusal(reply(ann, c, [file.number]))).toMatch(/locked|done/);
    expect(await stateOf(file.number)).toMatchObject({ state: 'claimed', conversation: c });
    await sweepFiles(hub, Date.now() + LATER);
    expect(await stateOf(file.number)).toMatchObject({ state: 'bound', conversation: c });
  });

  test('a message that was deleted before the directory had heard of it keeps no file', async () => {
    const c = await open(ann);
    const file = await upload(ann);
    const { seq, id } = await reply(ann, c, [file.number]);
    await deleteMessage(hub, ann, c, seq);
    const set = (rest: string) => d1.prepare(`UPDATE file SET ${rest} WHERE number = ${file.number}`).run();
    await set(`state = 'bound', message = ${id}`);
    const readers = [ann, ben].map((by) => refusal(fileAt(hub, file.attachment.url, async () => by)));
    expect(await Promise.all(readers)).toEqual(['not_found', 'not_found']);
    await set("state = 'claimed', message = NULL, due_at = 1");
    await sweepFiles(hub, Date.now());
    expect(await stateOf(file.number)).toBe(null);
  });

  test('a conversation refuses what comes after it was asked', async () => {
    const c = await open(ann);
    const file = await upload(ann);
    const slow = new Proxy(bindings.CONVERSATION, {
      get: (target, key) =>
        key !== 'getByName'
          ? Reflect.get(target, key)
          : (name: string) => ({
              post: (actor: never, said: never, options: { before: number }) =>
                (target.getByName(name) as never as { post(...args: unknown[]): Promise<unknown> }).post(
                  actor,
                  said,
                  { ...options, before: options.before - 60_000 },
                ),
            }),
    });
    expect(await refusal(reply(ann, c, [file.number], 'see', hubWith({ CONVERSATION: slow })))).toBe(
      'unavailable',
    );
    await sweepFiles(hub, Date.now() + LATER);
    expect(await stateOf(file.number)).toMatchObject({ state: 'ready' });
  });
});

describe('what nothing holds goes', () => {
  const sweepAt = async (now: number) => {
    const context = createExecutionContext();
    await worker.scheduled({ scheduledTime: now, cron: '', noRetry() {} } as never, bindings, context);
  };

  test('an upload that found no message, a day later and not before', async () => {
    const file = await upload(ann);
    await sweepAt(Date.now() + DAY - 60_000);
    expect(await stored()).toContain(file.attachment.file);
    await sweepAt(Date.now() + DAY + 60_000);
    expect(await stateOf(file.number)).toBe(null);
    expect(await stored()).not.toContain(file.attachment.file);
  });

  test('one that was taken back, with the next sweep', async () => {
    const file = await upload(ann);
    await removeFile(hub, ann, file.number);
    expect(await refusal(removeFile(hub, ann, file.number))).toBe('not_found');
    expect(await refusal(reply(ann, await open(ann), [file.number]))).toBe('not_found');
    await sweepAt(Date.now());
    expect(await stored()).not.toContain(file.attachment.file);
  });

  test('and a file in a message stays', async () => {
    const c = await open(ann);
    const file = await upload(ann);
    await reply(ann, c, [file.number]);
    await sweepAt(Date.now() + 400 * DAY);
    expect(await stored()).toContain(file.attachment.file);
  });

  test('a refused upload leaves no row and no byte', async () => {
    const rows = async () =>
      (
        await d1
          .prepare('SELECT count(*) AS n FROM file WHERE app = ?1')
          .bind(app.number)
          .first<{ n: number }>()
      )?.n;
    const small = { ...ann, app: { ...app, settings: { ...app.settings, fileBytes: 6 * 1024 * 1024 } } };
    const parts = Array.from({ length: 7 }, () => new Uint8Array(1024 * 1024).fill(65));
    expect(await refusal(uploadFile(hub, small, chunks(...parts), { name: 'a.txt' }))).toBe('too_large');
    expect(await refusal(uploadFile(hub, ann, chunks(new Uint8Array(9)), { name: 'a.bin' }))).toBe('invalid');
    await Promise.all(waiting);
    expect(await rows()).toBe(0);
    expect(await stored()).not.toContainEqual(expect.stringMatching(`^${app.number}/`));
  });

  test('an upload that broke off, and what it left in the store', async () => {
    const breaking = async function* () {
      yield new Uint8Array(6 * 1024 * 1024).fill(65);
      throw new Error('the sender is gone');
    };
    expect(await refusal(uploadFile(hub, ann, breaking(), { name: 'a.txt' }))).toBe('unavailable');
    await Promise.all(waiting);
    await sweepAt(Date.now());
    const { n } = (await d1
      .prepare('SELECT count(*) AS n FROM file WHERE app = ?1')
      .bind(app.number)
      .first()) as { n: number };
    expect(n).toBe(0);
  });

  test('the files of a message that was deleted', async () => {
    const c = await open(ann);
    const [gone, kept] = [await upload(ann), await upload(ann)];
    const { seq } = await reply(ann, c, [gone.number], 'one');
    await reply(ann, c, [kept.number], 'two');
    await deleteMessage(hub, ann, c, seq);
    await sweepAt(Date.now() + 1);
    expect(await stored()).not.toContain(gone.attachment.file);
    expect(await stored()).toContain(kept.attachment.file);
  });

  test('the files of all messages, when all are deleted', async () => {
    const c = await open(ann);
    const file = await upload(ann);
    await reply(ann, c, [file.number]);
    await deleteAllMessages(hub, appCaller(app, 'sunshine'), c);
    await sweepAt(Date.now() + 1);
    expect(await stored()).not.toContain(file.attachment.file);
  });

  test('the files of a conversation that was deleted, thousands of them too', async () => {
    const c = await open(ann);
    const file = await upload(ann);
    await reply(ann, c, [file.number]);
    await d1
      .prepare(
        `WITH RECURSIVE up(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM up WHERE i < 2500)
         INSERT INTO file (app, uploader, state, nonce, name, created_at, conversation, message)
         SELECT ?1, 1, 'bound', 'nonce' || i, 'n', 1, ?2, ?2 * 2097152 + 100 + i FROM up`,
      )
      .bind(app.number, c)
      .run();
    await deleteConversation(hub, appCaller(app, 'sunshine'), c);
    const left = async () =>
      (
        await d1
          .prepare('SELECT count(*) AS n FROM file WHERE app = ?1')
          .bind(app.number)
          .first<{ n: number }>()
      )?.n;
    await sweepAt(Date.now() + 1);
    expect(await left()).toBe(0);
    expect(await stored()).not.toContain(file.attachment.file);
  });
});

describe('who may read', () => {
  const path = (file: { attachment: { url: string } }) => file.attachment.url;
  const mayRead = (by: Caller | null, of: string) => refusal(fileAt(hub, of, async () => by));

  test('members of the conversation, as long as the message is there', async () => {
    const c = await open(ann);
    const file = await upload(ann);
    const stranger = await person();
    expect(await mayRead(ann, path(file))).toBe('done');
    expect(await mayRead(ben, path(file))).toBe('not_found');
    const { seq } = await reply(ann, c, [file.number]);
    for (const by of [ann, ben]) expect(await mayRead(by, path(file))).toBe('done');
    for (const by of [stranger, null]) expect(await mayRead(by, path(file))).toBe('not_found');
    await deleteMessage(hub, ann, c, seq);
    for (const by of [ann, ben]) expect(await mayRead(by, path(file))).toBe('not_found');
  });

  test('whoever has a signed address, and nobody with another', async () => {
    const file = await upload(ann);
    const address = hub.addressOf(file.attachment).replace('https://hub.example', '');
    expect(await mayRead(null, address)).toBe('done');
    expect(await mayRead(null, address.replace(/\/\d+\./, '/1.'))).toBe('not_found');
    const other = await upload(ann);
    expect(
      await mayRead(null, address.replace(/\d+\.[\w-]{22}/, other.attachment.file?.split('/')[1] ?? '')),
    ).toBe('not_found');
  });
});

test('limits: kinds, sizes, how many wait for a message', async () => {
  const text = new TextEncoder().encode('<html><script>alert(1)</script>');
  expect(await refusal(upload(ann, { bytes: text }))).toBe('invalid');
  expect(await refusal(upload(ann, { bytes: new Uint8Array(0) }))).toBe('invalid');
  const small = { ...ann, app: { ...app, settings: { ...app.settings, fileBytes: 50 } } };
  expect(await refusal(upload(small))).toBe('too_large');
  const none = { ...ann, app: { ...app, settings: { ...app.settings, filesPerMessage: 0 } } };
  expect(await refusal(upload(none))).toBe('forbidden');
  expect(await stored()).not.toContainEqual(expect.stringContaining(`${app.number}/`));
});

describe('with the limits on', () => {
  const limited = () =>
    hubWith({ LIMITS: 'on', HUB_SECRET: 'c2VjcmV0LW9mLWEtaHViLXdpdGgtbGltaXRzLWFsbC1vbg' });

  test('nobody uploads without a pause', async () => {
    const by = limited();
    // A slow machine takes longer for these than one comes back in.
    vi.spyOn(Date, 'now').mockReturnValue(Date.now());
    const outcomes: string[] = [];
    for (let i = 0; i < 31; i++)
      outcomes.push(await refusal(uploadFile(by, ann, chunks(png(1, 1)), { name: 'a.png' })));
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(30);
    expect(outcomes.at(-1)).toBe('rate_limited');
    expect(await refusal(uploadFile(by, ben, chunks(png(1, 1)), { name: 'a.png' }))).toBe('done');
  });

  test('nobody hoards uploads without a message', async () => {
    const by = limited();
    await d1
      .prepare(
        `WITH RECURSIVE up(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM up WHERE i < 49)
         INSERT INTO file (app, uploader, state, nonce, name, created_at) SELECT ?1, ?2, 'ready', 'n', 'n', 1 FROM up`,
      )
      .bind(app.number, numberOf(ann))
      .run();
    expect(await refusal(uploadFile(by, ann, chunks(png(1, 1)), { name: 'a.png' }))).toBe('done');
    expect(await refusal(uploadFile(by, ann, chunks(png(1, 1)), { name: 'a.png' }))).toBe('rate_limited');
  });
});

test('a file of many parts is what was sent', async () => {
  const bytes = new Uint8Array(11 * 1024 * 1024 + 7);
  for (let i = 0; i < bytes.length; i += 997) bytes[i] = i;
  bytes.set(png(4, 4));
  const pieces = Array.from({ length: Math.ceil(bytes.length / 100_000) }, (_, i) =>
    bytes.subarray(i * 100_000, (i + 1) * 100_000),
  );
  const file = await uploadFile(hub, ann, chunks(...pieces), { name: 'a.png' });
  expect(file).toMatchObject({ bytes: bytes.length, width: 4, height: 4 });
  const object = await bindings.FILES.get(file.attachment.file as string);
  const back = new Uint8Array((await object?.arrayBuffer()) as ArrayBuffer);
  expect(Buffer.compare(Buffer.from(back), Buffer.from(bytes))).toBe(0);
});
