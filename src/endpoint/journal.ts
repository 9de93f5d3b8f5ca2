// An endpoint's deliveries as people look at them: pages, one of them, figures (contracts/webhooks-bridges-widget.md W26).
import type { ConversationNumber } from '../domain/ids.ts';
import type {
  Attempt,
  Delivery,
  DeliveryCard,
  DeliveryFilter,
  DeliveryPage,
  DeliveryState,
  Which,
} from './api.ts';
import { DEAD, DELIVERED, type DeliveryRow, WAITING } from './queue.ts';
import { succeeded } from './schedule.ts';

const STATES: readonly DeliveryState[] = ['waiting', 'delivered', 'dead', 'discarded'];
/** Rows that one page looks at: a filter that fits nothing must not read the whole journal. */
const SCANNED = 5_000;
/** Rows that are looked at for one call that repeats or discards. */
const LOOKED_AT = 20_000;
/** The newest deliveries that figures are made of. */
const RECENT = 500;

type Row = DeliveryRow & Record<string, SqlStorageValue>;

export function cardOf(row: DeliveryRow): DeliveryCard {
  return {
    id: row.id,
    event: row.event,
    type: row.type,
    conversation: row.conversation as ConversationNumber | 0,
    seq: row.seq,
    state: STATES[row.state] as DeliveryState,
    reason: row.reason,
    attempts: row.attempts,
    status: row.status,
    takenAt: row.taken_at,
    endedAt: row.ended_at,
    dueAt: row.due,
  };
}

export const deliveryOf = (row: DeliveryRow, curl: string | null): Delivery => ({
  ...cardOf(row),
  body: row.body,
  log: JSON.parse(row.log) as Attempt[],
  curl,
});

/** The newest first, before `before`. Stable while others arrive: the cursor is an id. */
export function pageOf(
  sql: SqlStorage,
  filter: DeliveryFilter,
  before: number | null,
  limit: number,
): DeliveryPage {
  const top = before ?? highest(sql) + 1;
  const bottom = Math.max(1, top - SCANNED);
  const rows = select(sql, filter, 'id < ? AND id >= ?', [top, bottom], 'DESC', limit);
  const full = rows.length === limit;
  const next = full ? (rows.at(-1)?.id ?? bottom) : bottom;
  return { deliveries: rows.map(cardOf), before: exists(sql, next) ? next : null };
}

const exists = (sql: SqlStorage, before: number): boolean =>
  sql.exec('SELECT 1 FROM delivery WHERE id < ? LIMIT 1', before).toArray().length > 0;

const lowest = (sql: SqlStorage): number =>
  sql.exec<{ id: number | null }>('SELECT min(id) AS id FROM delivery').one().id ?? 1;

const highest = (sql: SqlStorage): number =>
  sql.exec<{ id: number | null }>('SELECT max(id) AS id FROM delivery').one().id ?? 0;

/** What waits of a conversation, the oldest first; not what is sent again. */
export const waitingOf = (sql: SqlStorage, conversation: number, limit: number): DeliveryRow[] =>
  sql
    .exec<Row>(
      'SELECT * FROM delivery WHERE state = 0 AND lane = 0 AND conversation = ? ORDER BY id LIMIT ?',
      conversation,
      limit,
    )
    .toArray();

/** The oldest first, at most `limit` of them, and what to go on after: null where that were all. */
export function chosen(
  sql: SqlStorage,
  which: Which,
  limit: number,
): { rows: DeliveryRow[]; next: number | null } {
  if ('ids' in which) {
    const ids = [...new Set(which.ids)].sort((a, b) => a - b).slice(0, limit);
    const rows = ids.flatMap((id) => sql.exec<Row>('SELECT * FROM delivery WHERE id = ?', id).toArray());
    return { rows, next: null };
  }
  const bottom = Math.max(which.after ?? 0, lowest(sql) - 1);
  const top = bottom + LOOKED_AT;
  const rows = select(sql, which.filter, 'id > ? AND id <= ?', [bottom, top], 'ASC', limit);
  const last = rows.length === limit ? (rows.at(-1)?.id ?? top) : top;
  return { rows, next: last < highest(sql) ? last : null };
}

function select(
  sql: SqlStorage,
  filter: DeliveryFilter,
  range: string,
  bounds: number[],
  direction: 'ASC' | 'DESC',
  limit: number,
): DeliveryRow[] {
  const conditions = [range];
  const values: (string | number)[] = [...bounds];
  const add = (condition: string, value: string | number | undefined) => {
    if (value === undefined) return;
    conditions.push(condition);
    values.push(value);
  };
  add('state = ?', filter.state && STATES.indexOf(filter.state));
  add('type = ?', filter.type);
  add('conversation = ?', filter.conversation);
  add('status = ?', filter.status);
  add('taken_at >= ?', filter.from);
  add('taken_at < ?', filter.to);
  return sql
    .exec<Row>(
      `SELECT * FROM delivery WHERE ${conditions.join(' AND ')} ORDER BY id ${direction} LIMIT ?`,
      ...values,
      limit,
    )
    .toArray();
}

/** What an event was made of that was too long to be sent; null: there is none, or it was erased. */
export function fedOf(sql: SqlStorage, event: string): string | null {
  const found = sql.exec<{ fed: string }>(
    'SELECT fed FROM delivery WHERE event = ? AND fed IS NOT NULL AND body IS NOT NULL LIMIT 1',
    event,
  );
  return found.toArray()[0]?.fed ?? null;
}

/** How many wait and are dead, and how the newest attempts went. */
export function figures(sql: SqlStorage) {
  const count = (state: number) =>
    sql.exec<{ n: number }>('SELECT count(*) AS n FROM delivery WHERE state = ?', state).one().n;
  const oldest = sql.exec<{ at: number | null }>(
    'SELECT min(taken_at) AS at FROM delivery WHERE state = ?',
    WAITING,
  );
  const last = sql.exec<{ at: number | null }>(
    'SELECT max(ended_at) AS at FROM delivery WHERE state = ?',
    DELIVERED,
  );
  const logs = sql
    .exec<{ log: string }>('SELECT log FROM delivery ORDER BY id DESC LIMIT ?', RECENT)
    .toArray()
    .flatMap(({ log }) => JSON.parse(log) as Attempt[]);
  const times = logs.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? null;
  return {
    waiting: count(WAITING),
    dead: count(DEAD),
    oldestWaiting: oldest.one().at,
    lastSuccess: last.one().at,
    recent: {
      attempts: logs.length,
      succeeded:
        logs.length === 0 ? null : logs.filter(({ status }) => succeeded(status)).length / logs.length,
      p50: at(0.5),
      p99: at(0.99),
    },
  };
}
