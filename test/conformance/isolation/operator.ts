// The places for a name in the operator API, from its router and its schemas. The operator may do everything everywhere:
// foreign is here what does not belong to the app in the path, and an app that was deleted.
import { NOWHERE, type TwoApps } from '../../support/two-apps.ts';
import { operationOf, ROUTES, type Route } from '../calls/operator.ts';
import { decimalVariantsOf, type Forms, variantsOf } from './forms.ts';
import { fieldsOf } from './schema-ids.ts';

type Kind =
  | 'app'
  | 'person'
  | 'people'
  | 'conversation'
  | 'key'
  | 'endpoint'
  | 'delivery'
  | 'hook'
  | 'bridge'
  | 'new person'
  | 'members'
  | 'creator';

const PARAMETERS: Record<string, Kind> = {
  slug: 'app',
  username: 'person',
  number: 'conversation',
  key: 'key',
  endpoint: 'endpoint',
  delivery: 'delivery',
  hook: 'hook',
  bridge: 'bridge',
  // Numbers choose between the copies of the bridge in the path.
  copy: 'delivery',
};

/** What fields of bodies name. A slug and a host name are one in the whole hub: taken is taken. */
const FIELDS: Record<string, Kind | 'no name'> = {
  username: 'new person',
  externalId: 'new person',
  email: 'new person',
  users: 'people',
  members: 'members',
  creator: 'creator',
  assignee: 'person',
  ...Object.fromEntries(
    [
      ['slug', 'name', 'hosts', 'origins', 'settings', 'apple', 'rotate', 'widget'],
      ['conversations', 'everywhere', 'from', 'limit'],
      ['password', 'displayName', 'avatarUrl', 'role', 'seconds', 'locked', 'state', 'title'],
      ['locale', 'metadata', 'passwordHash', 'createdAt', 'key', 'messages'],
      // Of endpoints; numbers among them choose between deliveries of the endpoint in the path.
      [
        'url',
        'format',
        'events',
        'options',
        'delivery',
        'headers',
        'secret',
        'overlapSeconds',
        'since',
        'to',
      ],
      // Of bridges: what a conversation of another app is to them is told in bridges.test.ts.
      ['network', 'credentials', 'place', 'self', 'incoming', 'perSecond'],
      ['ids', 'type', 'conversation', 'status', 'after', 'forged'],
      // Of incoming hooks; the conversation and the people that one names are in conformance/incoming-forums.test.ts.
      ['shape', 'open', 'address'],
    ].flatMap((names) => names.map((name) => [name, 'no name'] as const)),
  ),
};

export interface OperatorPlace {
  readonly route: Route;
  readonly at: string;
  readonly in: 'path' | 'body';
  readonly kind: Kind;
}

/** Every place for a name of every route. Throws for one that is not known here. */
export function operatorPlaces(routes: readonly Route[] = ROUTES): OperatorPlace[] {
  return routes.flatMap((route) => {
    const explain = (at: string, kind: Kind | 'no name' | undefined, where: 'path' | 'body') => {
      if (!kind) throw new Error(`say how to make a foreign ${at} of ${route.method} ${route.path}`);
      return kind === 'no name' ? [] : [{ route, at, in: where, kind }];
    };
    const inPath = route.params.flatMap((at) => explain(at, PARAMETERS[at], 'path'));
    const fields = fieldsOf(operationOf(route).body?.schema ?? {});
    return [...inPath, ...fields.flatMap((at) => explain(at, FIELDS[at], 'body'))];
  });
}

export function operatorForms({ ids, here, there, goneSlug }: TwoApps, { kind, at }: OperatorPlace): Forms {
  switch (kind) {
    case 'app': {
      const { 'with more behind': _, ...variants } = variantsOf(here.slug);
      return [
        {
          'exists nowhere': 'no-such-app',
          deleted: goneSlug,
          'its number': String(here.made.app.number),
          "Sunshine's id of it": here.made.sunshine.appId,
          ...variants,
        },
      ];
    }
    case 'person':
    case 'people':
    case 'members':
    case 'creator':
      return [
        {
          'exists nowhere': 'nobody-at-all',
          'a number that nobody has': String(NOWHERE.user),
          'user name in the other app': there.ann.username,
          'external id in the other app': there.ann.externalId,
          'number in the other app': String(there.ann.number),
          'e-mail address in the other app': there.ann.email,
          "Sunshine's id in this app": here.ann.sunshineId,
          'a conversation of this app': String(NOWHERE.conversation),
          ...decimalVariantsOf(String(here.ann.number)),
        },
      ];
    case 'conversation':
      return [
        {
          'exists nowhere': String(NOWHERE.conversation),
          'of the other app': String(there.group.number),
          "the other app's support conversation": String(there.support.number),
          'a message of this app': String(here.group.message.number),
          "Sunshine's id of one": here.group.id,
          'no number': 'nothing',
          zero: '0',
          ...decimalVariantsOf(String(here.group.number)),
        },
      ];
    case 'key':
      return [
        {
          'exists nowhere': `act_${ids.hex('key', NOWHERE.key)}`,
          "an app's": here.made.sunshine.keyId,
          "an app's, called an account's": here.made.sunshine.keyId.replace('app_', 'act_'),
          'no key': 'nothing',
          ...variantsOf(`act_${ids.hex('key', NOWHERE.key)}`),
        },
      ];
    case 'endpoint': {
      const numberOf = (place: typeof here) => String(ids.parseHex('webhook', place.desk.webhookId));
      return [
        {
          'exists nowhere': String(NOWHERE.desk),
          "the other app's": numberOf(there),
          "Sunshine's id of one": here.desk.webhookId,
          'no number': 'nothing',
          zero: '0',
          ...decimalVariantsOf(numberOf(here)),
        },
      ];
    }
    case 'hook':
      return [
        {
          'exists nowhere': String(NOWHERE.desk),
          "the other app's": String(there.hook),
          'no number': 'nothing',
          zero: '0',
          ...decimalVariantsOf(String(here.hook)),
        },
      ];
    case 'bridge':
      return [
        {
          'exists nowhere': String(NOWHERE.desk),
          "the other app's": String(there.bridge),
          'an endpoint that is none': String(ids.parseHex('webhook', here.desk.webhookId)),
          'no number': 'nothing',
          zero: '0',
          ...decimalVariantsOf(String(here.bridge)),
        },
      ];
    case 'delivery':
      return [{ 'exists nowhere': String(NOWHERE.desk), 'no number': 'nothing', zero: '0' }];
    case 'new person': {
      const { ben } = there;
      const taken = { username: ben.username, externalId: ben.externalId, email: ben.email }[at] ?? '';
      return [{ 'had by nobody': `new.${taken}`, 'had in the other app': taken }];
    }
  }
}

/** A value of a body that names one person or conversation so. */
export function namedBy({ kind }: OperatorPlace, name: string): unknown {
  switch (kind) {
    case 'people':
      return [name];
    case 'members':
      return [{ username: name }];
    case 'creator':
      return { username: name };
    default:
      return name;
  }
}
