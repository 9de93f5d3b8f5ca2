// Conversations of Sunshine Conversations v2, driven by the vendor's own client. Answers are compared whole, with ids
// and times masked. What clients send that the document does not say is sunshine-wire.test.ts; people and
// messages have files of their own.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operatorOf } from '../support/operator.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { type Client, clientOf, masked, type Outcome, refusal } from './sunshine-client.ts';

let server: TestHub;
let client: Client;
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

const say = (conversation: string, text: string) =>
  call('postMessage', conversation, { author: { type: 'business' }, content: { type: 'text', text } });

beforeAll(async () => {
  server = await startTestHub({ env: { LIMITS: 'on' } });
  const { sunshine } = await operatorOf(server.url, server.adminToken).createApp('ours');
  client = clientOf(sunshine);
  app = sunshine.appId;
});
afterAll(() => server?.stop());

describe('conversations', () => {
  let carol: string;
  beforeAll(async () => {
    carol = await makeUser('carol');
  });

  test('the first personal one of a user is their default', async () => {
    const body = {
      type: 'personal',
      participants: [{ userExternalId: 'ext-carol', subscribeSDKClient: true }],
    };
    const [first, second] = [await call('createConversation', body), await call('createConversation', body)];
    names.default = first.body.conversation.id;
    names.second = second.body.conversation.id;
    const conversation = { type: 'personal', lastUpdatedAt: 'time', createdAt: 'time' };
    expect(shown(first)).toEqual(ok({ conversation: { ...conversation, id: 'default', isDefault: true } }));
    expect(shown(second)).toEqual(ok({ conversation: { ...conversation, id: 'second', isDefault: false } }));
    expect(first.body.conversation.lastUpdatedAt).toBe(first.body.conversation.createdAt);
  });

  test('a group may begin with nobody, and keeps every field', async () => {
    const fields = {
      displayName: 'Team',
      description: 'All of us',
      iconUrl: 'https://a.example/i.png',
      metadata: { a: 1, b: true, c: 'ü' },
    };
    const created = await call('createConversation', { type: 'sdkGroup', ...fields });
    names.team = created.body.conversation.id;
    const team = {
      id: 'team',
      type: 'sdkGroup',
      isDefault: false,
      ...fields,
      lastUpdatedAt: 'time',
      createdAt: 'time',
    };
    expect(shown(created)).toEqual(ok({ conversation: team }));
    expect(shown(await call('getConversation', names.team))).toEqual(ok({ conversation: team }));
  });

  test('an update changes what it names, and a null unsets', async () => {
    const changed = await call('updateConversation', names.team, {
      displayName: 'New',
      description: null,
      metadata: { d: 4 },
    });
    const team = {
      id: 'team',
      type: 'sdkGroup',
      isDefault: false,
      displayName: 'New',
      iconUrl: 'https://a.example/i.png',
      metadata: { d: 4 },
      lastUpdatedAt: 'time',
      createdAt: 'time',
    };
    expect(shown(changed)).toEqual(ok({ conversation: team }));
    expect(shown(await call('updateConversation', names.team, {}))).toEqual(ok({ conversation: team }));
    expect(await call('updateConversation', names.team, { displayName: '' })).toEqual(
      refusal(400, 'bad_request', 'displayName should NOT be shorter than 1 characters'),
    );
  });

  test('the default one cannot be deleted, any other can', async () => {
    expect(await call('deleteConversation', names.default)).toEqual(
      refusal(
        400,
        'bad_request',
        `Conversation ${names.default} cannot be deleted because it is the default.`,
      ),
    );
    expect(await call('deleteConversation', names.team)).toEqual(ok('{}'));
    expect(await call('getConversation', names.team)).toEqual(
      refusal(404, 'conversation_not_found', 'Conversation not found'),
    );
  });

  test('refuse what is wrong with them', async () => {
    const missing = refusal(404, 'conversation_not_found', 'Conversation not found');
    for (const id of [MISSING, names.team, names.carol, 'x']) {
      expect(await call('getConversation', id)).toEqual(missing);
      expect(await call('updateConversation', id, {})).toEqual(missing);
      expect(await call('deleteConversation', id)).toEqual(missing);
    }
    const create = (participants: unknown[], type = 'sdkGroup') =>
      call('createConversation', { type, participants });
    expect(await create([{ userId: MISSING }])).toEqual(refusal(404, 'user_not_found', 'User not found'));
    expect(await create([{ userExternalId: 'nobody' }], 'personal')).toEqual(
      refusal(404, 'user_not_found', 'User not found'),
    );
    expect(await create([], 'personal')).toEqual(
      refusal(400, 'bad_request', 'participants should NOT have fewer than 1 items'),
    );
    expect(await create(Array(11).fill({ userId: carol }))).toEqual(
      refusal(400, 'bad_request', 'participants should NOT have more than 10 items'),
    );
    expect(await call('createConversation', {})).toEqual(
      refusal(400, 'bad_request', "should have required property 'type'"),
    );
  });

  test('of a user are listed by number, the newest first, page by page in both directions', async () => {
    const dave = await makeUser('dave');
    const made: string[] = [];
    for (let i = 0; i < 27; i++) made.unshift(await makeConversation(`list${i}`, 'sdkGroup', dave, carol));
    const list = async (page?: object) => {
      const { body } = await call('listConversations', { userId: dave }, { page });
      return { ids: body.conversations.map((each: { id: string }) => each.id), ...body.meta };
    };
    const first = await list();
    expect(first).toEqual({ ids: made.slice(0, 25), hasMore: true, afterCursor: made[24] });
    // Nothing that is said moves a conversation to another page.
    await say(made[26] as string, 'up!');
    expect(await list({ after: first.afterCursor })).toEqual({
      ids: made.slice(25),
      hasMore: false,
      beforeCursor: made[25],
    });
    expect(await list({ before: made[25] })).toEqual({
      ids: made.slice(0, 25),
      hasMore: false,
      afterCursor: made[24],
    });
    expect(await list({ size: 3 })).toEqual({ ids: made.slice(0, 3), hasMore: true, afterCursor: made[2] });
  });

  test('lists show each as a whole, and refuse bad queries', async () => {
    expect(
      shown(
        await call('listConversations', { userExternalId: 'ext-carol' }, { page: { after: names.list0 } }),
      ),
    ).toEqual(
      ok({
        conversations: [
          { id: 'second', type: 'personal', isDefault: false, lastUpdatedAt: 'time', createdAt: 'time' },
          { id: 'default', type: 'personal', isDefault: true, lastUpdatedAt: 'time', createdAt: 'time' },
        ],
        meta: { hasMore: false, beforeCursor: 'second' },
        links: { prev: expect.stringMatching(/^http:.*page%5Bbefore%5D=second$/) },
      }),
    );
    const bad = refusal(400, 'bad_request', 'Invalid page query parameters');
    expect(await call('listConversations', { userId: carol }, { page: { after: 'x' } })).toEqual(bad);
    expect(await call('listConversations', { userId: carol }, { page: { before: names.carol } })).toEqual(
      bad,
    );
    expect(await call('listConversations', { userId: carol }, { page: { size: 101 } })).toEqual(bad);
    expect(await call('listConversations', { nothing: 1 })).toEqual(
      refusal(400, 'bad_request', 'Invalid query parameters'),
    );
    expect(await call('listConversations', { userId: MISSING })).toEqual(
      refusal(404, 'user_not_found', 'User not found'),
    );
  });
});
