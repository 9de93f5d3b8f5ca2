// What lies in the object of a conversation that was deleted: that its number is taken, what the directory must hear, and what
// endpoints had not taken by then, until they have. Nothing else reads that; who hands it over is parting.ts.
import type { Feed } from '../domain/hooks.ts';
import type { EndpointNumber, Seq, UserNumber } from '../domain/ids.ts';
import type { Card } from '../domain/model.ts';
import type { Projection } from '../domain/projection.ts';
import { erasedCard } from '../domain/user.ts';
import type { Core } from './core.ts';
import { readMeta, writeMeta } from './meta.ts';
import { REDACTED } from './redacting.ts';
import { kindCode } from './rows.ts';

/** What is still to be told of a log that has ended. Its entries stay in the log's own table. */
export interface Rest {
  about: Omit<Feed, 'entries' | 'end'>;
  end: NonNullable<Feed['end']>;
  lines: RestLine[];
}

export interface RestLine {
  endpoint: EndpointNumber;
  /** Last seq that it took. */
  cursor: Seq;
  /** ms since 1970: what it has not taken by then it keeps no longer either. */
  until: number;
}

export interface Buried {
  burial: Projection;
  /** The directory has heard; said only while there is a rest. */
  heard?: boolean;
  rest: Rest | null;
}

/** Where the last word was kept before there was a rest: for endpoints that had everything but that. */
interface Farewell {
  endpoints: EndpointNumber[];
  feed: Feed & { end: Rest['end'] };
}
const DAY_MS = 86_400_000;
/** Nobody kept anything for longer. */
const MOST_DAYS = 30;

/** Null: it was not deleted. */
export function readBuried(sql: SqlStorage): Buried | null {
  const kept = readMeta<Buried | Projection>(sql, 'deleted');
  if (kept === null || 'burial' in kept) return kept;
  const farewell = readMeta<Farewell>(sql, 'farewell');
  return { burial: kept, rest: farewell && restOf(farewell) };
}

function restOf({ endpoints, feed: { entries: _, end, ...about } }: Farewell): Rest {
  const until = end.at + MOST_DAYS * DAY_MS;
  return { about, end, lines: endpoints.map((endpoint) => ({ endpoint, cursor: end.seq - 1, until })) };
}

/** What the directory must hear of a deletion. */
export const burialOf = (core: Core): Projection => ({
  app: core.log.facts.app,
  conversation: core.log.facts.number,
  nonce: core.log.birth.nonce,
  from: 0,
  entries: [],
  rewritten: [],
  cleared: core.log.blocks.map((block) => ({
    by: core.log.last.seq + 1,
    from: (block * 2 ** 21) as never,
    to: ((block + 1) * 2 ** 21 - 1) as never,
  })),
  members: [],
  summary: null,
  deleted: true,
});

/**
 * Everything goes but the birth, so that the number stays taken and a late call finds nothing; and but what endpoints have
 * not taken. `erased`: it goes because this person is erased. Then what is kept has no words, whoever said them.
 */
export function bury(core: Core, erased: UserNumber | null): void {
  const { sql } = core.storage;
  const burial = burialOf(core);
  const rest = core.hooks.rest();
  core.storage.transactionSync(() => {
    keepAfter(sql, rest);
    if (rest && erased !== null) {
      sql.exec('UPDATE entry SET print = NULL, body = ? WHERE kind = 0', REDACTED);
      forget(sql, rest, [erased]);
    }
    sql.exec("DELETE FROM meta WHERE key NOT IN ('birth', 'timers')");
    writeMeta(sql, 'deleted', { burial, rest } satisfies Buried);
  });
}

const firstOf = ({ lines, end }: Rest): Seq => Math.min(end.seq - 1, ...lines.map(({ cursor }) => cursor));

/** Of the log stays what somebody has still to be told, with the messages that it is about and the cards of whom it names. */
function keepAfter(sql: SqlStorage, rest: Rest | null): void {
  const after = rest && firstOf(rest);
  if (rest === null || after === null || after >= rest.end.seq - 1) {
    sql.exec('DELETE FROM entry');
    sql.exec('DELETE FROM member');
    return;
  }
  sql.exec(
    `DELETE FROM entry WHERE seq <= ?1 AND seq NOT IN (
       SELECT about FROM (
         SELECT coalesce(body ->> '$.target', body ->> '$.replyTo') AS about FROM entry
         WHERE seq > ?1 AND kind IN (${codes('message', 'edit', 'delete')}))
       WHERE about IS NOT NULL)`,
    after,
  );
  sql.exec(
    `DELETE FROM member WHERE user NOT IN (
       SELECT author FROM entry WHERE author IS NOT NULL
       UNION SELECT u.value FROM entry, json_each(entry.body, '$.users') u WHERE kind IN (${codes('join', 'leave')})
       UNION SELECT body ->> '$.assignee' FROM entry
         WHERE kind IN (${codes('assign')}) AND body ->> '$.assignee' IS NOT NULL
       UNION SELECT body ->> '$.into' FROM entry WHERE kind IN (${codes('merge')}))`,
  );
}

const codes = (...kinds: Parameters<typeof kindCode>[0][]): string => kinds.map(kindCode).join(', ');

/** Everybody of whom the rest says something. */
export function namedIn(sql: SqlStorage, { about }: Rest): UserNumber[] {
  const found = sql.exec<{ user: UserNumber }>(
    'SELECT user FROM member UNION SELECT author FROM entry WHERE author IS NOT NULL',
  );
  const named = new Set(Array.from(found, ({ user }) => user));
  if (about.customer) named.add(about.customer.user);
  return [...named];
}

/** Author and words of what these people said go, what happened to them, and who they were. Twice is once. */
export function forget(sql: SqlStorage, rest: Rest, users: readonly UserNumber[]): void {
  const list = JSON.stringify(users);
  sql.exec(
    `UPDATE entry SET author = NULL, print = NULL, body = ?1
     WHERE kind = 0 AND author IN (SELECT value FROM json_each(?2))`,
    REDACTED,
    list,
  );
  sql.exec(
    `UPDATE entry SET body = ?1 WHERE kind = 0 AND instr(body, '"about":[') > 0 AND EXISTS (
       SELECT 1 FROM json_each(body, '$.extras.about') WHERE value IN (SELECT value FROM json_each(?2)))`,
    REDACTED,
    list,
  );
  for (const user of users) {
    const card = cardIn(sql, user);
    if (card?.externalId)
      sql.exec('UPDATE member SET card = ? WHERE user = ?', JSON.stringify(erasedCard(card.role)), user);
  }
  const { customer } = rest.about;
  if (customer && users.includes(customer.user))
    rest.about = { ...rest.about, customer: { ...customer, card: erasedCard(customer.card.role) } };
}

export function cardIn(sql: SqlStorage, user: UserNumber): Card | undefined {
  const row = sql.exec<{ card: string }>('SELECT card FROM member WHERE user = ?', user).toArray()[0];
  return row && (JSON.parse(row.card) as Card);
}

/** Writes down how far it is, and lets go what nobody waits for any more. */
export function settle(sql: SqlStorage, buried: Buried): void {
  keepAfter(sql, buried.rest);
  writeMeta(sql, 'deleted', buried);
  sql.exec("DELETE FROM meta WHERE key = 'farewell'");
}
