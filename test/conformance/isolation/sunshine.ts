// The Sunshine door's places for an id, from its route table and its schemas: which there are, what each names, how it
// is filled. A place that nobody has explained here stops the tests.
import type { ConversationNumber, UserNumber } from '../../../src/domain/ids.ts';
import { NOWHERE, type TwoApps } from '../../support/two-apps.ts';
import type { Json } from '../calls/answer.ts';
import { type About, type Call, callOf, operationOf, ROUTES, type Route } from '../calls/sunshine.ts';
import type { Kind } from './forms.ts';
import { idPaths } from './schema-ids.ts';

/** One place for an id in one operation. */
export interface IdPlace {
  readonly route: Route;
  readonly at: string;
  readonly kind: Kind;
  /** The call that works, with this in its place. */
  put(call: Call, value: string): Call;
}

/** What the parameters of paths and queries name; where it depends on the operation: "operation parameter". */
const PARAMETERS: Record<string, Kind> = {
  ':appId': 'app',
  ':conversationId': 'conversation',
  ':messageId': 'message',
  ':userIdOrExternalId': 'user or external id',
  ':integrationId': 'integration',
  ':webhookId': 'webhook',
  ':keyId': 'integration key',
  ':switchboardId': 'switchboard',
  ':switchboardIntegrationId': 'switchboard integration',
  'listIntegrations page[after]': 'place among integrations',
  'listIntegrations page[before]': 'place among integrations',
  'filter[userId]': 'user',
  'filter[userExternalId]': 'external id',
  'filter[conversationId]': 'conversation',
  'filter[identities.email]': 'e-mail address',
  'listUsers page[after]': 'place among people',
  'listUsers page[before]': 'place among people',
  'listConversations page[after]': 'place among conversations',
  'listConversations page[before]': 'place among conversations',
  'listMessages page[after]': 'place among messages',
  'listMessages page[before]': 'place among messages',
  'listParticipants page[after]': 'place among participants',
  'listParticipants page[before]': 'place among participants',
  'uploadAttachment conversationId': 'conversation',
  'listClients page[after]': 'place among clients',
  'listClients page[before]': 'place among clients',
  ':clientId': 'device',
  ':deviceId': 'device',
  ':zendeskId': 'external id',
};

/** What the ids of bodies name, by the end of their path. */
const FIELDS: Record<string, Kind | 'nothing here'> = {
  userId: 'user',
  userExternalId: 'external id',
  'target.conversationId': 'conversation',
  participantId: 'membership',
  'message.id': 'message',
  messageId: 'message',
  externalId: 'new external id',
  'createSwitchboardIntegration integrationId': 'integration to link',
  'updateSwitchboardIntegration integrationId': 'integration to link',
  defaultSwitchboardIntegrationId: 'switchboard integration',
  nextSwitchboardIntegrationId: 'switchboard integration',
  // Accepted for the vendor's sake: this hub has neither brands, integrations nor stored files of this door.
  attachmentId: 'nothing here',
  brandId: 'nothing here',
  // Nobody of either app has one; what a taken one does is in sunshine-sync.test.ts.
  zendeskId: 'nothing here',
  survivingZendeskId: 'nothing here',
  integrationId: 'nothing here',
};

const forgotten = (what: string, { operation }: Route): Error =>
  new Error(`say how to make a foreign ${what} of ${operation} (isolation/sunshine.ts)`);

/** Every place for an id of every route. Throws for one that is not known here. */
export function idPlaces(routes: readonly Route[] = ROUTES): IdPlace[] {
  return routes.flatMap((route) => [...inPath(route), ...inQuery(route), ...inBody(route)]);
}

function kindOf(route: Route, at: string): Kind {
  const kind = PARAMETERS[`${route.operation} ${at}`] ?? PARAMETERS[at];
  if (!kind) throw forgotten(at, route);
  return kind;
}

const inPath = (route: Route): IdPlace[] =>
  route.params.map((name) => ({
    route,
    at: `:${name}`,
    kind: kindOf(route, `:${name}`),
    put: (call, value) => ({ ...call, params: { ...call.params, [name]: value } }),
  }));

/** In both encodings that clients use; a parameter without a group has one. */
function inQuery(route: Route): IdPlace[] {
  return (operationOf(route).query?.names ?? []).flatMap((name) => {
    if (!name.includes('[')) {
      const put = (call: Call, value: string) => ({ ...call, query: { ...call.query, [name]: value } });
      return [{ route, kind: kindOf(route, name), at: name, put } satisfies IdPlace];
    }
    const [, group = '', key = ''] = /^(\w+)\[([\w.]+)\]$/.exec(name) ?? [];
    const kind = kindOf(route, name);
    // One filter, one cursor: the sample's own makes room.
    const rest = (call: Call) =>
      Object.fromEntries(Object.entries(call.query).filter(([other]) => !other.startsWith(`${group}[`)));
    return [
      { route, kind, at: name, put: (call, value) => ({ ...call, query: { ...rest(call), [name]: value } }) },
      {
        route,
        kind,
        at: `${group}={"${key}":…}`,
        put: (call, value) => ({
          ...call,
          query: { ...rest(call), [group]: JSON.stringify({ [key]: value }) },
        }),
      },
    ] satisfies IdPlace[];
  });
}

function inBody(route: Route): IdPlace[] {
  const { body } = operationOf(route);
  return idPaths(body?.schema ?? {}).flatMap((at) => {
    const end = Object.keys(FIELDS).find(
      (known) => `${route.operation} ${at}` === known || at === known || at.endsWith(`.${known}`),
    );
    if (!end) throw forgotten(at, route);
    const kind = FIELDS[end] as Kind | 'nothing here';
    if (kind === 'nothing here') return [];
    return [{ route, at, kind, put: (call, value) => ({ ...call, body: filled(call.body, at, value) }) }];
  });
}

/** Ids of which a body takes exactly one. */
const EITHER = ['userId', 'userExternalId', 'participantId'];

/** A copy of the body with the value at the path; another id beside it goes. */
function filled(body: Json, path: string, value: string): Json {
  const copy = structuredClone(body);
  const names = path.replaceAll('[]', '.0').split('.');
  const last = names.pop() as string;
  let holder = copy;
  for (const name of names) holder = holder[name];
  if (EITHER.includes(last)) for (const other of EITHER) delete holder[other];
  holder[last] = value;
  return copy;
}

/** A value that does name something: the call with it works. Null: the call that works has none. */
export function ownValue(
  at: IdPlace,
  { ids }: TwoApps,
  { place, talk, member, guest }: About,
): string | null {
  const membership = ids.membershipHex(talk.number as ConversationNumber, member.number as UserNumber);
  // Who is to come in must be outside, and who acts must be inside.
  const joins = at.route.operation === 'joinConversation' || at.route.operation === 'createConversation';
  switch (at.kind) {
    case 'external id':
      if (at.at === ':zendeskId') return null;
      return (joins ? guest : member).externalId;
    case 'user':
      return (joins ? guest : member).sunshineId;
    case 'membership':
    case 'place among participants':
      return membership;
    case 'conversation':
    case 'place among conversations':
      return talk.id;
    case 'message':
    case 'place among messages':
      return talk.message.id;
    case 'place among integrations':
      return place.desk.integrationId;
    default:
      return null;
  }
}

/** The call of a route that works, and with every id in its path of the other app, or of nothing. */
export function wholePaths(route: Route, apps: TwoApps, about: About): Record<string, Call> {
  const works = callOf(route, about);
  const { ids, there } = apps;
  const swap = (names: Record<string, string>): Call => ({
    ...works,
    params: Object.fromEntries(Object.entries(works.params).map(([name, own]) => [name, names[name] ?? own])),
  });
  return {
    nowhere: swap({
      conversationId: ids.hex('conversation', 900_000_003),
      messageId: ids.hex('message', 900_000_003 * 2 ** 21 + 2),
      userIdOrExternalId: ids.hex('user', 900_000_002),
      integrationId: ids.hex('integration', NOWHERE.desk),
      webhookId: ids.hex('webhook', NOWHERE.desk),
      keyId: `int_${ids.hex('key', NOWHERE.key)}`,
      zendeskId: 'nobody',
      clientId: ids.hex('device', 900_000_002),
      deviceId: ids.hex('device', 900_000_002),
      switchboardId: ids.hex('switchboard', NOWHERE.desk),
      switchboardIntegrationId: ids.hex('line', NOWHERE.desk),
    }),
    'in the other app': swap({
      conversationId: there.group.id,
      messageId: there.group.message.id,
      userIdOrExternalId: there.ann.sunshineId,
      integrationId: there.desk.integrationId,
      webhookId: there.desk.webhookId,
      keyId: there.desk.key.keyId,
      clientId: ids.hex('device', 900_000_002),
      deviceId: ids.hex('device', 900_000_002),
      switchboardId: there.desk.switchboardId,
      switchboardIntegrationId: there.desk.otherLineId,
    }),
  };
}
