// A call of every operation of the Sunshine door, filled in so that it works: what tests then spoil in one place.
import type * as v from 'valibot';
import { appUpdateBody } from '../../../src/dialects/sunshine/apps.ts';
import { attachmentDeleteBody } from '../../../src/dialects/sunshine/attachments.ts';
import { clientCreateBody } from '../../../src/dialects/sunshine/clients.ts';
import { messageBody } from '../../../src/dialects/sunshine/messages.ts';
import { messageUpdateBody } from '../../../src/dialects/sunshine/one-message.ts';
import { downloadMessageRefBody } from '../../../src/dialects/sunshine/references.ts';
import { ROUTES } from '../../../src/dialects/sunshine/routes.ts';
import * as schemas from '../../../src/dialects/sunshine/schemas.ts';
import type { Person, Place, Talk } from '../../support/two-apps.ts';
import { forumCookie, png } from '../../support/uploads.ts';
import { basic } from '../sunshine-client.ts';
import { type Answer, answerOf, type Json } from './answer.ts';
import { DESK_OPERATIONS } from './sunshine-desk.ts';

/** A call before it is sent: parameters of the path, of the query, and the body (absent: none). */
export interface Call {
  params: Record<string, string>;
  query: Record<string, string>;
  body?: Json;
}

/** What a call that works is about. */
export interface About {
  place: Place;
  talk: Talk;
  /** In the talk, and author of its message. */
  member: Person;
  /** In the app, not in the talk. */
  guest: Person;
  /** A file of the member that is in no message, where a call is about one: its id in the forum. */
  upload?: string;
  /** The member's id in Zendesk Support, where a call is about one. */
  zendeskId?: string;
  /** A device of the member, where a call is about one. */
  deviceId?: string;
  /** The address of a file that the app has uploaded, where a call is about one. */
  mediaUrl?: string;
  /** An export of the app, where a call is about one. */
  exportId?: string;
}

export interface Operation {
  /** Status of success; 400: in these tests there is nobody outside whom the call needs. */
  success: 200 | 201 | 400;
  /** What the body is checked with, and one that works. */
  body?: { schema: v.GenericSchema; of(about: About): Json };
  /** A form in the place of a body. */
  form?(): FormData;
  /** Parameters of the query that name something, and a query that works. */
  query?: { names: readonly string[]; of(about: About): Record<string, string> };
}

const userId = ({ sunshineId }: Person) => ({ userId: sunshineId });
let newcomers = 0;

export type Operations = Record<string, Operation>;

const OPERATIONS: Operations = {
  ...DESK_OPERATIONS,
  createConversation: {
    success: 201,
    body: {
      schema: schemas.conversationCreateBody,
      of: ({ guest }) => ({
        type: 'sdkGroup',
        displayName: 'Another talk',
        description: 'About this and that',
        iconUrl: 'https://example.org/icon.png',
        metadata: { kind: 'test' },
        participants: [{ ...userId(guest), subscribeSDKClient: true }],
      }),
    },
  },
  listConversations: {
    success: 200,
    query: {
      names: ['filter[userId]', 'filter[userExternalId]', 'page[after]', 'page[before]'],
      of: ({ member }) => ({ 'filter[userId]': member.sunshineId, 'page[size]': '10' }),
    },
  },
  getConversation: { success: 200 },
  updateConversation: {
    success: 200,
    body: {
      schema: schemas.conversationUpdateBody,
      of: () => ({ displayName: 'Renamed', description: null, metadata: { changed: true } }),
    },
  },
  deleteConversation: { success: 200 },
  postMessage: {
    success: 201,
    body: {
      schema: messageBody,
      of: ({ member, talk }) => ({
        author: { type: 'user', ...userId(member), displayName: 'Somebody' },
        content: { type: 'text', text: 'As I said', payload: 'again' },
        metadata: { mood: 'fine' },
        quotedMessage: { type: 'message', message: { id: talk.message.id } },
      }),
    },
  },
  listMessages: { success: 200, query: { names: ['page[after]', 'page[before]'], of: () => ({}) } },
  deleteAllMessages: { success: 200 },
  deleteMessage: { success: 200 },
  getMessage: { success: 200 },
  getMessageText: { success: 200 },
  searchMessages: {
    success: 200,
    query: {
      names: ['filter[userId]', 'filter[userExternalId]', 'filter[conversationId]'],
      of: ({ member }) => ({ q: 'speaks', 'filter[userId]': member.sunshineId, 'page[size]': '10' }),
    },
  },
  updateMessage: {
    success: 200,
    body: {
      schema: messageUpdateBody,
      of: () => ({ content: { type: 'text', text: 'Said better' }, metadata: { mood: 'better' } }),
    },
  },
  joinConversation: {
    success: 201,
    body: {
      schema: schemas.participantBody,
      of: ({ guest }) => ({ ...userId(guest), subscribeSDKClient: true }),
    },
  },
  leaveConversation: {
    success: 200,
    body: { schema: schemas.leaveBody, of: ({ member }) => userId(member) },
  },
  listParticipants: { success: 200, query: { names: ['page[after]', 'page[before]'], of: () => ({}) } },
  postActivity: {
    success: 200,
    body: {
      schema: schemas.activityBody,
      of: ({ member }) => ({ author: { type: 'user', ...userId(member) }, type: 'conversation:read' }),
    },
  },
  downloadMessageRef: {
    success: 400,
    body: {
      schema: downloadMessageRefBody,
      of: ({ member }) => ({
        ...userId(member),
        apple: {
          interactiveDataRef: {
            url: 'https://10.0.0.1/data',
            bid: 'com.example:0:extension',
            key: `00${'ab'.repeat(32)}`,
            signature: '81a619',
            owner: 'M58C.C01USN00',
          },
        },
      }),
    },
  },
  createUser: {
    success: 201,
    body: {
      schema: schemas.userCreateBody,
      of: () => ({
        externalId: `newcomer-${++newcomers}`,
        signedUpAt: '2026-01-02T03:04:05.000Z',
        toBeRetained: true,
        profile: { givenName: 'New', surname: 'Comer', email: 'new@example.org', locale: 'en' },
        metadata: { source: 'test' },
      }),
    },
  },
  syncUser: {
    success: 200,
    body: { schema: schemas.syncUserBody, of: () => ({ survivingZendeskId: `survivor-${++newcomers}` }) },
  },
  createClient: {
    success: 400,
    body: {
      schema: clientCreateBody,
      of: ({ talk }) => ({
        matchCriteria: {
          type: 'whatsapp',
          integrationId: 'somewhere',
          phoneNumber: '+15550001234',
          primary: true,
        },
        confirmation: { type: 'immediate' },
        target: { conversationId: talk.id },
      }),
    },
  },
  listClients: { success: 200, query: { names: ['page[after]', 'page[before]'], of: () => ({}) } },
  // Devices are clients that nobody can remove.
  removeClient: { success: 400 },
  listDevices: { success: 200 },
  getDevice: { success: 200 },
  uploadAttachment: {
    success: 201,
    form: formWithPicture,
    query: {
      names: ['conversationId'],
      of: ({ talk }) => ({ access: 'public', for: 'message', conversationId: talk.id }),
    },
  },
  deleteAttachment: {
    success: 200,
    body: {
      schema: attachmentDeleteBody,
      of: ({ mediaUrl }) => ({ mediaUrl: mediaUrl ?? 'https://elsewhere.example/picture.png' }),
    },
  },
  getApp: { success: 200 },
  updateApp: {
    success: 200,
    body: {
      schema: appUpdateBody,
      of: () => ({
        displayName: 'The app',
        metadata: { tier: 'gold' },
        settings: { conversationRetentionSeconds: 0, maskCreditCardNumbers: false, multiConvoEnabled: true },
      }),
    },
  },
  listUsers: {
    success: 200,
    query: {
      names: ['filter[identities.email]', 'page[after]', 'page[before]'],
      of: ({ member }) => ({ 'filter[identities.email]': member.email }),
    },
  },
  deleteUser: { success: 200 },
  deleteUserPersonalInformation: { success: 200 },
  getUser: { success: 200 },
  updateUser: {
    success: 200,
    body: {
      schema: schemas.userUpdateBody,
      of: () => ({ profile: { givenName: 'Other' }, metadata: { seen: true }, toBeRetained: false }),
    },
  },
};

function formWithPicture(): FormData {
  const form = new FormData();
  form.set('source', new File([png(2, 1)], 'picture.png'));
  return form;
}

export type Route = (typeof ROUTES)[number];
export { basic as authorizationOf, ROUTES };

/** What this folder knows of a route. Throws where that is nothing. */
export function operationOf({ operation, method, path }: Route): Operation {
  const known = OPERATIONS[operation];
  if (!known) throw new Error(`say how to call ${operation} (${method} ${path}) in calls/sunshine.ts`);
  return known;
}

/** Parameters of paths, as a call that works fills them in. */
const PARAMS: Record<string, (about: About) => string> = {
  appId: ({ place }) => place.made.sunshine.appId,
  conversationId: ({ talk }) => talk.id,
  messageId: ({ talk }) => talk.message.id,
  userIdOrExternalId: ({ member }) => member.sunshineId,
  integrationId: ({ place }) => place.desk.integrationId,
  webhookId: ({ place }) => place.desk.webhookId,
  keyId: ({ place }) => place.desk.key.keyId,
  zendeskId: ({ zendeskId }) => zendeskId ?? 'nobody',
  clientId: ({ deviceId }) => deviceId ?? 'x',
  deviceId: ({ deviceId }) => deviceId ?? 'x',
  switchboardId: ({ place }) => place.desk.switchboardId,
  switchboardIntegrationId: ({ place }) => place.desk.otherLineId,
};

/** A call that works. Throws for a route or a parameter that nobody has said how to fill in. */
export function callOf(route: Route, about: About): Call {
  const { body, query } = operationOf(route);
  const params = route.params.map((name) => {
    const fill = PARAMS[name];
    if (!fill) throw new Error(`say what :${name} of ${route.path} is in a call that works`);
    return [name, fill(about)] as const;
  });
  return {
    params: Object.fromEntries(params),
    query: query?.of(about) ?? {},
    ...(body && { body: body.of(about) }),
  };
}

/** Makes the call as `by` (by default the place's own key). */
export async function send(
  { method, path, operation }: Pick<Route, 'method' | 'path'> & { operation?: string },
  { params, query, body }: Call,
  { made }: Pick<Place, 'made'>,
  by: { keyId: string; secret: string } = made.sunshine,
): Promise<Answer> {
  const at = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const asked = new URLSearchParams(query).toString();
  const form = operation && OPERATIONS[operation]?.form?.();
  const response = await fetch(`${made.sunshine.basePath}${at}${asked && `?${asked}`}`, {
    method,
    headers: { authorization: basic(by), ...(!form && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(form && { body: form }),
  });
  return answerOf(response);
}

/** Links the member to a record in Zendesk Support. */
export async function linkFor(about: About): Promise<string> {
  const route = ROUTES.find(({ operation }) => operation === 'updateUser') as Route;
  const zendeskId = `zendesk-${++newcomers}`;
  await send(route, { ...callOf(route, about), body: { zendeskId } }, about.place);
  return zendeskId;
}

/** A device of the member, by which they have come in at the forum. */
export async function deviceFor(about: About): Promise<string> {
  const { place, member } = about;
  await forumCookie(place.made.tapatalk.url, member);
  const route = ROUTES.find(({ operation }) => operation === 'listDevices') as Route;
  for (let tries = 0; tries < 2_000; tries++) {
    const { devices } = (await send(route, callOf(route, about), place)).body;
    if (devices.length > 0) return devices[0].id;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('the sign-in left no device');
}

/** The address of a fresh upload of the app. */
export async function uploadFor(about: About): Promise<string> {
  const route = ROUTES.find(({ operation }) => operation === 'uploadAttachment') as Route;
  return (await send(route, callOf(route, about), about.place)).body.attachment.mediaUrl;
}
