// Calls of the Sunshine operations on integrations, their webhooks and keys, filled in so that they work. The others are
// sunshine.ts.

import { keyBody } from '../../../src/dialects/sunshine/apps.ts';
import { controlBody, controlToBody } from '../../../src/dialects/sunshine/control.ts';
import { integrationCreateBody, integrationUpdateBody } from '../../../src/dialects/sunshine/integrations.ts';
import {
  lineCreateBody,
  lineUpdateBody,
  switchboardUpdateBody,
} from '../../../src/dialects/sunshine/switchboards.ts';
import { webhookCreateBody, webhookUpdateBody } from '../../../src/dialects/sunshine/webhooks.ts';
import { TARGET } from '../../support/desk.ts';
import type { Operations } from './sunshine.ts';

const webhook = () => ({
  target: TARGET,
  triggers: ['conversation:message', 'conversation:read'],
  includeFullUser: true,
  includeFullSource: false,
});

const toHuman = () => ({ switchboardIntegration: 'human', metadata: { language: 'en' } });

export const DESK_OPERATIONS: Operations = {
  createIntegration: {
    success: 201,
    body: {
      schema: integrationCreateBody,
      of: () => ({ type: 'custom', displayName: 'Another bot', webhooks: [webhook()] }),
    },
  },
  listIntegrations: {
    success: 200,
    query: { names: ['page[after]', 'page[before]'], of: () => ({ 'filter[types]': 'custom,web' }) },
  },
  getIntegration: { success: 200 },
  updateIntegration: {
    success: 200,
    body: { schema: integrationUpdateBody, of: () => ({ displayName: 'Renamed' }) },
  },
  deleteIntegration: { success: 200 },
  createWebhook: { success: 201, body: { schema: webhookCreateBody, of: webhook } },
  listWebhooks: { success: 200 },
  getWebhook: { success: 200 },
  updateWebhook: { success: 200, body: { schema: webhookUpdateBody, of: webhook } },
  deleteWebhook: { success: 200 },
  createCustomIntegrationKey: {
    success: 201,
    body: { schema: keyBody, of: () => ({ displayName: 'Another key' }) },
  },
  listCustomIntegrationKeys: { success: 200 },
  getCustomIntegrationKey: { success: 200 },
  deleteCustomIntegrationKey: { success: 200 },
  createSwitchboard: { success: 201 },
  listSwitchboards: { success: 200 },
  updateSwitchboard: {
    success: 200,
    body: {
      schema: switchboardUpdateBody,
      of: ({ place }) => ({ enabled: true, defaultSwitchboardIntegrationId: place.desk.lineId }),
    },
  },
  deleteSwitchboard: { success: 200 },
  createSwitchboardIntegration: {
    success: 201,
    body: {
      schema: lineCreateBody,
      of: ({ place }) => ({
        name: 'night',
        integrationId: place.desk.freeIntegrationId,
        deliverStandbyEvents: false,
        nextSwitchboardIntegrationId: place.desk.lineId,
        messageHistoryCount: 5,
      }),
    },
  },
  listSwitchboardIntegrations: { success: 200 },
  updateSwitchboardIntegration: {
    success: 200,
    body: {
      schema: lineUpdateBody,
      of: ({ place }) => ({
        name: 'day',
        integrationId: place.desk.freeIntegrationId,
        nextSwitchboardIntegrationId: place.desk.lineId,
      }),
    },
  },
  deleteSwitchboardIntegration: { success: 200 },
  passControl: { success: 200, body: { schema: controlToBody, of: toHuman } },
  offerControl: { success: 200, body: { schema: controlToBody, of: toHuman } },
  acceptControl: { success: 200, body: { schema: controlBody, of: () => ({ metadata: { busy: false } }) } },
  releaseControl: { success: 200, body: { schema: controlBody, of: () => ({ metadata: { solved: true } }) } },
};

/** Operations after which the same call works no more. */
export const USED_UP: ReadonlySet<string> = new Set([
  'deleteIntegration',
  'deleteWebhook',
  'deleteCustomIntegrationKey',
  'createSwitchboard',
  'deleteSwitchboard',
  'createSwitchboardIntegration',
  'updateSwitchboardIntegration',
  'deleteSwitchboardIntegration',
  'offerControl',
  'acceptControl',
]);

/** Operations whose body holds nothing that is required. */
export const NOTHING_REQUIRED_AT_DESK = [
  'updateIntegration',
  'updateWebhook',
  'updateSwitchboard',
  'updateSwitchboardIntegration',
  'acceptControl',
  'releaseControl',
];
