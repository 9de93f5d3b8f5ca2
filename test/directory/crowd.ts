// A large app, put into D1 by SQL statements: conversations, memberships and messages by the ten thousand.
import type { AppNumber, UserNumber } from '../../src/domain/ids.ts';
import { d1, makeApp, makePerson } from '../conversation/harness.ts';

export interface Crowd {
  app: AppNumber;
  /** The app's conversations are numbered from here on, every second one: another app has those between. */
  first: number;
  conversations: number;
}

const upTo = (count: number) =>
  `WITH RECURSIVE up(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM up WHERE i < ${count - 1})`;

const NEIGHBOUR_SLUG = 'neighbour';

/** An app of `conversations`, as many of another app between them, all with a last message. */
export async function makeCrowd(conversations: number): Promise<Crowd> {
  const app = await makeApp();
  const other = await makeApp({ slug: NEIGHBOUR_SLUG });
  const top = await d1
    .prepare("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'conversation'), 0) AS top")
    .first<{ top: number }>();
  const first = (top?.top ?? 0) + 1;
  await d1
    .prepare(
      `${upTo(2 * conversations)}
       INSERT INTO conversation (number, app, nonce, kind, door, created_at, last_at, last_seq, last_message_seq, message_count, blocks)
       SELECT ?1 + i, iif(i % 2 = 0, ?2, ?3), 'n', 'group', 'tapatalk', 1, 1000 + (i * 7919) % 1000003, 5, 5, 5,
         '[' || cast(?1 + i AS INTEGER) || ']' FROM up`,
    )
    .bind(first, app, other)
    .run();
  return { app, first, conversations };
}

/** A person in `count` of the crowd's conversations, spread evenly. */
export async function memberOf(crowd: Crowd, count: number): Promise<UserNumber> {
  const { user } = await makePerson(crowd.app);
  const step = Math.floor(crowd.conversations / count);
  await d1
    .prepare(
      `${upTo(count)}
       INSERT INTO membership (user, conversation, rev, standing, joined_at, read_seq, read_n, read_at, own_after,
         delivered_seq, delivered_at, hidden_seq, cleared_seq, progress, muted)
       SELECT ?1, ?2 + 2 * ?3 * i, 1, 'active', 1, 3, 3, 1, 0, 3, 1, 0, 0, 'OPEN', 0 FROM up`,
    )
    .bind(user, crowd.first, step)
    .run();
  return user;
}

/** Five messages in every conversation of both apps; `words` is an SQL expression over i, the message's place. */
export async function fillArchive(crowd: Crowd, words: string): Promise<void> {
  const id = `(${crowd.first} + i / 5) * 2097152 + i % 5 + 1`;
  const count = 10 * crowd.conversations;
  await d1.batch([
    d1.prepare(
      `${upTo(count)} INSERT INTO entry (id, author, at, kind, markup, text, extra)
       SELECT ${id}, 1, i, 0, 'plain', ${words}, '{}' FROM up`,
    ),
    d1.prepare(
      `${upTo(count)} INSERT INTO entry_fts (rowid, words, scope)
       SELECT ${id}, ${words}, 'a' || (SELECT app FROM conversation WHERE number = ${crowd.first} + i / 5) FROM up`,
    ),
  ]);
}
