// Users, participants and activities of Sunshine Conversations v2, driven by the vendor's own client; answers are compared whole.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operatorOf } from '../support/operator.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import {
  basic,
  type Client,
  type Credentials,
  clientOf,
  masked,
  type Outcome,
  refusal,
} from './sunshine-client.ts';

let server: TestHub;
let client: Client;
let credentials: Credentials;
let app: string;
/** Ids by the name that a masked answer shows. */
const names: Record<string, string> = {};

const ok = (body: unknown): Outcome => ({ status: 'ok', body });
const shown = (outcome: Outcome): Outcome => ({ ...outcome, body: masked(outcome.body, names) });
const call = (operation: string, ...args: unknown[]) => client.call(operation, app, ...args);
const MISSING = '029c31f25a21b47effd7be90';

async function makeUser(name: string): Promise<string> {
  const { body } = await call('createUser', { externalId: `ext-${name}`, profile: { givenName: name } });
  names[name] = body.user.id;
  return body.user.id;
}

async function makeConversation(name: string, type: string, ...people: string[]): Promise<string> {
  const participants = people.map((userId) => ({ userId, subscribeSDKClient: false }));
  const { body } = await call('createConversation', { type, participants });
  names[name] = body.conversation.id;
  return body.conversation.id;
}

beforeAll(async () => {
  server = await startTestHub({ env: { LIMITS: 'on' } });
  const { sunshine } = await operatorOf(server.url, server.adminToken).createApp('ours');
  credentials = sunshine;
  client = clientOf(sunshine);
  app = sunshine.appId;
});
afterAll(() => server?.stop());

describe('users', () => {
  const profile = {
    givenName: 'Jané',
    surname: 'Doe',
    email: 'jane@example.com',
    avatarUrl: 'https://a.example/j.png',
    locale: 'fr-CA',
  };
  const jane = {
    id: 'jane',
    externalId: 'your/own id',
    signedUpAt: 'time',
    profile,
    metadata: { vip: true, score: 1.5, note: 'ü' },
    identities: [],
  };

  test('are created, and found by id and by externalId', async () => {
    const created = await call('createUser', {
      externalId: 'your/own id',
      signedUpAt: '2025-02-03T19:10:08.152Z',
      profile,
      metadata: jane.metadata,
    });
    names.jane = created.body.user.id;
    expect(created.body.user.signedUpAt).toBe('2025-02-03T19:10:08.152Z');
    expect(shown(created)).toEqual(ok({ user: jane }));
    expect(shown(await call('getUser', names.jane))).toEqual(ok({ user: jane }));
    expect(shown(await call('getUser', 'your/own id'))).toEqual(ok({ user: jane }));
  });

  test('are unique by externalId', async () => {
    expect(await call('createUser', { externalId: 'your/own id' })).toEqual(
      refusal(409, 'conflict', 'User already exists'),
    );
  });

  test('are found as soon as they are made, also by whoever looked before', async () => {
    expect((await call('getUser', 'get-or-create')).status).toBe(404);
    expect((await call('createUser', { externalId: 'get-or-create' })).status).toBe('ok');
    expect((await call('getUser', 'get-or-create')).status).toBe('ok');
  });

  test('may share an email', async () => {
    const created = await call('createUser', {
      externalId: 'janes-other-account',
      profile: { email: 'jane@example.com' },
    });
    expect(created.body.user.profile).toEqual({ email: 'jane@example.com' });
  });

  test('are updated by merging; a null takes away', async () => {
    const changes = { profile: { surname: null, locale: 'en' }, metadata: { vip: null, score: 2 } };
    const merged = {
      ...jane,
      profile: { ...profile, surname: undefined, locale: 'en' },
      metadata: { score: 2, note: 'ü' },
    };
    expect(shown(await call('updateUser', names.jane, changes))).toEqual(ok({ user: merged }));
    expect(shown(await call('updateUser', 'your/own id', {}))).toEqual(ok({ user: merged }));
    expect(shown(await call('getUser', names.jane))).toEqual(ok({ user: merged }));
    const cleared = { ...merged, metadata: {} };
    expect(shown(await call('updateUser', names.jane, { metadata: null }))).toEqual(ok({ user: cleared }));
  });

  test('keep every part that is changed, also when all are changed at once', async () => {
    await call('createUser', { externalId: 'crowded' });
    const keys = Array.from({ length: 8 }, (_, i) => `key${i}`);
    const changes = [
      ...keys.map((key) => ({ metadata: { [key]: true } })),
      { profile: { givenName: 'Jo' } },
      { profile: { surname: 'Lee' } },
    ];
    const done = await Promise.all(changes.map((change) => call('updateUser', 'crowded', change)));
    expect(done.map(({ status }) => status)).toEqual(changes.map(() => 'ok'));
    const { user } = (await call('getUser', 'crowded')).body;
    expect(Object.keys(user.metadata).sort()).toEqual(keys);
    expect(user.profile).toEqual({ givenName: 'Jo', surname: 'Lee' });
  });

  test('of a brand are found by what a call says of it, and not as somebody of another', async () => {
    await call('createUser', { externalId: 'branded', brandId: '947', profile: { email: 'b@example.com' } });
    await call('createUser', { externalId: 'unbranded', profile: { email: 'b@example.com' } });
    const ask = async (path: string): Promise<Outcome> => {
      const headers = { authorization: basic(credentials) };
      const reply = await fetch(`${server.url}/v2/apps/${app}/users${path}`, { headers });
      return { status: reply.status, body: await reply.json() };
    };
    const missing = refusal(404, 'user_not_found', 'User not found');
    expect((await ask('/branded?brandId=947')).body.user.brandId).toBe('947');
    expect((await ask('/branded')).body.user.brandId).toBe('947');
    for (const path of ['/branded?brandId=94', '/unbranded?brandId=947', '/branded/clients?brandId=94'])
      expect([path, await ask(path)]).toEqual([path, missing]);
    const listed = async (more: string): Promise<string[]> =>
      (await ask(`?filter[identities.email]=B@example.com${more}`)).body.users.map(
        (user: { externalId: string }) => user.externalId,
      );
    expect(await listed('')).toEqual(['unbranded', 'branded']);
    expect(await listed('&brandId=947')).toEqual(['branded']);
    expect(await listed('&brandId=94')).toEqual([]);
    const group = await makeConversation('brands', 'sdkGroup');
    await call('joinConversation', group, { userExternalId: 'branded' });
    const author = { type: 'user', userExternalId: 'branded', brandId: '94' };
    const message = { author, content: { type: 'text', text: 'x' } };
    expect(await call('postMessage', group, message)).toEqual(missing);
    const said = { ...message, author: { ...author, brandId: '947' } };
    expect(await call('postMessage', group, said)).toMatchObject({ status: 'ok' });
  });

  test('refuse what is wrong with them', async () => {
    const missing = refusal(404, 'user_not_found', 'User not found');
    for (const id of [MISSING, 'nobody', 'your%2Fown id']) {
      expect(await call('getUser', id)).toEqual(missing);
      expect(await call('updateUser', id, {})).toEqual(missing);
    }
    expect(await call('createUser', { profile: { email: 'x' }, metadata: { a: [1] } })).toEqual(
      refusal(
        400,
        'bad_request',
        "should have required property 'externalId'",
        'profile.email should match format "email"',
        'metadata.a should be string,number,boolean',
      ),
    );
    const [half, other] = ['a', 'b'].map((key) => ({ metadata: { [key]: 'x'.repeat(3000) } }));
    expect((await call('updateUser', names.jane, half)).status).toBe('ok');
    expect(await call('updateUser', names.jane, other)).toEqual(
      refusal(400, 'bad_request', 'User metadata is limited to 4096 bytes in size.'),
    );
  });
});

describe('participants', () => {
  const participant = (name: string, more = {}) => ({
    id: 'id',
    userId: name,
    userExternalId: `ext-${name}`,
    unreadCount: 0,
    clientAssociations: [],
    ...more,
  });

  test('join and leave a group, by any of their ids', async () => {
    const [erin, frank] = [await makeUser('erin'), await makeUser('frank')];
    const group = await makeConversation('group', 'sdkGroup', erin);
    const joined = await call('joinConversation', group, {
      userExternalId: 'ext-frank',
      subscribeSDKClient: false,
    });
    expect(shown(joined)).toEqual(ok({ participant: participant('frank') }));
    expect(await call('joinConversation', group, { userId: frank })).toEqual(joined);
    const listed = await call('listParticipants', group);
    expect(shown(listed)).toEqual(
      ok({ participants: [participant('erin'), participant('frank')], meta: { hasMore: false }, links: {} }),
    );
    expect(listed.body.participants[1]).toEqual(joined.body.participant);

    const stranger = refusal(404, 'not_found', 'User is not a member of the conversation');
    expect(await call('leaveConversation', group, { participantId: joined.body.participant.id })).toEqual(
      ok('{}'),
    );
    expect(await call('leaveConversation', group, { participantId: joined.body.participant.id })).toEqual(
      stranger,
    );
    expect(await call('leaveConversation', group, { userId: erin })).toEqual(ok('{}'));
    expect(await call('leaveConversation', group, { userExternalId: 'ext-erin' })).toEqual(stranger);
    expect((await call('listParticipants', group)).body.participants).toEqual([]);
  });

  test('are listed page by page', async () => {
    const people = await Promise.all(Array.from({ length: 5 }, (_, i) => makeUser(`p${i}`)));
    const group = await makeConversation('paged', 'sdkGroup', ...people);
    const all = (await call('listParticipants', group)).body.participants.map(
      (each: { id: string }) => each.id,
    );
    const list = async (page: object) => {
      const { body } = await call('listParticipants', group, { page });
      return { ids: body.participants.map((each: { id: string }) => each.id), ...body.meta };
    };
    expect(all).toHaveLength(5);
    expect(await list({ size: 2 })).toEqual({ ids: all.slice(0, 2), hasMore: true, afterCursor: all[1] });
    expect(await list({ after: all[1] })).toEqual({
      ids: all.slice(2),
      hasMore: false,
      beforeCursor: all[2],
    });
    expect(await list({ before: all[2] })).toEqual({
      ids: all.slice(0, 2),
      hasMore: false,
      afterCursor: all[1],
    });
    expect(await call('listParticipants', group, { page: { after: MISSING } })).toEqual(
      refusal(400, 'bad_request', 'Invalid page query parameters'),
    );
  });

  test('of a personal conversation are fixed', async () => {
    const grace = await makeUser('grace');
    const personal = await makeConversation('personal', 'personal', grace);
    const fixed = refusal(400, 'bad_request', 'Participants of a personal conversation cannot be changed');
    expect(await call('joinConversation', personal, { userId: names.erin })).toEqual(fixed);
    expect(await call('leaveConversation', personal, { userId: grace })).toEqual(fixed);
    expect(shown(await call('listParticipants', personal)).body.participants).toEqual([participant('grace')]);
  });

  test('refuse what is wrong with them', async () => {
    const missing = refusal(404, 'conversation_not_found', 'Conversation not found');
    expect(await call('joinConversation', MISSING, { userId: names.erin })).toEqual(missing);
    expect(await call('leaveConversation', MISSING, { userId: names.erin })).toEqual(missing);
    expect(await call('listParticipants', MISSING)).toEqual(missing);
    expect(await call('joinConversation', names.group, { userId: MISSING })).toEqual(
      refusal(404, 'user_not_found', 'User not found'),
    );
    expect(await call('leaveConversation', names.group, { userExternalId: 'nobody' })).toEqual(
      refusal(404, 'user_not_found', 'User not found'),
    );
    expect(await call('joinConversation', names.group, {})).toEqual(
      refusal(400, 'bad_request', 'should match exactly one schema in oneOf'),
    );
  });
});

describe('activities', () => {
  let alice: string;
  let bob: string;
  let user: object;
  const business = { type: 'business' };
  beforeAll(async () => {
    [alice, bob] = [await makeUser('alice'), await makeUser('bob')];
    user = { type: 'user', userId: alice };
  });

  test('reading sets the reader’s mark, and an agent’s reading that of the business', async () => {
    const operator = operatorOf(server.url, server.adminToken);
    const { sunshineId: agent } = await operator.createUser('ours', { username: 'nina', role: 'agent' });
    const conversation = await makeConversation('read', 'sdkGroup', alice, bob, agent);
    const say = (author: object, text: string) =>
      call('postMessage', conversation, { author, content: { type: 'text', text } });
    await say(user, 'one');
    await say(business, 'two');
    const marks = async () => {
      const { participants } = (await call('listParticipants', conversation)).body;
      type Mark = { unreadCount: number; lastRead?: string };
      return masked(participants).map(({ unreadCount, lastRead }: Mark) => [unreadCount, lastRead]);
    };
    const read = (author: object) =>
      call('postActivity', conversation, { author, type: 'conversation:read' });
    const businessLastRead = async () =>
      masked((await call('getConversation', conversation)).body).conversation.businessLastRead;
    // Whoever writes has read what was said before.
    expect(await marks()).toEqual([1, 2, 2].map((unread) => [unread, undefined]));
    expect(await read({ type: 'user', userId: bob })).toEqual(ok('{}'));
    expect(await marks()).toEqual([
      [1, undefined],
      [0, 'time'],
      [2, undefined],
    ]);
    expect(await businessLastRead()).toBeUndefined();
    expect(await read({ type: 'user', userId: agent })).toEqual(ok('{}'));
    expect(await businessLastRead()).toBe('time');
    expect(await read(business)).toEqual(ok('{}'));
  });

  test('the business types, people do not', async () => {
    const personal = await makeConversation('typing', 'personal', alice);
    for (const type of ['typing:start', 'typing:stop']) {
      expect(await call('postActivity', personal, { author: business, type })).toEqual(ok('{}'));
      expect(await call('postActivity', personal, { author: user, type })).toEqual(
        refusal(400, 'bad_request', "Only 'conversation:read' is supported for authors of type 'user'"),
      );
    }
  });
});
