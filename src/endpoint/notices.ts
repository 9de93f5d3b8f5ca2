// What whoever runs an endpoint should know of it: kept to be looked at, written to the log, and told to the app's endpoints
// that ask (contracts/webhooks-bridges-widget.md W11, W12). When there is something to say is sender.ts.
import type { NoticeKind } from '../domain/hook-options.ts';
import type { JsonObject } from '../domain/model.ts';
import type { Notice, NoticePage } from './api.ts';
import type { SenderPort } from './port.ts';

/** Kept of one endpoint; it says few things, and seldom. */
const MOST = 500;
/** What may hold for each of many deliveries is said once in so long. */
export const RARELY_MS = 3_600_000;
const RARE: ReadonlySet<NoticeKind> = new Set<NoticeKind>(['exhausted', 'slow', 'dropped', 'blocked']);
/** Told in one go; the rest with the next. */
const TOLD_AT_ONCE = 20;

type Row = { id: number; at: number; what: string; more: string };

const noticeOf = ({ id, at, what, more }: Row): Notice => ({
  ...{ id, at, what: what as NoticeKind },
  more: JSON.parse(more) as JsonObject,
});

export class Notices {
  private readonly sql: SqlStorage;
  private readonly port: Pick<SenderPort<never>, 'warn' | 'tell' | 'now'>;
  private telling: Promise<void> | null = null;
  /** Something may not be told yet; after a wake nobody knows. */
  pending = true;

  constructor(sql: SqlStorage, port: Notices['port']) {
    this.sql = sql;
    this.port = port;
  }

  /** A row or two; nothing where it was said a short while ago. */
  say(what: NoticeKind, more: JsonObject): void {
    const now = this.port.now();
    if (this.restsUntil(what) > now) return;
    this.port.warn(what, more);
    this.sql.exec('INSERT INTO notice (at, what, more) VALUES (?, ?, ?)', now, what, JSON.stringify(more));
    this.sql.exec('DELETE FROM notice WHERE id <= (SELECT max(id) FROM notice) - ?', MOST);
    this.pending = true;
  }

  /** ms since 1970 at which it may be said again. */
  restsUntil(what: NoticeKind): number {
    if (!RARE.has(what)) return 0;
    const found = this.sql.exec<{ at: number | null }>(
      'SELECT max(at) AS at FROM notice WHERE what = ?',
      what,
    );
    return (found.one().at ?? -RARELY_MS) + RARELY_MS;
  }

  /** Whether it was said of this delivery since then (ms since 1970). */
  told(what: NoticeKind, delivery: number, since: number): boolean {
    const said = this.sql.exec(
      "SELECT 1 FROM notice WHERE what = ? AND at >= ? AND more ->> 'delivery' = ? LIMIT 1",
      what,
      since,
      delivery,
    );
    return said.toArray().length > 0;
  }

  /** Tells what nobody has heard, in order. Throws where that cannot be now: nothing is lost. */
  async tell(): Promise<void> {
    this.telling ??= this.tellAll().finally(() => {
      this.telling = null;
    });
    await this.telling;
  }

  private async tellAll(): Promise<void> {
    while (this.pending) {
      const untold = this.sql
        .exec<Row>('SELECT id, at, what, more FROM notice WHERE told = 0 ORDER BY id LIMIT ?', TOLD_AT_ONCE)
        .toArray();
      if (untold.length === 0) {
        this.pending = false;
        return;
      }
      for (const row of untold) {
        await this.port.tell(noticeOf(row));
        this.sql.exec('UPDATE notice SET told = 1 WHERE id = ?', row.id);
      }
    }
  }

  /** The newest first, before `before`. */
  page(before: number | null, limit: number): NoticePage {
    const rows = this.sql
      .exec<Row>(
        'SELECT id, at, what, more FROM notice WHERE id < ? ORDER BY id DESC LIMIT ?',
        before ?? Number.MAX_SAFE_INTEGER,
        limit + 1,
      )
      .toArray();
    const shown = rows.slice(0, limit);
    return { notices: shown.map(noticeOf), before: rows.length > limit ? (shown.at(-1)?.id ?? null) : null };
  }

  forgetBefore(at: number): void {
    this.sql.exec('DELETE FROM notice WHERE at < ?', at);
  }
}
