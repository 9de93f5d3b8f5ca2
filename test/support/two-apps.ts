// Two apps on one hub, alike in everything but what belongs to whom: people, conversations, messages. And names that
// belong to nobody. For tests of what keeps apps and conversations apart.
import { createIds, type Ids } from '../../src/domain/ids.ts';
import { derivedKey } from '../../src/hub/context.ts';
import type { AppCredentials } from '../../src/standalone/demo.ts';
import { asApp, type Desk, makeDesk } from './desk.ts';
import type { MadeUser, Operator } from './operator.ts';
import { HUB_SECRET } from './prepared.ts';
import { formOf, forumCookie, png, sendForm } from './uploads.ts';

export interface Person extends MadeUser {
  readonly password: string;
  readonly email: string;
  readonly displayName: string;
}

/** A conversation and its one message, by number and as Sunshine writes them. */
export interface Talk {
  readonly number: number;
  readonly id: string;
  readonly message: { readonly number: number; readonly id: string };
}

export interface Place {
  readonly made: AppCredentials;
  readonly slug: string;
  readonly ann: Person;
  readonly ben: Person;
  readonly cat: Person;
  /** Three people without a conversation, for those that a test opens. */
  readonly dan: Person;
  readonly eve: Person;
  readonly fay: Person;
  /** Of the team: reads every support conversation of the app. */
  readonly agent: Person;
  /** A group of ann and ben. */
  readonly group: Talk;
  /** A group of ben and cat. */
  readonly others: Talk;
  /** ann's support conversation. */
  readonly support: Talk;
  /** A file that ben has uploaded and put into no message: its id in the forum. */
  readonly upload: string;
  readonly desk: Desk;
  /** An incoming hook, by number. */
  readonly hook: number;
  /** Links nothing that anybody answers at with `others`. */
  readonly bridge: number;
}

export interface TwoApps {
  readonly ids: Ids;
  /** Where the calls are made. */
  readonly here: Place;
  /** The other app, made after everything of `here`: all its numbers are higher. */
  readonly there: Place;
  /** The slug of an app that was deleted. */
  readonly goneSlug: string;
}

/** Numbers that nothing has, beyond all that a test makes. */
export const NOWHERE = {
  app: 900_000_001,
  user: 900_000_002,
  conversation: 900_000_003,
  key: 900_000_004,
  desk: 900_000_005,
};

type Hub = Operator & { url: string; adminToken: string };

export async function twoApps(hub: Hub): Promise<TwoApps> {
  const ids = createIds(derivedKey(HUB_SECRET, 'ids').slice(0, 16));
  const here = await makePlace(hub, ids, 'here');
  const there = await makePlace(hub, ids, 'there');
  const gone = await hub.createApp();
  await fetch(`${hub.url}/admin/apps/${gone.app.slug}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${hub.adminToken}` },
  });
  return { ids, here, there, goneSlug: gone.app.slug };
}

async function makePlace(hub: Hub, ids: Ids, mark: string): Promise<Place> {
  const made = await hub.createApp();
  const { slug } = made.app;
  const person = async (name: string, role?: string): Promise<Person> => {
    const known = {
      username: `${name}-${mark}`,
      password: `${name}'s password ${mark}`,
      email: `${name}@${mark}.example.org`,
      displayName: `${name} of ${mark}`,
    };
    const externalId = `external-${name}-${mark}`;
    return { ...known, ...(await hub.createUser(slug, { ...known, externalId, ...(role && { role }) })) };
  };
  const ann = await person('ann');
  const ben = await person('ben');
  const cat = await person('cat');
  const dan = await person('dan');
  const eve = await person('eve');
  const fay = await person('fay');
  const agent = await person('agent', 'agent');
  const group = await openTalk(made, ids, [ann, ben]);
  const others = await openTalk(made, ids, [ben, cat]);
  const support = await openTalk(made, ids, [ann], 'personal');
  const cookie = await forumCookie(made.tapatalk.url, ben);
  const { attachment_id: upload } = await sendForm(made.tapatalk.url, cookie, formOf(png(2, 1)));
  const desk = await makeDesk(made);
  const bridge = await hub.createBridge(slug, others.number);
  // Conversations hear of the webhooks with the next call: what is compared later begins behind it.
  for (const { id } of [group, others, support]) await asApp(made, 'GET', `conversations/${id}`);
  const hook = await makeHook(hub, slug);
  const people = { ann, ben, cat, dan, eve, fay, agent };
  return { made, slug, ...people, group, others, support, upload, desk, bridge, hook };
}

async function makeHook(hub: Hub, slug: string): Promise<number> {
  const answer = await fetch(`${hub.url}/admin/apps/${slug}/hooks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${hub.adminToken}` },
    body: JSON.stringify({ shape: 'parlance', open: {} }),
  });
  if (answer.status !== 201) throw new Error(`an incoming hook: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { hook: { number: number } }).hook.number;
}

/** A new conversation of these people, in which the first one has said something. */
export async function openTalk(
  made: AppCredentials,
  ids: Ids,
  people: readonly [Person, ...Person[]],
  type: 'sdkGroup' | 'personal' = 'sdkGroup',
): Promise<Talk> {
  const participants = people.map(({ sunshineId }) => ({ userId: sunshineId, subscribeSDKClient: true }));
  const { conversation } = await create(made, 'conversations', { type, displayName: 'Talk', participants });
  const { messages } = await create(made, `conversations/${conversation.id}/messages`, {
    author: { type: 'user', userId: people[0].sunshineId },
    content: { type: 'text', text: `${people[0].displayName} speaks` },
  });
  const number = ids.parseHex('conversation', conversation.id) as number;
  const id = messages[0].id as string;
  return { number, id: conversation.id, message: { number: ids.parseHex('message', id) as number, id } };
}

async function create({ sunshine }: AppCredentials, path: string, body: object) {
  const { basePath, appId, keyId, secret } = sunshine;
  const answer = await fetch(`${basePath}/v2/apps/${appId}/${path}`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${keyId}:${secret}`).toString('base64')}` },
    body: JSON.stringify(body),
  });
  if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
  // biome-ignore lint/suspicious/noExplicitAny: the answer's form is the subject of other tests.
  return (await answer.json()) as any;
}
