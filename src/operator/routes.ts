// The operator API (docs/operator-api.md): bearer ADMIN_TOKEN, JSON in and out.
import { type IRequest, Router } from 'itty-router';
import { invalid, notFound, Refused } from '../domain/errors.ts';
import {
  type ConversationNumber,
  type KeyNumber,
  keyNumber,
  parseConversation,
  type UserNumber,
} from '../domain/ids.ts';
import { json } from '../http/respond.ts';
import { sameSecret } from '../http/secrets.ts';
import { addKey, endKey, type KeyOwner, listKeys } from '../hub/app-keys.ts';
import { refuseAppleAccount, setAppleAccount } from '../hub/apple.ts';
import { appCaller } from '../hub/apps.ts';
import { followAuthUrl, refuseAuthChange } from '../hub/auth-url.ts';
import type { App, Hub } from '../hub/context.ts';
import { updateConversation, viewConversation } from '../hub/conversations.ts';
import { revokeUser } from '../hub/ending.ts';
import { erasePerson } from '../hub/erasing.ts';
import { importConversations } from '../hub/import-conversations.ts';
import { importPeople } from '../hub/import-people.ts';
import { conversationLag, indexHealth, reindexApp, restoreConversation } from '../hub/maintenance.ts';
import { joinConversation } from '../hub/members.ts';
import { createUser, userByAnyName } from '../hub/people.ts';
import { createApp, deleteApp, keysOf, listApps, rotateDoor, updateApp } from '../hub/provisioning.ts';
import { issueToken } from '../hub/sessions.ts';
import { withLook } from '../hub/widget-looks.ts';
import { VERSION } from '../version.ts';
import { appOf, body, param } from './asked.ts';
import * as bridges from './bridges.ts';
import * as endpoints from './endpoints.ts';
import { operatorError } from './errors.ts';
import { CONVERSATION_BYTES, ImportedConversation, ImportedPerson, PERSON_BYTES } from './import-schemas.ts';
import { answerImport } from './imports.ts';
import * as incoming from './incoming.ts';
import { brief, conversationOf, credentials, shown, userOf, whole } from './render.ts';
import { repeatable } from './repeating.ts';
import {
  AppPatch,
  ConversationPatch,
  Erasure,
  NewApp,
  NewKey,
  NewMembers,
  NewToken,
  NewUser,
  Reindex,
} from './schemas.ts';

/** Keys that reach every app. */
const ACCOUNT_KEYS: KeyOwner = { app: null, door: 'sunshine', scope: 'account' };

const router = Router<IRequest, [Hub]>({ base: '/admin' })
  .post('/apps', async (request, hub) => {
    const { slug, name = slug } = await body(request, NewApp);
    const { app, keys } = await createApp(hub, slug, name);
    return json(credentials(hub, app, keys), 201);
  })
  .get('/apps', async (_request, hub) => json({ apps: (await listApps(hub)).map(brief) }))
  .get('/apps/:slug', async (request, hub) => {
    const app = await appOf(request, hub);
    return json({ app: whole(app), keys: await keysOf(hub, app) });
  })
  .patch('/apps/:slug', async (request, hub) => {
    const app = await appOf(request, hub);
    const { rotate = [], apple, widget, ...rest } = await body(request, AppPatch);
    const change = { ...rest, ...(widget && { widget: withLook(app, widget) }) };
    refuseAuthChange(hub, app, change.settings?.authUrl, rotate.includes('auth'));
    refuseAppleAccount(hub, apple);
    const changed = await updateApp(hub, app, change);
    if (apple !== undefined) await setAppleAccount(hub, changed, apple);
    const rotated: Record<string, object> = {};
    for (const door of rotate)
      if (door !== 'auth')
        Object.assign(rotated, shown(hub, changed, door, await rotateDoor(hub, changed, door)));
    const secret = await followAuthUrl(hub, app, changed, rotate.includes('auth'));
    if (secret !== null) rotated.auth = { secret };
    return json({ app: whole(changed), ...(Object.keys(rotated).length > 0 ? { rotated } : {}) });
  })
  .delete('/apps/:slug', async (request, hub) => {
    await deleteApp(hub, await appOf(request, hub));
    return json({});
  })
  .post('/apps/:slug/users', async (request, hub) => {
    const app = await appOf(request, hub);
    const { displayName, avatarUrl, ...rest } = await body(request, NewUser);
    const user = await createUser(hub, app, { ...rest, name: displayName, avatar: avatarUrl });
    return json({ user: userOf(hub, user) }, 201);
  })
  .post('/apps/:slug/users/import', async (request, hub) => {
    const app = await appOf(request, hub);
    return answerImport(request, hub, ImportedPerson, PERSON_BYTES, (lines) => importPeople(hub, app, lines));
  })
  .get('/apps/:slug/users/:username', async (request, hub) => {
    const app = await appOf(request, hub);
    return json({ user: userOf(hub, await userByAnyName(hub, app, param(request, 'username'))) });
  })
  .post('/apps/:slug/users/:username/token', async (request, hub) => {
    const app = await appOf(request, hub);
    const user = await userByAnyName(hub, app, param(request, 'username'));
    const { token, expiresAt } = await issueToken(hub, user, 'realtime', await body(request, NewToken));
    return json({ token, expiresAt: new Date(expiresAt).toISOString() });
  })
  .delete('/apps/:slug/users/:username', async (request, hub) => {
    const app = await appOf(request, hub);
    return json(await erasePerson(hub, app, param(request, 'username'), await body(request, Erasure)));
  })
  .delete('/apps/:slug/users/:username/tokens', async (request, hub) => {
    const app = await appOf(request, hub);
    await revokeUser(hub, app, await userByAnyName(hub, app, param(request, 'username')));
    return json({});
  })
  .post('/apps/:slug/conversations/import', async (request, hub) => {
    const app = await appOf(request, hub);
    return answerImport(request, hub, ImportedConversation, CONVERSATION_BYTES, (lines) =>
      importConversations(hub, app, lines),
    );
  })
  .patch('/apps/:slug/conversations/:number', async (request, hub) => {
    const app = await appOf(request, hub);
    const caller = appCaller(app, 'operator');
    const c = conversationParam(request);
    const { assignee: name, ...changes } = await body(request, ConversationPatch);
    // First: a conversation that is not there is what the answer is about.
    if (typeof name === 'string') await viewConversation(hub, caller, c);
    const assignee = typeof name === 'string' ? await personNamed(hub, app, name, 'assignee') : name;
    const view = await updateConversation(hub, caller, c, changes, { assignee });
    return json({ conversation: conversationOf(view) });
  })
  .post('/apps/:slug/conversations/:number/members', async (request, hub) => {
    const app = await appOf(request, hub);
    const caller = appCaller(app, 'operator');
    const c = conversationParam(request);
    const { users } = await body(request, NewMembers);
    // First: a conversation that is not there is what the answer is about.
    await viewConversation(hub, caller, c);
    const people = await Promise.all(users.map((name, i) => personNamed(hub, app, name, `users.${i}`)));
    const view = await joinConversation(hub, caller, c, [...new Set(people)]);
    return json({ conversation: conversationOf(view) });
  })
  .post('/apps/:slug/conversations/:number/restore', async (request, hub) => {
    const app = await appOf(request, hub);
    return json(await restoreConversation(hub, app, conversationParam(request)));
  })
  .get('/apps/:slug/conversations/:number/lag', async (request, hub) => {
    const app = await appOf(request, hub);
    return json(await conversationLag(hub, app, conversationParam(request)));
  })
  .post('/apps/:slug/reindex', async (request, hub) => {
    const app = await appOf(request, hub);
    return json(await reindexApp(hub, app, await body(request, Reindex)));
  })
  .post('/apps/:slug/endpoints', endpoints.create)
  .get('/apps/:slug/endpoints', endpoints.list)
  .get('/apps/:slug/endpoints/:endpoint', endpoints.get)
  .patch('/apps/:slug/endpoints/:endpoint', endpoints.change)
  .delete('/apps/:slug/endpoints/:endpoint', endpoints.remove)
  .post('/apps/:slug/endpoints/:endpoint/rotate', endpoints.rotate)
  .post('/apps/:slug/endpoints/:endpoint/revoke', endpoints.revoke)
  .post('/apps/:slug/endpoints/:endpoint/enable', endpoints.enable)
  .post('/apps/:slug/endpoints/:endpoint/disable', endpoints.disable)
  .post('/apps/:slug/endpoints/:endpoint/test', endpoints.test)
  .get('/apps/:slug/endpoints/:endpoint/deliveries', endpoints.deliveries)
  .get('/apps/:slug/endpoints/:endpoint/notices', endpoints.notices)
  .post('/apps/:slug/endpoints/:endpoint/replay', endpoints.replay)
  .post('/apps/:slug/endpoints/:endpoint/discard', endpoints.discard)
  .get('/apps/:slug/endpoints/:endpoint/deliveries/:delivery', endpoints.delivery)
  .post('/apps/:slug/endpoints/:endpoint/deliveries/:delivery/send', endpoints.sendOnce)
  .post('/apps/:slug/hooks', incoming.create)
  .get('/apps/:slug/hooks', incoming.list)
  .get('/apps/:slug/hooks/:hook', incoming.get)
  .patch('/apps/:slug/hooks/:hook', incoming.change)
  .delete('/apps/:slug/hooks/:hook', incoming.remove)
  .post('/apps/:slug/hooks/:hook/rotate', incoming.rotate)
  .post('/apps/:slug/bridges', bridges.create)
  .get('/apps/:slug/bridges', bridges.list)
  .get('/apps/:slug/bridges/:bridge', bridges.get)
  .patch('/apps/:slug/bridges/:bridge', bridges.change)
  .delete('/apps/:slug/bridges/:bridge', bridges.remove)
  .post('/apps/:slug/bridges/:bridge/pause', bridges.pause)
  .post('/apps/:slug/bridges/:bridge/resume', bridges.resume)
  .post('/apps/:slug/bridges/:bridge/test', bridges.test)
  .delete('/apps/:slug/bridges/:bridge/copies', bridges.dropCopies)
  .post('/apps/:slug/bridges/:bridge/copies/:copy/release', bridges.release)
  .get('/keys', async (_request, hub) => {
    const keys = await listKeys(hub, ACCOUNT_KEYS);
    return json({ keys: keys.map(({ id, name }) => ({ id, name })) });
  })
  .post('/keys', async (request, hub) => {
    const { name } = await body(request, NewKey);
    const { id, secret } = await addKey(hub, ACCOUNT_KEYS, name);
    return json({ key: { id, name }, sunshine: { basePath: hub.origin, keyId: id, secret } }, 201);
  })
  .delete('/keys/:key', async (request, hub) => {
    await endKey(hub, ACCOUNT_KEYS, accountKey(hub, param(request, 'key')));
    return json({});
  })
  .get('/health', async (_request, hub) => json({ version: VERSION, index: await indexHealth(hub) }))
  .all('*', () => {
    throw new Refused(notFound('route'));
  });

/** Every route by its method and its path; tests make their cases from it. */
export const operatorRoutes = router.routes.map(([method, , , path = '']) => ({ method, path }));

/** Every answer of the operator API, refusals in their form. */
export async function handleOperator(request: Request, hub: Hub): Promise<Response> {
  try {
    demandToken(request, hub);
    return await repeatable(request, hub, (asked) => router.fetch(asked, hub) as Promise<Response>);
  } catch (error) {
    return operatorError(error, hub.requestId);
  }
}

function demandToken(request: Request, hub: Hub): void {
  const given = /^Bearer (.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? '';
  if (!sameSecret(given, hub.settings.adminToken)) {
    throw new Refused({
      code: 'unauthorized',
      message: 'The operator API needs the admin token as a bearer token.',
    });
  }
}

/** The number in an account key's id. */
function accountKey(hub: Hub, id: string): KeyNumber {
  const digits = /^act_([0-9a-f]{24})$/.exec(id)?.[1];
  const n = digits === undefined ? null : hub.ids.parseHex('key', digits);
  if (n === null) throw new Refused(notFound('key'));
  return keyNumber(n);
}

function conversationParam(request: IRequest): ConversationNumber {
  const number = parseConversation(param(request, 'number'));
  if (number === null) throw new Refused(notFound('conversation'));
  return number;
}

/** Somebody of the app by any of their names; invalid, with the field, when nobody is called so. */
async function personNamed(hub: Hub, app: App, name: string, path: string): Promise<UserNumber> {
  try {
    return (await userByAnyName(hub, app, name)).number;
  } catch (error) {
    if (!(error instanceof Refused) || error.refusal.code !== 'not_found') throw error;
    const message = 'nobody of this app has this name';
    throw new Refused(invalid('Some fields are wrong.', [{ path, message }]));
  }
}
