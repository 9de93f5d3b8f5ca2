// What a bridge lets in (contracts/webhooks-bridges-widget.md 2.3): not the echo of what it sent, not somebody else's copy of
// it, and nothing once messages run in circles. What it sent is links.ts; sending is the courier's.
import {
  type Arriving,
  BREAKER_MESSAGES,
  BREAKER_MS,
  type Bridge,
  COPY_MS,
  MOST_REPEATS,
  REPEAT_MS,
  readings,
  readMarker,
  type Screened,
  sameWords,
  sourcesOf,
  withoutNetwork,
} from '../domain/bridges.ts';
import { notFound, Refused } from '../domain/errors.ts';
import type { MessageNumber, Seq } from '../domain/ids.ts';
import { read } from '../text/convert.ts';
import { printOf } from '../text/framed.ts';
import { textOf } from '../text/tree.ts';
import { backOf, bare, GOING, GONE, hashOf, type Link, type Links, MADE, PENDING, WHOLE } from './links.ts';
import { Rewordings } from './rewordings.ts';
import { readMeta, writeMeta } from './schema.ts';

/** Shorter words are said by two people at once every day: they are a copy only under the same name, or by a program. */
const TELLING_CHARS = 12;
/** Copies that are kept for the operator; the oldest go. */
const KEPT_COPIES = 200;

const TABLES = `
  CREATE TABLE IF NOT EXISTS copy (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, source TEXT NOT NULL, event TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS released (copy INTEGER PRIMARY KEY, at INTEGER NOT NULL, message INTEGER NOT NULL) STRICT;
`;
/** The number of the last copy that was forgotten: an operator who looked before means no other one by it. */
const LAST = 'last copy';

/** A message that was not let in. `event`: JSON, as it arrived. */
export interface Copy {
  id: number;
  /** ms since 1970. */
  at: number;
  source: string;
  event: string;
  /** When it was let in after all, ms since 1970, and the message that it is now; null: it was not. */
  releasedAt: number | null;
  message: MessageNumber | null;
}

/** What a bridge has done since it was made. */
export const COUNTS = [
  'sent',
  'edited',
  'removed',
  'digests',
  'limited',
  'ours',
  'copies',
  'paused',
  'entered',
] as const;
export type Counts = Record<(typeof COUNTS)[number], number>;
const NONE = Object.fromEntries(COUNTS.map((name) => [name, 0])) as Counts;

/** Something that was let in. */
interface Crossing {
  at: number;
  source: string;
  /** Hashes: who said it, under which name, and what. */
  author: string;
  name: string;
  words: string;
}

const CROSSINGS = 'crossings';
/** Of these so many are remembered. */
const KEPT_CROSSINGS = 64;

const TURNED = { ours: 'ours', copy: 'copies', paused: 'paused' } as const;

/** A message of this conversation. `said`: what it says there now, without what the bridge puts around it; null: as it came. */
interface Target {
  seq: Seq | null;
  said: string | null;
}
const NOTHING: Target = { seq: null, said: null };

export class Guard {
  private readonly sql: SqlStorage;
  private readonly links: Links;
  private readonly rewordings: Rewordings;

  constructor(sql: SqlStorage, links: Links, rewordings = new Rewordings(sql)) {
    this.sql = sql;
    this.links = links;
    this.rewordings = rewordings;
    sql.exec(TABLES);
  }

  get counts(): Counts {
    return { ...NONE, ...readMeta<Partial<Counts>>(this.sql, 'counts') };
  }

  /** One row written. */
  count(more: Partial<Counts>): void {
    const counts = this.counts;
    for (const name of COUNTS) counts[name] += more[name] ?? 0;
    writeMeta(this.sql, 'counts', counts);
  }

  /** `hub`: its name in markers. `active`: false while it is paused. `stop`: pauses it. */
  screen(
    event: Arriving,
    bridge: Pick<Bridge, 'number' | 'incoming' | 'self' | 'conversation'>,
    { hub, active, now, stop }: { hub: string; active: boolean; now: number; stop(): void },
  ): Screened {
    const own = sourcesOf(bridge).includes(event.source);
    const released = event.released === true;
    const turned = own && !active ? 'paused' : this.refuse(event, bridge, { hub, own, now });
    if (turned && !released) return this.turn(turned);
    const target = own ? this.targetOf(event, bridge, now) : NOTHING;
    if (target === null) return this.turn('ours');
    // What it is a copy of may come once more: that is kept out by this one, as by any other.
    if (this.circles(event, now) && !released && (own || bridge.incoming === null)) {
      stop();
      return this.turn('paused');
    }
    if (own) this.count({ entered: 1 });
    const parent = own && event.parent !== null ? (this.links.byRemote(event.parent)?.seq ?? null) : null;
    return { pass: true, target: target.seq, parent, ...(target.said !== null && { said: target.said }) };
  }

  private turn(reason: keyof typeof TURNED): Screened {
    this.count({ [TURNED[reason]]: 1 });
    return { pass: false, reason };
  }

  private refuse(
    event: Arriving,
    bridge: Pick<Bridge, 'self' | 'conversation'>,
    { hub, own, now }: { hub: string; own: boolean; now: number },
  ): 'ours' | 'copy' | null {
    if (event.kind === 'delete') return null;
    const known = isSelf(event, bridge);
    const link = own && event.remote !== null ? this.links.byRemote(event.remote) : null;
    // Who changed it is not said everywhere: what it says now tells (targetOf).
    if (link && (event.kind === 'edit' || event.again)) return null;
    if (own && known) {
      // Its answer may be lost: then this says what it is called there.
      const under = this.links
        .saying(readings(event.words).map(hashOf), now)
        .find((link) => link.part !== WHOLE && this.isEcho(link));
      if (under && event.remote !== null) this.links.adopt(under.seq, under.part, event.remote);
      return 'ours';
    }
    if (event.kind === 'edit') return null;
    if (link) return 'ours';
    if (event.marker !== null && readMarker(hub, event.marker)?.conversation === bridge.conversation)
      return 'ours';
    if (this.repeats(event, now)) return 'copy';
    const names = [event.author.name, withoutNetwork(event.author.name)].map(sameWords);
    const telling = isTelling(event);
    for (const sent of this.links.saying(readings(event.words).map(hashOf), now)) {
      // Somebody says once more what they said before.
      if (sent.source === event.source) continue;
      const named = names.includes(sameWords(sent.name));
      // Where it is known who we are there, we have been looked at already: this is somebody else.
      if (own && bridge.self.length === 0 && this.isEcho(sent) && (named || event.author.bot)) {
        if (sent.part !== WHOLE && event.remote !== null) this.links.adopt(sent.seq, sent.part, event.remote);
        return 'ours';
      }
      if (named || telling) return 'copy';
    }
    return null;
  }

  /** Somebody else has just said the same in its place, or it has been said too often. */
  private repeats(event: Arriving, now: number): boolean {
    const { author, name, words } = crossingOf(event, now);
    const same = words === '' ? [] : this.crossings(now).filter((one) => one.words === words);
    const others = same.filter((one) => one.author !== author && now - one.at < COPY_MS);
    return same.length >= MOST_REPEATS || others.some((one) => one.name === name || isTelling(event));
  }

  private crossings(now: number): Crossing[] {
    return (readMeta<Crossing[]>(this.sql, CROSSINGS) ?? []).filter(({ at }) => now - at < REPEAT_MS);
  }

  /** What has no id there yet, or gets none, may be what has just come back. */
  private isEcho({ state, remote }: Link): boolean {
    return remote === null && (state === PENDING || state === MADE);
  }

  /** The message here that an edit or a deletion there is about; null: the news of it is our own doing. */
  private targetOf(event: Arriving, bridge: Pick<Bridge, 'self'>, now: number): Target | null {
    const { remote } = event;
    const link = remote === null ? null : this.links.byRemote(remote);
    if (remote === null || (event.kind === 'message' && !(event.again && link))) return NOTHING;
    if (event.kind === 'delete') {
      if (!link) this.rewordings.heard(remote, '', now);
      if (!link) return NOTHING;
      if (link.state === GOING || link.state === GONE) return null;
      this.links.moved(link.seq, link.part, GONE);
      return this.links.isOneOfSeveral(link) ? null : { seq: link.seq, said: null };
    }
    // One part of several says nothing of the whole.
    if (link && (link.state === GOING || link.state === GONE || this.links.isOneOfSeveral(link))) return null;
    const given = readings(event.words).map(hashOf);
    const words = given.find((hash) => hash === link?.words) ?? (given[0] as string);
    const print = event.text === undefined ? '' : hashOf(printOf(event.text));
    const sent = link && { print: backOf(link)?.print ?? '', words: link.words };
    if (!this.rewordings.isTheirs(remote, { print, words }, sent, event.version ?? null, now)) return null;
    const inside = link && event.text !== undefined ? bare(event.text, link, isSelf(event, bridge)) : null;
    const said = inside === event.text ? null : inside;
    this.rewordings.heard(remote, said === null ? event.words : textOf(read(said, 'markdown')), now);
    if (link) this.links.reworded(link.seq, link.part, event.words, print);
    return { seq: link?.seq ?? null, said };
  }

  /** L6: too much crosses in too short a time, and what comes from one side is followed by what comes from another. */
  private circles(event: Arriving, now: number): boolean {
    const kept = [...this.crossings(now), crossingOf(event, now)].slice(-KEPT_CROSSINGS);
    writeMeta(this.sql, CROSSINGS, kept);
    const all = kept.filter(({ at }) => now - at < BREAKER_MS).slice(-BREAKER_MESSAGES - 1);
    const turns = all.filter(({ source: from }, i) => i > 0 && from !== all[i - 1]?.source).length;
    return all.length > BREAKER_MESSAGES && turns * 2 >= BREAKER_MESSAGES;
  }

  /** Switched on again: what went in circles before does not count, whether or not any of it is in memory. */
  static reset(sql: SqlStorage): void {
    sql.exec('DELETE FROM meta WHERE key = ?', CROSSINGS);
  }

  keep(source: string, event: string, now: number): void {
    const id = Math.max(this.newest(), readMeta<number>(this.sql, LAST) ?? 0) + 1;
    this.sql.exec('INSERT INTO copy (id, at, source, event) VALUES (?1, ?2, ?3, ?4)', id, now, source, event);
    this.sql.exec('DELETE FROM copy WHERE id <= ?1', id - KEPT_COPIES);
    this.sql.exec('DELETE FROM released WHERE copy <= ?1', id - KEPT_COPIES);
  }

  private newest(): number {
    return this.sql.exec<{ id: number | null }>('SELECT max(id) AS id FROM copy').one().id ?? 0;
  }

  /** The newest first; or the one of this number, if it is there. */
  copies(id: number | null = null): Copy[] {
    return this.sql
      .exec<Copy & Record<string, SqlStorageValue>>(
        `SELECT copy.id, copy.at, source, event, released.at AS releasedAt, message
           FROM copy LEFT JOIN released ON released.copy = copy.id WHERE ?1 IS NULL OR copy.id = ?1 ORDER BY copy.id DESC`,
        id,
      )
      .toArray();
  }

  /** See BridgeApi. */
  copy(id: number, message: MessageNumber | null, now: number): Copy {
    if (message !== null)
      this.sql.exec(
        'INSERT OR IGNORE INTO released (copy, at, message) SELECT id, ?2, ?3 FROM copy WHERE id = ?1',
        id,
        now,
        message,
      );
    const [found] = this.copies(id);
    if (!found) throw new Refused(notFound('message', 'Copy not found'));
    return found;
  }

  forget(): void {
    const newest = this.newest();
    if (newest > 0) writeMeta(this.sql, LAST, newest);
    this.sql.exec('DELETE FROM copy');
    this.sql.exec('DELETE FROM released');
  }
}

const isSelf = ({ author: { id, handle } }: Arriving, { self }: Pick<Bridge, 'self'>): boolean =>
  self.includes(id) || (handle !== undefined && self.includes(handle));

/** Whether two people would hardly say the same at once. */
const isTelling = ({ author, words }: Arriving): boolean =>
  author.bot || sameWords(words).length >= TELLING_CHARS;

const crossingOf = ({ source, author, kind, words }: Arriving, now: number): Crossing => ({
  ...{ at: now, source, author: hashOf(author.id), name: hashOf(sameWords(author.name)) },
  words: kind === 'message' ? hashOf(readings(words).at(-1) ?? '') : '',
});
