// Control of a conversation: passControl, offerControl, acceptControl, releaseControl (contracts/sunshine.md 3), and how
// conversations show it. Who may do what is the hub's.
import * as v from 'valibot';
import type { Control, Holder } from '../../domain/control.ts';
import { type Ids, lineNumber } from '../../domain/ids.ts';
import type { JsonObject } from '../../domain/model.ts';
import { control, type LineName } from '../../hub/control.ts';
import { bodyOf, type Call, conversationOf, done } from './call.ts';
import { may, metadata, plainObject, text } from './fields.ts';

const about = { metadata: may(metadata('Switchboard')) };
export const controlToBody = v.pipe(
  plainObject,
  v.object({ switchboardIntegration: text(1, 128), ...about }),
);
/** Nothing in it is required: clients send none with a release. */
export const controlBody = v.pipe(plainObject, v.object(about));

const metadataOf = (given: { metadata?: unknown }): JsonObject | null =>
  (given.metadata as JsonObject | null | undefined) ?? null;

async function give(call: Call, action: 'pass' | 'offer'): Promise<Response> {
  const conversation = conversationOf(call);
  const body = await bodyOf(call, controlToBody);
  const text = body.switchboardIntegration;
  const n = call.hub.ids.parseHex('line', text);
  const to: LineName = { number: n === null ? null : lineNumber(n), text };
  await control(call.hub, call.caller, conversation, { action, to, metadata: metadataOf(body) });
  return done();
}

async function take(call: Call, action: 'accept' | 'release'): Promise<Response> {
  const conversation = conversationOf(call);
  const given = metadataOf(await bodyOf(call, controlBody));
  await control(call.hub, call.caller, conversation, { action, metadata: given });
  return done();
}

export const passControl = (call: Call): Promise<Response> => give(call, 'pass');
export const offerControl = (call: Call): Promise<Response> => give(call, 'offer');
export const acceptControl = (call: Call): Promise<Response> => take(call, 'accept');
export const releaseControl = (call: Call): Promise<Response> => take(call, 'release');

const renderHolder = (ids: Ids, { line, integration, name, type }: Holder): JsonObject => ({
  id: ids.hex('line', line),
  name,
  integrationId: ids.hex('integration', integration),
  integrationType: type,
});

/** Both fields of a conversation, each left out where nobody is (contracts/sunshine.md 2). */
export const renderControl = (ids: Ids, { active, pending }: Control): JsonObject => ({
  ...(active && { activeSwitchboardIntegration: renderHolder(ids, active) }),
  ...(pending && { pendingSwitchboardIntegration: renderHolder(ids, pending) }),
});
