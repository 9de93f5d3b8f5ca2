// Switchboards of the Sunshine door, their switchboard integrations, and control of conversations.
import type { Operation } from '../operation.ts';
import {
  boolean,
  closed,
  type Fields,
  integer,
  list,
  nullable,
  open,
  orNull,
  ref,
  type Schema,
  says,
  string,
} from '../schema.ts';
import { idempotencyKey, metadataIn } from './shared.ts';

/** Of a switchboard integration: `next` is a word of the calls that take names. */
const name: Schema = { type: 'string', pattern: '^[A-Za-z0-9_-]{1,128}$', not: { const: 'next' } };

const lineFields: Fields = nullable({
  integrationId: says(string(), 'The integration that it links.'),
  integrationType: says(string(), 'Of integrations that this hub does not have: refused.'),
  deliverStandbyEvents: says(boolean, 'Whether it hears what happens while another one has control.'),
  nextSwitchboardIntegrationId: says(string(), 'Which one `next` means from here.'),
  messageHistoryCount: says(
    integer(1, 10),
    'Earlier messages that it is shown when control comes to it, or an offer of it: `messageHistory` of the event.',
  ),
});

export const SWITCHBOARD_SCHEMAS: Fields = {
  Switchboard: closed(
    { id: ref('Id'), enabled: boolean },
    { defaultSwitchboardIntegrationId: says(ref('Id'), 'The one that conversations begin with.') },
  ),
  SwitchboardPatch: says(
    open({}, nullable({ enabled: boolean, defaultSwitchboardIntegrationId: string() })),
    'What is left out stays; a null takes the default away. An enabled switchboard has one.',
  ),
  SwitchboardIntegration: closed(
    {
      id: ref('Id'),
      name: string(1),
      integrationId: ref('Id'),
      integrationType: string(1),
      deliverStandbyEvents: boolean,
    },
    { nextSwitchboardIntegrationId: ref('Id'), messageHistoryCount: integer(1, 10) },
  ),
  SwitchboardIntegrationPost: open({ name }, lineFields),
  SwitchboardIntegrationPatch: says(
    open({}, { name: orNull(name), ...lineFields }),
    'What is left out stays; a null takes the next one, or the history, away.',
  ),
  ControlHolder: closed({
    id: says(ref('Id'), 'The switchboard integration.'),
    name: string(1),
    integrationId: ref('Id'),
    integrationType: string(1),
  }),
  ControlToPost: open(
    {
      switchboardIntegration: says(
        string(1, 128),
        'By its id, its name, or the type of its integration where no other has it; or `next`.',
      ),
    },
    { metadata: orNull(metadataIn) },
  ),
  ControlPost: open({}, { metadata: orNull(metadataIn) }),
};

const bot = {
  id: '7ad1c0e94b3f25861d90ce74',
  name: 'bot',
  integrationId: '5e2d7c41f09b86a3d21c74e0',
  integrationType: 'custom',
  deliverStandbyEvents: true,
};
const switchboard = {
  id: '13f8a6d27c904e5b8a21fd06',
  enabled: true,
  defaultSwitchboardIntegrationId: bot.id,
};

const SWITCHBOARDS = '/v2/apps/{appId}/switchboards';
const SWITCHBOARD = `${SWITCHBOARDS}/{switchboardId}`;
const LINES = `${SWITCHBOARD}/switchboardIntegrations`;
const LINE = `${LINES}/{switchboardIntegrationId}`;
const OWNERS = ['account', 'app'] as const;
const SERVICES = ['account', 'app', 'integration'] as const;

const one = closed({ switchboard: ref('Switchboard') });
const oneLine = closed({ switchboardIntegration: ref('SwitchboardIntegration') });

const action = (verb: string, summary: string, description: string, takes: string): Operation => ({
  id: `${verb}Control`,
  method: 'post',
  path: `/v2/apps/{appId}/conversations/{conversationId}/${verb}Control`,
  tag: 'Switchboards',
  summary,
  description,
  scopes: SERVICES,
  body: {
    schema: ref(takes),
    example: takes === 'ControlToPost' ? { switchboardIntegration: 'next' } : { metadata: { solved: true } },
    ...(takes === 'ControlPost' && { optional: true }),
  },
  answer: { status: 200, says: 'It is so.', schema: ref('Empty'), example: {} },
  errors: [
    'conversation_not_found',
    'switchboard_not_found',
    ...(takes === 'ControlToPost' ? ['switchboard_integration_not_found'] : []),
  ],
});

export const SWITCHBOARD_OPERATIONS: readonly Operation[] = [
  {
    id: 'createSwitchboard',
    method: 'post',
    path: SWITCHBOARDS,
    tag: 'Switchboards',
    summary: 'Make the switchboard of an app',
    description: 'An app has one. It begins without switchboard integrations, and not enabled.',
    scopes: OWNERS,
    parameters: [idempotencyKey],
    answer: {
      status: 201,
      says: 'The switchboard.',
      schema: one,
      example: { switchboard: { id: switchboard.id, enabled: false } },
    },
    errors: ['bad_request', 'conflict'],
  },
  {
    id: 'listSwitchboards',
    method: 'get',
    path: SWITCHBOARDS,
    tag: 'Switchboards',
    summary: 'List the switchboards of an app',
    scopes: OWNERS,
    answer: {
      status: 200,
      says: 'The one that there is, or none.',
      schema: closed({ switchboards: list(ref('Switchboard')) }),
      example: { switchboards: [switchboard] },
    },
    errors: [],
  },
  {
    id: 'updateSwitchboard',
    method: 'patch',
    path: SWITCHBOARD,
    tag: 'Switchboards',
    summary: 'Enable a switchboard, or change its default',
    scopes: OWNERS,
    body: { schema: ref('SwitchboardPatch'), example: { enabled: true }, optional: true },
    answer: { status: 200, says: 'The switchboard as it is now.', schema: one, example: { switchboard } },
    errors: [
      'switchboard_not_found',
      'switchboard_integration_not_found',
      'default_switchboard_integration_missing',
    ],
  },
  {
    id: 'deleteSwitchboard',
    method: 'delete',
    path: SWITCHBOARD,
    tag: 'Switchboards',
    summary: 'Delete a switchboard',
    description: 'Its switchboard integrations go with it; the integrations that they link stay.',
    scopes: OWNERS,
    answer: { status: 200, says: 'It is gone.', schema: ref('Empty'), example: {} },
    errors: ['switchboard_not_found'],
  },
  {
    id: 'createSwitchboardIntegration',
    method: 'post',
    path: LINES,
    tag: 'Switchboard integrations',
    summary: 'Link an integration to a switchboard',
    description: 'A switchboard links at most ten, each once, under names of their own.',
    scopes: OWNERS,
    parameters: [idempotencyKey],
    body: {
      schema: ref('SwitchboardIntegrationPost'),
      example: { name: bot.name, integrationId: bot.integrationId },
    },
    answer: {
      status: 201,
      says: 'The switchboard integration.',
      schema: oneLine,
      example: { switchboardIntegration: bot },
    },
    errors: [
      'switchboard_not_found',
      'integration_not_found',
      'switchboard_integration_not_found',
      'too_many_switchboard_integrations',
      'conflict',
    ],
  },
  {
    id: 'listSwitchboardIntegrations',
    method: 'get',
    path: LINES,
    tag: 'Switchboard integrations',
    summary: 'List what a switchboard links',
    scopes: OWNERS,
    answer: {
      status: 200,
      says: 'Every switchboard integration.',
      schema: closed({ switchboardIntegrations: list(ref('SwitchboardIntegration')) }),
      example: { switchboardIntegrations: [bot] },
    },
    errors: ['switchboard_not_found'],
  },
  {
    id: 'updateSwitchboardIntegration',
    method: 'patch',
    path: LINE,
    tag: 'Switchboard integrations',
    summary: 'Change a switchboard integration',
    scopes: OWNERS,
    body: {
      schema: ref('SwitchboardIntegrationPatch'),
      example: { deliverStandbyEvents: false },
      optional: true,
    },
    answer: {
      status: 200,
      says: 'The switchboard integration as it is now.',
      schema: oneLine,
      example: { switchboardIntegration: { ...bot, deliverStandbyEvents: false } },
    },
    errors: ['switchboard_not_found', 'integration_not_found', 'switchboard_integration_not_found'],
  },
  {
    id: 'deleteSwitchboardIntegration',
    method: 'delete',
    path: LINE,
    tag: 'Switchboard integrations',
    summary: 'Take an integration out of a switchboard',
    description:
      'The default one stays, and one that is the next of another (400). Where it had control, the default one has it.',
    scopes: OWNERS,
    answer: { status: 200, says: 'It is gone.', schema: ref('Empty'), example: {} },
    errors: ['bad_request', 'switchboard_not_found', 'switchboard_integration_not_found'],
  },
  action(
    'pass',
    'Pass control of a conversation',
    'Who has control speaks for the business: messages that other integrations post as `business` are 403. An integration passes control that it has; keys of the app or an account always.',
    'ControlToPost',
  ),
  action(
    'offer',
    'Offer control of a conversation',
    'The other one has control once it accepts. An earlier offer is void.',
    'ControlToPost',
  ),
  action(
    'accept',
    'Accept control of a conversation',
    'For the integration that control was offered to; keys of the app or an account accept for it.',
    'ControlPost',
  ),
  action(
    'release',
    'Release control of a conversation',
    'Nobody has control then, and the default one with the next message.',
    'ControlPost',
  ),
];
