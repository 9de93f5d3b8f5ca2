// A bridge inside its Endpoint object: what of a feed it is told, how its calls are made, what it lets in. How a message is said
// at its network is bridges/; what was sent is remembered in endpoint/links.ts.
import { carry, type Memory, type Remembered, type Step } from '../bridges/courier.ts';
import type { Call, Network } from '../bridges/network.ts';
import { NETWORK } from '../bridges/networks.ts';
import { wordsOf } from '../bridges/said.ts';
import { type Told, toldOf } from '../bridges/told.ts';
import { type Arriving, type Bridge, type Screened, sourcesOf } from '../domain/bridges.ts';
import type { Feed } from '../domain/hooks.ts';
import { MOST_HOPS } from '../domain/remote.ts';
import { Guard } from '../endpoint/guard.ts';
import { Bucket } from '../endpoint/health.ts';
import { GOING, GONE, hashOf, type Link, Links, MADE, PENDING, WHOLE, wordsHash } from '../endpoint/links.ts';
import type { NotNow, Outgoing } from '../endpoint/port.ts';
import type { Planned, Queue } from '../endpoint/queue.ts';
import { REWORDING_TABLES, Rewordings } from '../endpoint/rewordings.ts';
import type { Answer } from '../endpoint/schedule.ts';
import { bridgeTag } from '../hub/bridge-calls.ts';
import type { Hub } from '../hub/context.ts';
import { printOf } from '../text/framed.ts';
import { collapse } from './digest.ts';
import { eventId } from './formats/format.ts';
import type { Reply } from './send.ts';

const TYPE: Record<Told['kind'], string> = {
  message: 'message.created',
  edit: 'message.edited',
  delete: 'message.deleted',
  redact: 'member.erased',
  digest: 'message.digest',
  test: 'test',
};
const STATE: Record<number, Remembered['state']> = {
  [PENDING]: 'pending',
  [MADE]: 'made',
  [GOING]: 'going',
  [GONE]: 'gone',
};

/** A call waits for its turn in memory at most so long; then its delivery is put off. */
const SOON_MS = 2_000;
/** After a 429 that says nothing else. */
const REST_MS = 1_000;
/** No network is left alone for longer because it says so. */
const MOST_REST_MS = 3_600_000;
/** After these answers to something new nothing can be said there until somebody changes something. */
const HOPELESS = new Set([401, 403, 404, 410]);
const SHOWN_CHARS = 200;

/** Makes one call. Never throws; `reply` null: there was no answer. */
type Make = (call: Call) => Promise<{ answer: Answer; reply: Reply | null }>;

interface Under {
  answer: Answer | null;
  /** ms since 1970 at which it goes on. */
  later: number | null;
}

export class Bridging {
  readonly links: Links;
  readonly guard: Guard;
  private readonly rewordings: Rewordings;
  private readonly sql: SqlStorage;
  private readonly bucket = new Bucket();
  private restsUntil = 0;

  constructor(sql: SqlStorage) {
    this.sql = sql;
    this.links = new Links(sql);
    this.rewordings = new Rewordings(sql);
    this.guard = new Guard(sql, this.links, this.rewordings);
  }

  /** In the transaction that takes the feed: each message is known here before anybody can have it from there. */
  plan(bridge: Pick<Bridge, 'number' | 'incoming'>, { entries, end, ...about }: Feed): Planned[] {
    const own = sourcesOf(bridge);
    const planned = entries.flatMap((fed): Planned[] => {
      const { entry } = fed;
      if (entry.kind === 'merge') this.links.merge(entry.user, entry.into);
      if (entry.kind === 'redact') this.links.erase(entry.user);
      if (entry.kind === 'redact') this.rewordings.forget();
      const told = toldOf(fed);
      if (!told) return [];
      if (told.kind === 'message') {
        const { origin, seq, author } = told.words;
        // What was said there is not said there again (L1).
        if (origin && (own.includes(origin.account) || origin.hops >= MOST_HOPS)) return [];
        this.links.pend({
          ...{ seq, part: WHOLE, content: '', words: wordsOf(told.words), name: author.name },
          ...{ source: origin?.account ?? '', author: author.user, at: Date.now(), version: seq },
        });
      }
      const event = eventId(about, entry.seq, '');
      const { seq, author } = entry;
      return [{ event, type: TYPE[told.kind], author, seq, body: JSON.stringify(told), fed: null }];
    });
    if (end) this.links.forget();
    if (end) this.rewordings.forget();
    return planned;
  }

  screen(
    event: Arriving,
    bridge: Pick<Bridge, 'number' | 'incoming' | 'self' | 'conversation'>,
    { hub, ...rest }: { hub: Hub; active: boolean; stop(): void },
  ): Screened {
    return this.guard.screen(event, bridge, { ...rest, hub: bridgeTag(hub), now: Date.now() });
  }

  /** `queue`: what else waits. `digestMs`: how long it may before it is told in short; null: however long. */
  async send(
    hub: Hub,
    bridge: Bridge,
    outgoing: Outgoing,
    {
      queue,
      digestMs,
      make,
      signal,
    }: { queue: Queue; digestMs: number | null; make: Make; signal?: AbortSignal },
  ): Promise<Answer | NotNow> {
    const network = NETWORK[bridge.network];
    if (!network) return none(`nothing is known of ${bridge.network}`);
    let told = JSON.parse(outgoing.body) as Told;
    if (
      told.kind === 'message' &&
      digestMs !== null &&
      !outgoing.replay &&
      this.links.of(outgoing.seq).length === 0
    ) {
      const taken = collapse({ sql: this.sql, queue, links: this.links }, outgoing, {
        now: Date.now(),
        digestMs,
      });
      if (taken === null) return { at: null };
      told = taken ?? told;
    }
    const under: Under = { answer: null, later: null };
    const call = (asked: Call, making: boolean) =>
      this.step(hub, bridge, network, asked, { making, under, make, signal });
    const { event } = outgoing;
    const remoteOf = (seq: number) =>
      this.links.of(seq).find(({ remote }) => remote !== null)?.remote ?? null;
    const around = { hub, bridge, event, tag: bridgeTag(hub), remoteOf };
    try {
      const all = await carry(told, { ...around, network, memory: this.memory(told), call });
      if (all) return under.answer && isFine(under.answer) ? under.answer : { at: null };
    } catch (error) {
      console.error(JSON.stringify({ at: 'bridge', bridge: bridge.number, error: String(error) }));
      return none('it could not be said there');
    }
    if (under.later !== null) return { at: under.later };
    return under.answer ?? none('it could not be said there');
  }

  private async step(
    hub: Hub,
    bridge: Bridge,
    network: Network,
    call: Call,
    { making, under, make, signal }: { making: boolean; under: Under; make: Make; signal?: AbortSignal },
  ): Promise<Step> {
    const failed = (missing = false): Step => ({ ok: false, missing });
    if (!(await this.turn(bridge, network, under, signal))) return failed();
    const handed = network.transport?.(hub, bridge, call) ?? null;
    const { answer, reply } = handed ? await transported(handed) : await madeOf(call, make);
    // Whatever it was: whoever goes on after this looks at what is written down.
    if (signal?.aborted) return failed();
    under.answer = { ...answer, ms: answer.ms + (under.answer?.ms ?? 0) };
    if (!reply || answer.status === null) return failed();
    const heard = { status: answer.status, headers: reply.headers, body: reply.text };
    const now = Date.now();
    const rest = Math.min(MOST_REST_MS, Math.max(network.rest?.(heard, now) ?? 0, asked(answer, now)));
    if (rest > 0) this.restsUntil = now + rest;
    if (answer.status === 429) {
      under.later = now + (rest > 0 ? rest : REST_MS);
      this.restsUntil = under.later;
      this.guard.count({ limited: 1 });
      return failed();
    }
    const refused = isFine(answer) ? (network.refused?.(heard) ?? null) : null;
    if (refused !== null) under.answer = { ...under.answer, status: null, reason: refused };
    if (refused !== null) return failed();
    if (isFine(answer) || network.spares?.(call, heard)) return { ok: true, heard };
    if (making && HOPELESS.has(answer.status))
      under.answer.hopeless = `${bridge.network} answered ${answer.status} ${shown(reply.text)}`.trim();
    return failed(!making && (answer.status === 404 || answer.status === 410));
  }

  /** Waits for the network's pace. False: for longer than one waits. */
  private async turn(bridge: Bridge, network: Network, under: Under, signal?: AbortSignal): Promise<boolean> {
    for (;;) {
      const now = Date.now();
      const rest = Math.max(0, this.restsUntil - now);
      const wait = rest > 0 ? rest : this.bucket.take(bridge.options.perSecond ?? network.perSecond, now);
      if (wait === 0) return true;
      if (wait > SOON_MS || signal?.aborted) {
        under.later = now + wait;
        return false;
      }
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  private memory(told: Told): Memory {
    const { links, guard, rewordings } = this;
    const remembered = ({ state, ...link }: Link): Remembered => ({ ...link, state: STATE[state] ?? 'gone' });
    const words = told.kind === 'message' || told.kind === 'edit' ? told.words : null;
    return {
      of: (seq) => links.of(seq).map(remembered),
      says: (seq, part, content) => {
        const link = links.one(seq, part);
        return link?.state === MADE && link.content === hashOf(content);
      },
      pend: (part, about) =>
        links.pend({
          ...{ seq: about.seq, part: part.key, content: about.content, words: part.words, name: about.name },
          ...{ source: words?.origin?.account ?? '', author: words?.author.user ?? null },
          ...{ at: Date.now(), version: about.version, back: about.back },
        }),
      writes: (remote, said, back) => {
        const print = back === null ? '' : hashOf(printOf(back.whole));
        rewordings.writes(remote, { print, words: wordsHash(said) }, Date.now());
      },
      made: (seq, part, remote) => links.made(seq, part, remote),
      going: (seq, part) => links.moved(seq, part, GOING),
      gone: (seq, part) => links.moved(seq, part, GONE),
      done: (seq) => links.moved(seq, WHOLE, MADE),
      standing: (which, limit) => links.standing(which, limit).map(remembered),
      saidThere: (remote, said) => rewordings.saidThere(remote, said ?? ''),
      count: (what) => guard.count({ [what]: 1 }),
    };
  }

  static forget(sql: SqlStorage): void {
    const made = sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'").toArray();
    // Emptied, not dropped: a call may be under way.
    for (const table of ['link', 'copy', 'released', ...REWORDING_TABLES])
      if (made.some(({ name }) => name === table)) sql.exec(`DELETE FROM ${table}`);
  }
}

const isFine = ({ status }: Pick<Answer, 'status'>): boolean =>
  status !== null && status >= 200 && status < 300;

const none = (reason: string): Answer => ({
  ...{ status: null, reason, timedOut: false, retryAfter: null },
  ...{ ms: 0, excerpt: null, headers: {} },
});

/** ms that `Retry-After` asks for: seconds, with a fraction where the network has it so, or a date. */
function asked({ retryAfter }: Pick<Answer, 'retryAfter'>, now: number): number {
  const given = retryAfter?.trim() ?? '';
  if (/^\d{1,9}(\.\d{1,9})?$/.test(given)) return Math.ceil(Number(given) * 1000);
  const date = /[a-z]/i.test(given) ? Date.parse(given) : Number.NaN;
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}

const shown = (body: string): string => body.replace(/\s+/g, ' ').trim().slice(0, SHOWN_CHARS);

/** What is not there when it is looked up first. */
const MISSING = 404;

/** The call, and what is asked before it. */
async function madeOf(call: Call, make: Make): ReturnType<Make> {
  const { first, headers } = call;
  if (!first) return make(call);
  const looked = await make({ method: 'GET', url: first.url, headers, body: null });
  const { reply, answer } = looked;
  if (!reply || answer.status === null || answer.status === 429 || answer.status >= 500) return looked;
  const next = first.next({ status: answer.status, headers: reply.headers, body: reply.text });
  if (next) return make(next);
  return isFine(answer) ? { answer: { ...answer, status: MISSING }, reply } : looked;
}

async function transported(made: Promise<Response>): Promise<{ answer: Answer; reply: Reply | null }> {
  try {
    const response = await made;
    const { status, headers } = response;
    const text = await response.text();
    return { answer: { ...none(''), status, reason: null }, reply: { headers, text } };
  } catch (error) {
    return { answer: none(String(error)), reply: null };
  }
}
