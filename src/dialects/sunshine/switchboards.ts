// Switchboards and switchboard integrations, which the hub calls lines: create, list, get, update, delete
// (contracts/sunshine.md 3). Passing control of a conversation is control.ts.
import * as v from 'valibot';
import { notFound, Refused } from '../../domain/errors.ts';
import { type IntegrationNumber, integrationNumber, type LineNumber, lineNumber } from '../../domain/ids.ts';
import type { JsonObject } from '../../domain/model.ts';
import { json } from '../../http/respond.ts';
import type { Hub } from '../../hub/context.ts';
import {
  addLine,
  addSwitchboard,
  changeLine,
  changeSwitchboard,
  deleteSwitchboard as deleteInHub,
  deleteLine,
  type Line,
  lineIn,
  type Switchboard,
  switchboardOf,
} from '../../hub/switchboards.ts';
import { bodyOf, type Call, done } from './call.ts';
import { refuse } from './errors.ts';
import { integer, may, plainObject, text } from './fields.ts';

export const switchboardUpdateBody = v.pipe(
  plainObject,
  v.object({ enabled: may(v.boolean()), defaultSwitchboardIntegrationId: may(v.string()) }),
);

/** `next` is a word of the calls that take names. */
const name = v.pipe(
  text(1, 128),
  v.regex(/^[\w-]+$/, 'should match pattern "^[A-Za-z0-9_-]+$"'),
  v.check((given) => given !== 'next', "should NOT be 'next'"),
);

const lineFields = {
  integrationId: may(v.string()),
  integrationType: may(v.string()),
  deliverStandbyEvents: may(v.boolean()),
  nextSwitchboardIntegrationId: may(v.string()),
  messageHistoryCount: may(integer(1, 10)),
};
export const lineCreateBody = v.pipe(plainObject, v.object({ name, ...lineFields }));
export const lineUpdateBody = v.pipe(plainObject, v.object({ name: may(name), ...lineFields }));
type LineBody = v.InferOutput<typeof lineUpdateBody>;

const idOf = (hub: Hub, line: LineNumber): string => hub.ids.hex('line', line);

const renderSwitchboard = (hub: Hub, { number, enabled, defaultLine }: Switchboard): JsonObject => ({
  id: hub.ids.hex('switchboard', number),
  enabled,
  ...(defaultLine !== null && { defaultSwitchboardIntegrationId: idOf(hub, defaultLine) }),
});

const renderLine = (hub: Hub, line: Line): JsonObject => ({
  id: idOf(hub, line.line),
  name: line.name,
  integrationId: hub.ids.hex('integration', line.integration),
  integrationType: line.type,
  deliverStandbyEvents: line.standby,
  ...(line.next !== null && { nextSwitchboardIntegrationId: idOf(hub, line.next) }),
  ...(line.history !== null && { messageHistoryCount: line.history }),
});

/** The switchboard that the path names: of another app, ended and never made are alike. */
async function boardOf({ hub, app, params }: Call): Promise<Switchboard> {
  const board = await switchboardOf(hub, app);
  if (board === null || hub.ids.parseHex('switchboard', params.switchboardId ?? '') !== board.number)
    throw new Refused(notFound('switchboard'));
  return board;
}

const lineOf = ({ hub, params }: Call, board: Switchboard): Line =>
  lineIn(board, lineIdOf(hub, params.switchboardIntegrationId ?? ''));

function lineIdOf(hub: Hub, id: string): LineNumber {
  const n = hub.ids.parseHex('line', id);
  if (n === null) throw new Refused(notFound('line'));
  return lineNumber(n);
}

/** It begins without lines, off: what is not set up yet must not route anything. Takes no body. */
export async function createSwitchboard({ hub, app }: Call): Promise<Response> {
  return json({ switchboard: renderSwitchboard(hub, await addSwitchboard(hub, app)) }, 201);
}

export async function listSwitchboards({ hub, app }: Call): Promise<Response> {
  const board = await switchboardOf(hub, app);
  return json({ switchboards: board ? [renderSwitchboard(hub, board)] : [] });
}

/** What is left out stays; a null takes the default away. */
export async function updateSwitchboard(call: Call): Promise<Response> {
  const { hub, app } = call;
  const board = await boardOf(call);
  const { enabled, defaultSwitchboardIntegrationId: given } = await bodyOf(call, switchboardUpdateBody);
  const defaultLine = given === undefined ? board.defaultLine : given && lineIdOf(hub, given);
  const changed = await changeSwitchboard(hub, app, board, {
    enabled: enabled ?? board.enabled,
    defaultLine: defaultLine || null,
  });
  return json({ switchboard: renderSwitchboard(hub, changed) });
}

export async function deleteSwitchboard(call: Call): Promise<Response> {
  await deleteInHub(call.hub, call.app, await boardOf(call));
  return done();
}

export async function listSwitchboardIntegrations(call: Call): Promise<Response> {
  const { lines } = await boardOf(call);
  return json({ switchboardIntegrations: lines.map((line) => renderLine(call.hub, line)) });
}

export async function createSwitchboardIntegration(call: Call): Promise<Response> {
  const { hub, app } = call;
  const board = await boardOf(call);
  const body = await bodyOf(call, lineCreateBody);
  const integration = integrationIn(hub, body);
  if (integration === null) throw refuse('One of integrationId or integrationType must be provided');
  const line = await addLine(hub, app, board, {
    integration,
    name: body.name,
    standby: body.deliverStandbyEvents ?? true,
    next: nextIn(hub, body, board),
    history: body.messageHistoryCount ?? null,
  });
  return json({ switchboardIntegration: renderLine(hub, line) }, 201);
}

/** What is left out stays; a null takes `nextSwitchboardIntegrationId` and `messageHistoryCount` away. */
export async function updateSwitchboardIntegration(call: Call): Promise<Response> {
  const { hub, app } = call;
  const board = await boardOf(call);
  const before = lineOf(call, board);
  const body = await bodyOf(call, lineUpdateBody);
  const { nextSwitchboardIntegrationId: next, messageHistoryCount: history } = body;
  const line = await changeLine(hub, app, board, before, {
    integration: integrationIn(hub, body) ?? before.integration,
    name: body.name ?? before.name,
    standby: body.deliverStandbyEvents ?? before.standby,
    next: next === undefined ? before.next : nextIn(hub, body, board),
    history: history === undefined ? before.history : history,
  });
  return json({ switchboardIntegration: renderLine(hub, line) });
}

export async function deleteSwitchboardIntegration(call: Call): Promise<Response> {
  const board = await boardOf(call);
  await deleteLine(call.hub, call.app, board, lineOf(call, board));
  return done();
}

/** The integration that a body links; null: it names none. A type stands for the vendor's own integrations: none is here. */
function integrationIn(hub: Hub, { integrationId, integrationType }: LineBody): IntegrationNumber | null {
  if (typeof integrationId === 'string' && typeof integrationType === 'string')
    throw refuse('Only one of integrationId and integrationType can be provided');
  if (typeof integrationType === 'string')
    throw refuse(`No integration can be linked by the type '${integrationType}': use integrationId`);
  if (typeof integrationId !== 'string') return null;
  const n = hub.ids.parseHex('integration', integrationId);
  if (n === null) throw new Refused(notFound('integration'));
  return integrationNumber(n);
}

function nextIn(hub: Hub, { nextSwitchboardIntegrationId: next }: LineBody, board: Switchboard) {
  return typeof next === 'string' ? lineIn(board, lineIdOf(hub, next)).line : null;
}
