// Clients and devices of a user at the Sunshine door.
import type { Operation } from '../operation.ts';
import {
  anyObject,
  boolean,
  closed,
  type Fields,
  kinds,
  literal,
  nullable,
  oneOf,
  open,
  ref,
  says,
  string,
} from '../schema.ts';
import { brandId, ONE_PAGE, page, paged } from './shared.ts';

const criteria = { integrationId: says(string(), 'An integration of this type.') };
const primary = nullable({ primary: boolean });
const byPhone = (type: string) =>
  open({ type: literal(type), phoneNumber: string(1, 64), ...criteria }, primary);

export const CLIENT_SCHEMAS: Fields = {
  Client: closed(
    {
      id: ref('Id'),
      type: says(literal('sdk'), 'A device of the user’s own.'),
      status: literal('active'),
      lastSeen: says(ref('Moment'), 'To the hour.'),
      linkedAt: says(ref('Moment'), 'When the user first came in with it.'),
      info: ref('DeviceInfo'),
    },
    { displayName: string(1) },
  ),
  Device: closed(
    {
      id: ref('Id'),
      type: says(oneOf('android', 'ios', 'web'), 'Programs and pages are `web`.'),
      guid: says(string(1), 'What the client calls itself, or a print of its user agent.'),
      clientId: says(ref('Id'), 'The client: the same id.'),
      status: says(oneOf('active', 'inactive'), 'Active where a push token was left.'),
      lastSeen: says(ref('Moment'), 'To the hour.'),
      info: ref('DeviceInfo'),
    },
    { pushNotificationToken: string(1), appVersion: string(1) },
  ),
  DeviceInfo: says(anyObject, 'What the client says of itself: `userAgent`, `browser`, `os` and the like.'),
  ClientPost: open({
    matchCriteria: kinds({
      mailgun: 'ByMailgunPost',
      messagebird: 'ByMessagebirdPost',
      twilio: 'ByTwilioPost',
      whatsapp: 'ByWhatsappPost',
    }),
    confirmation: open(
      { type: oneOf('immediate', 'userActivity', 'prompt') },
      nullable({ message: anyObject }),
    ),
    target: open({ conversationId: string() }),
  }),
  ByMailgunPost: open(
    { type: literal('mailgun'), address: string(1, 254), ...criteria },
    { ...primary, ...nullable({ subject: string(0, 998) }) },
  ),
  ByMessagebirdPost: byPhone('messagebird'),
  ByTwilioPost: byPhone('twilio'),
  ByWhatsappPost: byPhone('whatsapp'),
};

const USER = '/v2/apps/{appId}/users/{userIdOrExternalId}';
const SERVICES = ['account', 'app', 'integration'] as const;

const info = {
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0',
  browser: 'Firefox',
  browserVersion: '127.0',
  os: 'Linux',
  deviceName: 'Firefox on Linux',
};
const client = {
  id: '0d5a1c3e7b9f24680a1b2c3d',
  type: 'sdk',
  status: 'active',
  lastSeen: '2026-11-02T09:00:00.000Z',
  linkedAt: '2026-11-01T09:00:00.000Z',
  displayName: 'Ann Lee',
  info,
};
const device = {
  id: client.id,
  type: 'web',
  guid: 'agent:Jr7iUOHo6q6jU1IbZ4qYFw',
  clientId: client.id,
  status: 'inactive',
  lastSeen: client.lastSeen,
  info,
};

export const CLIENT_OPERATIONS: readonly Operation[] = [
  {
    id: 'createClient',
    method: 'post',
    path: `${USER}/clients`,
    tag: 'Clients',
    summary: 'Link a user to another network',
    description: 'Always refused (400): this hub has no integration with another network.',
    scopes: SERVICES,
    parameters: [brandId],
    body: {
      schema: ref('ClientPost'),
      example: {
        matchCriteria: {
          type: 'whatsapp',
          integrationId: '582dedf230e788746891281a',
          phoneNumber: '+15550001234',
        },
        confirmation: { type: 'immediate' },
        target: { conversationId: '0000000700000007a1b2c3d4' },
      },
    },
    answer: {
      status: 201,
      says: 'The client.',
      schema: closed({ client: ref('Client') }),
      example: { client },
    },
    errors: ['user_not_found', 'conversation_not_found'],
  },
  {
    id: 'listClients',
    method: 'get',
    path: `${USER}/clients`,
    tag: 'Clients',
    summary: 'List the clients of a user',
    description: 'The newest first: each device with which the user has come in is one.',
    scopes: SERVICES,
    parameters: [brandId, page],
    answer: {
      status: 200,
      says: 'A page of clients.',
      schema: paged('clients', ref('Client')),
      example: { clients: [client], ...ONE_PAGE },
    },
    errors: ['bad_request', 'user_not_found'],
  },
  {
    id: 'removeClient',
    method: 'delete',
    path: `${USER}/clients/{clientId}`,
    tag: 'Clients',
    summary: 'Unlink a client',
    description: 'Always refused (400): clients of type sdk cannot be removed, and there are no others.',
    scopes: SERVICES,
    parameters: [brandId],
    answer: { status: 200, says: 'It is gone.', schema: ref('Empty'), example: {} },
    errors: ['bad_request', 'user_not_found', 'client_not_found'],
  },
  {
    id: 'listDevices',
    method: 'get',
    path: `${USER}/devices`,
    tag: 'Clients',
    summary: 'List the devices of a user',
    description: 'All of them, the one seen last first.',
    scopes: SERVICES,
    parameters: [brandId],
    answer: {
      status: 200,
      says: 'The devices.',
      schema: closed({ devices: { type: 'array', items: ref('Device') } }),
      example: { devices: [device] },
    },
    errors: ['user_not_found'],
  },
  {
    id: 'getDevice',
    method: 'get',
    path: `${USER}/devices/{deviceId}`,
    tag: 'Clients',
    summary: 'Get a device of a user',
    scopes: SERVICES,
    parameters: [brandId],
    answer: {
      status: 200,
      says: 'The device.',
      schema: closed({ device: ref('Device') }),
      example: { device },
    },
    errors: ['user_not_found', 'device_not_found'],
  },
];
