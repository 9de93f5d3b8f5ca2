// Apps and their keys (contracts/sunshine.md 3): what an account provisions, and an app's own record.
import * as v from 'valibot';
import { notFound, Refused } from '../../domain/errors.ts';
import { type KeyNumber, keyNumber } from '../../domain/ids.ts';
import type { JsonObject } from '../../domain/model.ts';
import { json } from '../../http/respond.ts';
import { newSecret } from '../../http/secrets.ts';
import { addKey, endKey, type KeyCard, type KeyOwner, keyOf, listKeys } from '../../hub/app-keys.ts';
import type { App, Hub } from '../../hub/context.ts';
import {
  createApp as createInHub,
  deleteApp as deleteInHub,
  listApps as listInHub,
  updateApp as updateInHub,
} from '../../hub/provisioning.ts';
import { type AccountCall, bodyOf, type Call, done } from './call.ts';
import { refuse } from './errors.ts';
import { cutTo, integer, may, metadata, NAME_LENGTH, plainObject, text } from './fields.ts';
import { pageEnvelope, pageRequest, placeOf } from './query.ts';

/** A tenth of a year more than any law asks for. */
const MOST_RETENTION_SECONDS = 315_360_000;

/** What nothing here would act on: the vendor's default is accepted, switching it on is refused. */
const alwaysOff = (name: string) =>
  may(
    v.pipe(
      v.boolean(),
      v.check((on) => !on, `'${name}' is not supported by this hub`),
    ),
  );

const settings = v.pipe(
  plainObject,
  v.object({
    conversationRetentionSeconds: may(integer(0, MOST_RETENTION_SECONDS)),
    maskCreditCardNumbers: may(v.boolean()),
    multiConvoEnabled: may(v.boolean()),
    useAnimalNames: alwaysOff('useAnimalNames'),
    echoPostback: alwaysOff('echoPostback'),
    ignoreAutoConversationStart: alwaysOff('ignoreAutoConversationStart'),
    appLocalizationEnabled: alwaysOff('appLocalizationEnabled'),
    endSessionEnabled: alwaysOff('endSessionEnabled'),
    disableConversationReopen: alwaysOff('disableConversationReopen'),
  }),
);

export const appCreateBody = v.pipe(
  plainObject,
  v.object({ displayName: text(1, 100), settings: may(settings), metadata: may(metadata('App')) }),
);
export const appUpdateBody = v.pipe(
  plainObject,
  v.object({ displayName: may(text(1, 100)), settings: may(settings), metadata: may(metadata('App')) }),
);
export const keyBody = v.pipe(plainObject, v.object({ displayName: text(1, 100) }));

type Settings = v.InferOutput<typeof settings>;

const renderApp = (hub: Hub, app: App): JsonObject => ({
  id: hub.ids.hex('app', app.number),
  displayName: cutTo(NAME_LENGTH, app.name),
  settings: {
    conversationRetentionSeconds: app.settings.retentionSeconds,
    maskCreditCardNumbers: app.settings.maskCards,
    useAnimalNames: false,
    echoPostback: false,
    ignoreAutoConversationStart: false,
    multiConvoEnabled: app.settings.multiConvo,
    appLocalizationEnabled: false,
    endSessionEnabled: false,
    disableConversationReopen: false,
  },
  metadata: app.metadata,
});

/** What is given, under the hub's names. */
const changesOf = ({ conversationRetentionSeconds, maskCreditCardNumbers, multiConvoEnabled }: Settings) => ({
  ...(typeof conversationRetentionSeconds === 'number' && { retentionSeconds: conversationRetentionSeconds }),
  ...(typeof maskCreditCardNumbers === 'boolean' && { maskCards: maskCreditCardNumbers }),
  ...(typeof multiConvoEnabled === 'boolean' && { multiConvo: multiConvoEnabled }),
});

/** The apps of the hub by number, the newest first. */
export async function listApps({ hub, url }: AccountCall): Promise<Response> {
  const page = pageRequest(url.searchParams, (cursor) => hub.ids.parseHex('app', cursor));
  const all = (await listInHub(hub)).sort((a, b) => b.number - a.number);
  const { after, before, size } = page;
  const rest =
    before !== undefined
      ? all.filter((app) => app.number > before).slice(-size - 1)
      : all.filter((app) => after === undefined || app.number < after).slice(0, size + 1);
  const hasMore = rest.length > size;
  const apps = before !== undefined ? rest.slice(-size) : rest.slice(0, size);
  const id = (at: number): string => hub.ids.hex('app', apps.at(at)?.number ?? 0);
  const ends = apps.length > 0 ? { first: id(0), last: id(-1) } : null;
  return json({
    apps: apps.map((app) => renderApp(hub, app)),
    ...pageEnvelope(hub, url, placeOf(page, hasMore, ends)),
  });
}

/** An app with its voices, and keys for the other doors that only the operator can show; its keys here are made with createAppKey. */
export async function createApp(call: AccountCall): Promise<Response> {
  const body = await bodyOf(call, appCreateBody);
  const { app } = await createInHub(call.hub, slugOf(), body.displayName);
  const changed = await updateInHub(call.hub, app, {
    settings: changesOf(body.settings ?? {}),
    metadata: (body.metadata as JsonObject | null | undefined) ?? {},
  });
  return json({ app: renderApp(call.hub, changed) }, 201);
}

/** A name for addresses of the other doors, which this API does not ask for. */
const slugOf = (): string =>
  `app-${newSecret(12)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .slice(0, 12)}`;

/** The app that the credentials are of: an account's are of none in particular. */
export async function tokenInfo(call: AccountCall): Promise<Response> {
  const app = appOf(call);
  return json({ app: { ...renderApp(call.hub, app), subdomain: app.slug } });
}

function appOf({ app }: AccountCall): App {
  if (!app) throw new Refused(notFound('app'));
  return app;
}

export const getApp = async ({ hub, app }: Call): Promise<Response> => json({ app: renderApp(hub, app) });

/** What is left out stays; several conversations per person cannot be taken back (contracts/sunshine.md 2). */
export async function updateApp(call: Call): Promise<Response> {
  const { hub, app } = call;
  const body = await bodyOf(call, appUpdateBody);
  const asked = changesOf(body.settings ?? {});
  if (asked.multiConvo === false && app.settings.multiConvo)
    throw refuse('settings.multiConvoEnabled cannot be disabled once it is enabled');
  const changed = await updateInHub(hub, app, {
    ...(body.displayName && { name: body.displayName }),
    ...(Object.keys(asked).length > 0 && { settings: asked }),
    ...(body.metadata !== undefined && { metadata: (body.metadata as JsonObject | null) ?? {} }),
  });
  return json({ app: renderApp(hub, changed) });
}

export async function deleteApp(call: AccountCall): Promise<Response> {
  await deleteInHub(call.hub, appOf(call));
  return done();
}

const ownerOf = (call: AccountCall): KeyOwner => ({ app: appOf(call), door: 'sunshine', scope: 'app' });

/** A key as lists and single answers show it; the secret is in the answer that made it alone (DESIGN.md 6). */
export const renderKey = ({ id, name }: KeyCard): JsonObject => ({ id, displayName: name ?? '' });

export async function listAppKeys(call: AccountCall): Promise<Response> {
  return json({ keys: (await listKeys(call.hub, ownerOf(call))).map(renderKey) });
}

export async function createAppKey(call: AccountCall): Promise<Response> {
  const { displayName } = await bodyOf(call, keyBody);
  const key = await addKey(call.hub, ownerOf(call), displayName);
  return json({ key: { ...renderKey(key), secret: key.secret } }, 201);
}

export async function getAppKey(call: AccountCall): Promise<Response> {
  return json({ key: renderKey(await keyOf(call.hub, ownerOf(call), keyOfPath(call))) });
}

export async function deleteAppKey(call: AccountCall): Promise<Response> {
  await endKey(call.hub, ownerOf(call), keyOfPath(call));
  return done();
}

function keyOfPath({ hub, params }: AccountCall): KeyNumber {
  const digits = /^app_([0-9a-f]{24})$/.exec(params.keyId ?? '')?.[1];
  const n = digits === undefined ? null : hub.ids.parseHex('key', digits);
  if (n === null) throw new Refused(notFound('key'));
  return keyNumber(n);
}
