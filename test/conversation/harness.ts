// Conversations as the hub makes them, inside workerd, with real D1 and real objects: for the tests of the core.
// What a test measures or breaks is in meter.ts and faults.ts beside this file.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, vi } from 'vitest';
import type { ConversationApi, Mark } from '../../src/conversation/api.ts';
import type { Core, Person } from '../../src/conversation/core.ts';
import type { LeaveMode } from '../../src/conversation/membership.ts';
import type { MessagePage, SeqWindow } from '../../src/conversation/reading.ts';
import type { EntryRow, MemberRow } from '../../src/conversation/rows.ts';
import { allotConversation, type Claims } from '../../src/directory/conversations.ts';
import { insertUser } from '../../src/directory/people.ts';
import { type Result, unwrap } from '../../src/domain/errors.ts';
import { NO_HOOKS } from '../../src/domain/hooks.ts';
import type { AppNumber, ConversationNumber, Seq, UserNumber } from '../../src/domain/ids.ts';
import type { Actor, Birth, ConversationView, Draft, Posted, Role } from '../../src/domain/model.ts';
import { cardOf } from '../../src/domain/user.ts';
import type { Env } from '../../src/env.ts';

export const bindings = env as unknown as Env;
export const d1 = bindings.DB;

/** Long enough for any flush here, so that a read after a call sees what the call wrote. */
const WAIT_MS = 10_000;
/** For what must merely happen, on a machine that is busy with other things. */
const PATIENCE_MS = 30_000;

type Stub = DurableObjectStub & ConversationApi;

/** A Conversation from inside, where a test looks at memory or puts something in its way. */
export interface Inside {
  core: Core | null;
  env: Env;
  now(): number;
  ctx: DurableObjectState;
}

let names = 0;
/** A name that nobody else in this file has. */
export const fresh = (prefix: string): string => `${prefix}${++names}`;

export async function makeApp(settings: object = {}): Promise<AppNumber> {
  const row = await d1
    .prepare(
      "INSERT INTO app (slug, name, settings, origins, created_at) VALUES (?1, ?1, ?2, '[]', 1) RETURNING number",
    )
    .bind(fresh('app'), JSON.stringify(settings))
    .first<{ number: AppNumber }>();
  return row?.number as AppNumber;
}

export async function makePerson(app: AppNumber, role: Role = 'member'): Promise<Person> {
  const name = fresh('person');
  const user = await insertUser(
    d1,
    app,
    {
      externalId: `x-${name}`,
      email: null,
      username: name,
      name: name.toUpperCase(),
      avatar: null,
      locale: null,
      role,
      metadata: {},
      profile: {},
      password: null,
    },
    1,
  );
  return { user: user.number, card: cardOf(user) };
}

export const makePeople = (app: AppNumber, count: number): Promise<Person[]> =>
  Promise.all(Array.from({ length: count }, () => makePerson(app)));

export const draft = (text: string, more: Partial<Draft> = {}): Draft => ({
  door: 'tapatalk',
  text,
  markup: 'plain',
  type: 'text',
  ...more,
});

export const actorOf = (
  app: AppNumber,
  person: Person | null,
  powers: Actor['powers'] = person ? 'member' : 'app',
): Actor => ({
  app,
  user: person?.user ?? null,
  card: person?.card ?? null,
  powers,
  shelves: 1,
  hooks: NO_HOOKS,
});

export interface Opening {
  people?: Person[];
  /** Who opens it; absent: the first of the people. */
  by?: Actor;
  kind?: Birth['kind'];
  public?: boolean;
  claims?: Claims;
  first?: Draft | null;
}

/** One conversation and the calls that the hub makes of it; refusals are thrown. */
export class Room {
  readonly app: AppNumber;
  readonly birth: Birth;
  readonly opener: Actor;

  constructor(app: AppNumber, birth: Birth, opener: Actor) {
    this.app = app;
    this.birth = birth;
    this.opener = opener;
  }

  get number(): ConversationNumber {
    return this.birth.number;
  }

  /** A new stub each time: one whose object was aborted stays broken. */
  get stub(): Stub {
    return bindings.CONVERSATION.getByName(String(this.number)) as unknown as Stub;
  }

  as(person: Person | null, powers?: Actor['powers']): Actor {
    return actorOf(this.app, person, powers);
  }

  async open(people: Person[], first: Draft | null = null, waitMs = WAIT_MS) {
    return unwrap(await this.stub.open({ actor: this.opener, birth: this.birth, people, first, waitMs }));
  }

  tryPost(by: Person | null, text: string | Draft, waitMs = WAIT_MS): Promise<Result<Posted>> {
    const said = typeof text === 'string' ? draft(text) : text;
    return this.stub.post(this.as(by), said, { author: null, waitMs });
  }

  async post(by: Person | null, text: string | Draft, waitMs = WAIT_MS): Promise<Posted> {
    return unwrap(await this.tryPost(by, text, waitMs));
  }

  async edit(by: Person | null, seq: Seq, text: string, waitMs = WAIT_MS): Promise<Posted> {
    return unwrap(await this.stub.edit(this.as(by), seq, { words: { text, markup: 'plain' } }, { waitMs }));
  }

  async remove(by: Person | null, seq: Seq | 'all', waitMs = WAIT_MS): Promise<void> {
    unwrap(await this.stub.remove(this.as(by), seq, { waitMs }));
  }

  async join(by: Person | null, people: Person[], reason: Draft | null = null): Promise<ConversationView> {
    return unwrap(await this.stub.join(this.as(by), people, reason, { waitMs: WAIT_MS }));
  }

  async leave(by: Person | null, person: Person, mode: LeaveMode = 'leave'): Promise<void> {
    unwrap(await this.stub.leave(this.as(by), person.user, mode, { waitMs: WAIT_MS }));
  }

  async update(changes: object, by: Person | null = null): Promise<ConversationView> {
    return unwrap(await this.stub.update(this.as(by), changes, { waitMs: WAIT_MS }));
  }

  async mark(by: Person | null, mark: Mark, waitMs = WAIT_MS): Promise<void> {
    unwrap(await this.stub.mark(this.as(by), mark, { waitMs }));
  }

  async read(by: Person, upTo: Seq | null = null): Promise<void> {
    await this.mark(by, { kind: 'read', upTo, user: null });
  }

  async view(by: Person | null): Promise<ConversationView> {
    return unwrap(await this.stub.view(this.as(by)));
  }

  async unread(by: Person): Promise<number> {
    return (await this.view(by)).unread;
  }

  async pageByOrdinal(by: Person | null, from: number, to: number, markRead = false): Promise<MessagePage> {
    return unwrap(await this.stub.pageByOrdinal(this.as(by), from, to, { markRead, waitMs: WAIT_MS }));
  }

  async pageBySeq(by: Person | null, window: SeqWindow): Promise<MessagePage> {
    return unwrap(await this.stub.pageBySeq(this.as(by), window));
  }

  /** Out of memory, as the platform does it to a conversation that rests; one that is not there stays so. */
  async evict(): Promise<void> {
    await evictDurableObject(this.stub).catch((error: unknown) => {
      if (!String(error).includes('not currently running')) throw error;
    });
  }

  /**
   * From now on, until it leaves memory, no alarm that this object sets rings by itself, however long a busy machine takes
   * for the rest of the test: each is set an hour later, and `alarm` rings it.
   */
  async byHand(): Promise<void> {
    await this.inside((_, { storage }) => {
      const setAlarm = storage.setAlarm.bind(storage);
      storage.setAlarm = (at) => setAlarm(Number(at) + 3_600_000);
    });
  }

  /** Rings the alarm, if one is set, when it is due or `lateMs` after that; says whether there was one. */
  async alarm(lateMs = 0): Promise<boolean> {
    await this.inside(async (object, { storage }) => {
      const due = await storage.getAlarm();
      if (due !== null) object.now = () => Math.max(Date.now(), due + lateMs);
    });
    const rang = await runDurableObjectAlarm(this.stub);
    await this.inside((object) => {
      Reflect.deleteProperty(object, 'now');
    });
    return rang;
  }

  inside<T>(work: (object: Inside, state: DurableObjectState) => T | Promise<T>): Promise<T> {
    return runInDurableObject(this.stub, (instance, state) => work(instance as unknown as Inside, state));
  }

  /** Waits until the directory has everything; false when it does not take it. */
  indexed(): Promise<boolean> {
    return this.inside(async ({ core }) => (await core?.index.wait(WAIT_MS)) ?? false);
  }

  /** The same however often it has to try: rings its alarm in between, which also the platform may be ringing just now. */
  async caughtUp(): Promise<void> {
    await expect.poll(async () => (await this.indexed()) || ((await this.alarm()) && false)).toBe(true);
  }

  /** Posts, again where the conversation says that it is growing: its next block of numbers is on its way. */
  async insist(by: Person | null, text: string | Draft): Promise<Posted> {
    for (const end = Date.now() + PATIENCE_MS; ; ) {
      const posted = await this.tryPost(by, text);
      if (posted.ok) return posted.value;
      expect(posted.refusal).toMatchObject({ code: 'unavailable', retryAfterMs: 1_000 });
      if (Date.now() > end) throw new Error('no block came');
    }
  }

  /** The log as it lies on disk, in order. */
  rows(): Promise<EntryRow[]> {
    return this.inside((_, { storage }) => all<EntryRow>(storage, 'SELECT * FROM entry ORDER BY seq'));
  }

  memberRow(person: Person): Promise<MemberRow | undefined> {
    return this.inside(
      (_, { storage }) => all<MemberRow>(storage, 'SELECT * FROM member WHERE user = ?', person.user)[0],
    );
  }
}

/**
 * Work on an object that was just told to let go of its memory: a call that meets that moment was never begun, and is made
 * again, as the hub does it.
 */
export const again = <T>(work: () => Promise<T>): Promise<T> => vi.waitFor(work, { timeout: PATIENCE_MS });

/** The rows of a statement in an object's storage. */
export const all = <T>(storage: DurableObjectStorage, statement: string, ...values: SqlStorageValue[]): T[] =>
  storage.sql.exec(statement, ...values).toArray() as T[];

/** A conversation that has its number, but whose object was never called. */
export async function allot(app: AppNumber, opening: Opening = {}): Promise<Room> {
  const opener = opening.by ?? actorOf(app, opening.people?.[0] ?? null);
  const { birth } = await allotConversation(
    d1,
    {
      app,
      nonce: crypto.randomUUID(),
      kind: opening.kind ?? 'group',
      creator: opener.user,
      door: 'tapatalk',
      createdAt: Date.now(),
      public: opening.public ?? false,
    },
    opening.claims ?? {},
  );
  return new Room(app, birth, opener);
}

/** A conversation with its people in it. */
export async function openRoom(app: AppNumber, opening: Opening = {}): Promise<Room> {
  const room = await allot(app, opening);
  await room.open(opening.people ?? [], opening.first ?? null);
  return room;
}

/** An app, people in it, and a group of all of them. */
export async function group(count = 2, opening: Opening = {}): Promise<{ room: Room; people: Person[] }> {
  const app = await makeApp();
  const people = await makePeople(app, count);
  return { room: await openRoom(app, { ...opening, people }), people };
}

/** What the directory holds of a conversation's log, by seq. */
export async function archived(room: Room): Promise<{ id: number; kind: number; text: string | null }[]> {
  const from = room.number * 2 ** 21;
  const found = await d1
    .prepare('SELECT id, kind, text FROM entry WHERE id BETWEEN ?1 AND ?2 ORDER BY id')
    .bind(from, from + 2 ** 21 - 1)
    .all<{ id: number; kind: number; text: string | null }>();
  return found.results;
}

/** The conversation's row in the directory. */
export const summary = (room: Room) =>
  d1
    .prepare('SELECT * FROM conversation WHERE number = ?1')
    .bind(room.number)
    .first<Record<string, string | number | null>>() as Promise<Record<string, string | number | null>>;

export const position = (room: Room, user: UserNumber) =>
  d1
    .prepare('SELECT * FROM membership WHERE conversation = ?1 AND user = ?2')
    .bind(room.number, user)
    .first<Record<string, string | number | null>>();
