// Posting, editing and deleting messages.
import { refuseChange, refusePost } from '../domain/access.ts';
import { refuseSpeaking } from '../domain/control.ts';
import {
  forbidden,
  notFound,
  ok,
  type Refusal,
  Refused,
  type Result,
  refused,
  unavailable,
  unwrap,
} from '../domain/errors.ts';
import type { LogTime, Seq, UserNumber } from '../domain/ids.ts';
import {
  type Actor,
  type Card,
  type Draft,
  type Member,
  type Message,
  type Posted,
  type Rewording,
  SERVICE_ROLES,
} from '../domain/model.ts';
import { answerIn, markAnswered, reworded } from './answering.ts';
import { refuseBlocked } from './blocking.ts';
import { type Controlling, select } from './controlling.ts';
import { append, atomically, type Core, change, demand, publish, readerOf, reread } from './core.ts';
import { fingerprint } from './fingerprint.ts';
import { joinPeople } from './joining.ts';
import { emptied } from './log.ts';
import { type EntryRow, filesIn, freeing, isDeleted, kindCode } from './rows.ts';
import { BEING_FILLED } from './taking.ts';
import { messageAtTime, timeBefore, timeOfLast } from './times.ts';

const MESSAGE = kindCode('message');

/** One post. `author`: whose message it is when an app credential speaks for somebody; else the actor. */
export interface PostInput {
  actor: Actor;
  author: Author | null;
  draft: Draft;
  /** ms since 1970: too late from then on. */
  before?: number;
  /** The log time of the message that it answers: the draft's `replyTo` is found here. */
  replyAt?: LogTime;
  /** In an app with an enabled switchboard. */
  control?: Controlling;
}

/**
 * Whose message it is. Without a number or a card the directory was away: the conversation must then know the person
 * itself.
 */
export interface Author {
  user: UserNumber | null;
  externalId?: string;
  card: Card | null;
}

/** Commits posts in order, in one transaction; a refused one leaves no trace and does not hinder the others. */
export function commitPosts(core: Core, inputs: readonly PostInput[]): Result<Posted>[] {
  const rows: EntryRow[] = [];
  const results = atomically(core, () => inputs.map((input) => postOne(core, input, rows)));
  publish(core, rows);
  return results;
}

/** Everything that can refuse comes before the first write. */
export function postOne(
  core: Core,
  { actor, author: named, draft: given, before, replyAt, control }: PostInput,
  rows: EntryRow[],
): Result<Posted> {
  const { log, roster } = core;
  const author = named && asMerged(core, named);
  const answered = replyAt === undefined ? null : messageAtTime(log, replyAt);
  const draft = answered ? { ...given, replyTo: answered.seq } : given;
  const me = roster.get(actor.user);
  const known = author ? knownAuthor(core, author) : undefined;
  const user = author ? (author.user ?? known?.user ?? null) : actor.user;
  const refusal =
    refusePost(log.facts, actor, me) ??
    refuseBlocked(core, actor) ??
    (author ? refuseAuthor(author, known) : null) ??
    (replyAt !== undefined && !answered ? notFound('message') : refuseReply(core, draft)) ??
    refuseFull(core, control);
  if (refusal) return refused(refusal);

  const client = draft.clientId ? { id: draft.clientId, print: fingerprint(user, draft) } : undefined;
  if (client) {
    const first = log.byClientId(client.id);
    if (first) return repeated(core, first, client.print, answered);
    if (draft.origin && log.getMeta(foreclosed(client.id)) !== null) return refused(FORECLOSED);
  }
  if (log.taking) return refused(BEING_FILLED);
  if (answered && isDeleted(answered)) return refused(notFound('message'));
  const voiceless = control && refuseVoice(core, control, author?.card ?? known?.card ?? null);
  if (voiceless) return refused(voiceless);
  if (before !== undefined && core.now() >= before) return refused(unavailable('the post came too late'));
  const answer = answerIn(core, actor, draft);
  if (!answer.ok) return answer;
  if (log.facts.state === 'closed') {
    log.change({ state: 'open' });
    rows.push(append(core, { kind: 'update', author: user, body: { changes: { state: 'open' } } }));
  }
  if (control) select(core, control.switching, rows);
  if (actor.powers === 'team' && me?.standing !== 'active' && actor.user !== null && actor.card) {
    joinPeople(core, actor, [{ user: actor.user, card: actor.card }], rows);
  }
  if (user !== null) roster.meet(user, author?.card ?? actor.card);
  const { clientId: _, ...body } = answer.value?.draft ?? draft;
  const previous = timeOfLast(log);
  const row = append(core, { kind: 'message', author: user, body }, client);
  rows.push(row);
  if (user !== null) roster.spoke(user, row);
  if (answer.value) rows.push(markAnswered(core, actor, answer.value.form));
  return ok({ ...placeOf(core, row, false, previous), ...quoting(core, answered) });
}

function quoting({ log, roster }: Core, answered: EntryRow | null): Pick<Posted, 'quoted'> {
  if (!answered) return {};
  const card = roster.get(answered.author as UserNumber | null)?.card ?? null;
  return { quoted: { entry: log.messageEntry(answered), card } };
}

const placeOf = (core: Core, row: EntryRow, duplicate: boolean, before: LogTime): Posted => ({
  author: row.author === null ? null : { user: row.author, card: core.roster.get(row.author)?.card ?? null },
  seq: row.seq,
  id: core.log.idOf(row.seq),
  at: row.at,
  n: row.n,
  duplicate,
  before,
});

/** The same author and content again is the first message; anything else under its client id is a mistake. */
function repeated(core: Core, first: EntryRow, print: string, answered: EntryRow | null): Result<Posted> {
  if (first.print === print)
    return ok({ ...placeOf(core, first, true, timeBefore(core.log, first)), ...quoting(core, answered) });
  return refused({
    code: 'conflict',
    subject: 'message',
    message: 'Another message already has this client id.',
  });
}

function knownAuthor({ log, roster }: Core, { user, externalId }: Author): Member | undefined {
  if (user !== null) return roster.get(user);
  for (const member of roster.members.values())
    if (member.card.externalId === externalId && !log.merged.has(member.user)) return member;
  return undefined;
}

/** Who spoke for somebody may not have heard yet that they are another person now. */
function asMerged({ log, roster }: Core, author: Author): Author {
  const into = author.user === null ? undefined : log.merged.get(author.user);
  return into === undefined ? author : { user: into, card: roster.get(into)?.card ?? null };
}

function refuseAuthor(author: Author, known: Member | undefined): Refusal | null {
  const card = author.card ?? known?.card;
  if (!card) return unavailable('the directory is away, and the conversation does not know the author');
  if (SERVICE_ROLES.has(card.role) || card.role === 'ghost' || known?.standing === 'active') return null;
  return forbidden('The author is not a participant of this conversation.');
}

function refuseReply(core: Core, draft: Draft): Refusal | null {
  if (!draft.replyTo) return null;
  const target = core.log.row(draft.replyTo);
  return target?.kind === MESSAGE ? null : notFound('message');
}

/** An integration speaks for the business only where it has control; for people, whenever it may. */
const refuseVoice = (
  { log }: Core,
  { switching, by }: Controlling,
  card: Pick<Card, 'role'> | null,
): Refusal | null =>
  card && !SERVICE_ROLES.has(card.role) ? null : refuseSpeaking(log.facts, switching, by);

/** Three entries at most come of one post (who comes in answers no form), four with a switchboard; without numbers for them it must wait for the next block. */
const refuseFull = (core: Core, control?: Controlling): Refusal | null =>
  core.log.room >= (control ? 4 : 3)
    ? null
    : { code: 'unavailable', message: 'This conversation is growing. Please try again.', retryAfterMs: 1000 };

/** The message at `seq`, still there. */
function messageAt(core: Core, seq: Seq): { row: EntryRow; message: Omit<Message, 'clientId'> } {
  const row = core.log.row(seq);
  if (row?.kind !== MESSAGE) throw new Refused(notFound('message'));
  return { row, message: JSON.parse(row.body) as Omit<Message, 'clientId'> };
}

/** New words or custom data for a message: in its own row, with an entry that tells everybody. */
export function edit(core: Core, actor: Actor, seq: Seq, to: Rewording, control?: Controlling): Posted {
  const me = readerOf(core, actor);
  return change(core, (rows) => {
    const { row, message } = messageAt(core, seq);
    if (message.deleted) throw new Refused(notFound('message'));
    demand(
      refuseChange(core.log.facts, actor, me, row.author, 'edit') ??
        refusePost(core.log.facts, actor, me) ??
        refuseBlocked(core, actor) ??
        (control ? refuseVoice(core, control, core.roster.get(row.author)?.card ?? null) : null),
    );
    const { metadata = message.metadata, door } = to;
    const words = unwrap(reworded(message, to));
    const { version, said } = to.origin ?? {};
    if (version !== undefined && version <= (message.origin?.version ?? Number.NEGATIVE_INFINITY))
      return placeOf(core, row, true, 0);
    const origin = message.origin && {
      ...message.origin,
      ...(version !== undefined && { version }),
      ...(said && { said }),
    };
    const { payload = message.payload, attachments = message.attachments, ...rest } = words ?? message;
    const mark = words && !to.unmarked && { editedAt: core.now(), editedThrough: door };
    const written = {
      ...message,
      ...rest,
      payload,
      attachments,
      metadata,
      ...(origin && { origin }),
      ...mark,
    };
    rewrite(core, seq, written);
    const entry = append(core, { kind: 'edit', author: actor.user, body: { target: seq } });
    rows.push(entry);
    return placeOf(core, entry, false, 0);
  });
}

/** Takes a message's words away; its place, its number and its client id stay taken. Deleting twice is once. */
export function remove(core: Core, actor: Actor, seq: Seq, control?: Controlling): void {
  const me = readerOf(core, actor);
  change(core, (rows) => {
    const { row, message } = messageAt(core, seq);
    demand(
      refuseChange(core.log.facts, actor, me, row.author, 'delete') ??
        (control ? refuseVoice(core, control, core.roster.get(row.author)?.card ?? null) : null),
    );
    if (message.deleted) return;
    rewrite(core, seq, emptied(message));
    core.log.markGone(row.n, row.n);
    const body = { target: seq, ...freeing(filesIn(row)) };
    rows.push(append(core, { kind: 'delete', author: actor.user, body }));
  });
}

const foreclosed = (clientId: string): string => `foreclosed ${clientId}`;

const FORECLOSED: Refusal = {
  code: 'conflict',
  subject: 'message',
  message: 'This message was deleted before it came.',
};

/**
 * A message from another network was deleted there, and the news of that came before the message itself: it will not be
 * taken any more. Does nothing where it is there. App credentials only.
 */
export function foreclose(core: Core, actor: Actor, clientId: string): void {
  readerOf(core, actor);
  demand(actor.powers === 'app' ? null : forbidden('Only the app can do this.'));
  if (core.log.byClientId(clientId)) return;
  core.log.setMeta(foreclosed(clientId), core.now());
}

/** Takes the words of every message so far: one entry says so. */
export function removeAll(core: Core, actor: Actor, control?: Controlling): void {
  const { log } = core;
  readerOf(core, actor);
  if (actor.powers !== 'app') throw new Refused(forbidden('Only the app can delete all messages.'));
  // The business's are among them.
  demand(control ? refuseVoice(core, control, null) : null);
  change(core, (rows) => {
    const through = log.lastMessage.seq;
    if (through === 0) return;
    const body = JSON.stringify(emptied({ door: 'operator', type: 'text', text: '', markup: 'plain' }));
    const files = log.filesWhere('seq <= ?', through);
    log.sql.exec('UPDATE entry SET body = ? WHERE kind = 0 AND seq <= ? AND body <> ?', body, through, body);
    log.markGone(1, log.last.n);
    reread(core);
    const deletion = { target: through, through: true, ...freeing(files) };
    rows.push(append(core, { kind: 'delete', author: actor.user, body: deletion }));
  });
}

function rewrite(core: Core, seq: Seq, message: Omit<Message, 'clientId'>): void {
  core.log.rewrite(seq, message);
  reread(core);
}
