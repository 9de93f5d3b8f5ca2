// A whole forum moves in over the operator API: how long it takes, what it holds meanwhile, and that reading costs its
// people no more rows than in an empty hub.
import { readdirSync, readFileSync } from 'node:fs';
import { listByNumber, listByTime } from '../../src/directory/lists.ts';
import { searchEntries } from '../../src/directory/search.ts';
import type { AppNumber, UserNumber } from '../../src/domain/ids.ts';
import { bundleWorker } from '../../src/standalone/build.ts';
import { openDataDir } from '../../src/standalone/data-dir.ts';
import { startRuntime } from '../../src/standalone/runtime.ts';
import { countingD1 } from '../../test/support/counting-d1.ts';
import type { Bench } from '../bench.ts';
import { isInterrupted, temporaryFolder } from '../cleanup.ts';
import { type Ours, startOurs } from '../servers.ts';
import type { Line } from '../table.ts';

const WHOLE = { members: 50_000, conversations: 40_000 };
const QUICK = { members: 2_000, conversations: 400 };
const MESSAGES_EACH = 5;
/** What a call takes (docs/operator-api.md). */
const CALL_LINES = { users: 50_000, conversations: 250 };
const USUAL_FILES = 1_024;

export async function moveIn(bench: Bench): Promise<Line[]> {
  const { members, conversations } = bench.quick ? QUICK : WHOLE;
  const [empty, forum] = [await start(bench), await start(bench)];
  for (const hub of [empty, forum]) {
    await send(hub, 'users', [member('ann'), member('ben')]);
    await send(
      hub,
      'conversations',
      ['a', 'b', 'c'].map((key) => talk(key, ['ann', 'ben'], 'the zebra')),
    );
  }
  const before = await costs(empty);
  bench.note(`${members} members`);
  const watch = watching(forum.ours.pid);
  const users = await timed(() =>
    send(
      forum,
      'users',
      Array.from({ length: members }, (_, i) => member(`u${i}`)),
    ),
  );
  bench.note(`${conversations} conversations of ${MESSAGES_EACH} messages`);
  const messages = await timed(async () => {
    for (let at = 0; at < conversations && !isInterrupted(); at += CALL_LINES.conversations) {
      const count = Math.min(CALL_LINES.conversations, conversations - at);
      await send(
        forum,
        'conversations',
        Array.from({ length: count }, (_, i) => oldTalk(at + i, members)),
      );
    }
  });
  const { mostFiles, mostBytes } = watch();
  const after = await costs(forum);
  const count = conversations * MESSAGES_EACH;
  const plain = { against: '', ratio: '', budget: '', met: null };
  return [
    { ...plain, what: `${members} members imported`, ours: perSecond(users, members) },
    {
      ...plain,
      what: `${count} messages in ${conversations} conversations imported`,
      ours: perSecond(messages, count),
    },
    {
      ...plain,
      what: 'files open at most meanwhile',
      ours: String(mostFiles),
      budget: `<= ${USUAL_FILES}`,
      met: mostFiles <= USUAL_FILES,
    },
    { ...plain, what: 'memory at most meanwhile (RSS)', ours: `${Math.round(mostBytes / 2 ** 20)} MiB` },
    ...Object.entries(after).map(([what, rows]) => ({
      ...plain,
      what: `rows read: ${what}, among them`,
      against: `${before[what]} in an empty hub`,
      ours: String(rows),
      budget: 'the same',
      met: rows === before[what],
    })),
  ];
}

interface Hub {
  ours: Ours;
  folder: string;
}

async function start(bench: Bench): Promise<Hub> {
  const folder = temporaryFolder();
  return { ours: await startOurs(bench.entry, folder), folder };
}

/** Throws unless every line is taken in. */
async function send({ ours }: Hub, what: keyof typeof CALL_LINES, lines: readonly object[]): Promise<void> {
  const answer = await fetch(`${ours.url}/admin/apps/${ours.app.app.slug}/${what}/import`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ours.adminToken}` },
    body: lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
  });
  const last = (await answer.text()).trim().split('\n').at(-1) ?? '';
  if (JSON.parse(last).done !== true) throw new Error(`an import ended with ${last}`);
}

const member = (externalId: string) => ({
  externalId,
  username: `Member ${externalId}`,
  email: `${externalId}@forum.example`,
  displayName: `Member number ${externalId}`,
  passwordHash: '$2y$10$d9itSgBkD/jUZwVCEgOzxevnn6z90YmpQ0OczoOKGZOMFGouBUuBW',
});

function talk(key: string, [ann, ben]: readonly [string, string], words: string) {
  const began = Date.UTC(2010, 0, 1);
  return {
    key,
    title: `Talk ${key}`,
    members: [{ externalId: ann }, { externalId: ben, readUpTo: 2 }],
    messages: Array.from({ length: MESSAGES_EACH }, (_, i) => ({
      author: { externalId: i % 2 === 0 ? ann : ben },
      date: new Date(began + i * 60_000).toISOString(),
      markup: 'bbcode',
      text: `${words} and the rest of a message of about a [b]hundred[/b] characters, as people write them ${i}`,
    })),
  };
}

const oldTalk = (i: number, members: number) =>
  talk(`pm-${i}`, [`u${(7 * i) % members}`, `u${(11 * i + 3) % members}`], `words of talk ${i}`);

/** Rows that D1 reads for ann's list, a page of it, and a search for her words. The hub is stopped for it. */
async function costs({ ours, folder }: Hub): Promise<Record<string, number>> {
  await ours.stop();
  const dataDir = openDataDir(folder);
  const runtime = await startRuntime({ bundle: await bundleWorker(), dataDir, vars: {}, print: () => {} });
  try {
    const { db, meter } = countingD1(await runtime.database());
    const found = db.prepare("SELECT number, app FROM user WHERE external_id = 'ann'");
    const { number, app } = (await found.first()) as { number: UserNumber; app: AppNumber };
    const rowsOf = async (work: Promise<unknown>): Promise<number> => {
      await work;
      const { read } = meter;
      meter.reset();
      return read;
    };
    meter.reset();
    return {
      "a person's list": await rowsOf(listByTime(db, app, number, 0, 20)),
      'a page of it by number': await rowsOf(listByNumber(db, app, number, { size: 2 })),
      'a search': await rowsOf(searchEntries(db, app, number, { query: 'zebra', size: 10 })),
    };
  } finally {
    await runtime.stop();
    dataDir.close();
  }
}

/** Looks at a process until it is asked what the most was. Where there is no /proc: zeros. */
function watching(pid: number): () => { mostFiles: number; mostBytes: number } {
  let [mostFiles, mostBytes] = [0, 0];
  const look = () => {
    try {
      mostFiles = Math.max(mostFiles, readdirSync(`/proc/${pid}/fd`).length);
      const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      mostBytes = Math.max(mostBytes, Number(kilobytes) * 1024);
    } catch {
      // Another system.
    }
  };
  const timer = setInterval(look, 100);
  return () => {
    look();
    clearInterval(timer);
    return { mostFiles, mostBytes };
  };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

const perSecond = (seconds: number, count: number): string =>
  `${seconds.toFixed(1)} s, ${Math.round(count / seconds)}/s`;
