// Who signs themselves up says what they are called: by that they take nobody's place, neither where others sign in nor in
// what an operator calls them.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AppCredentials } from '../../src/standalone/demo.ts';
import type { MadeUser } from '../support/operator.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import type { Json } from './calls/answer.ts';
import { askToken } from './ppmessage-client.ts';

let hub: TestHub;
let app: AppCredentials;
let ann: MadeUser;
let bea: MadeUser;

async function signUp(email: string): Promise<Json> {
  const answer = await fetch(`${app.qiscus.baseUrl}/api/v2/sdk/login_or_register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'qiscus-sdk-app-id': app.qiscus.appId },
    body: JSON.stringify({ email, password: 'their own' }),
  });
  expect(answer.status, email).toBe(200);
  return ((await answer.json()) as Json).results.user;
}

const person = (name: string, externalId: string) =>
  hub.createUser(app.app.slug, {
    username: `${name}.smith`,
    externalId,
    email: `${name}@example.org`,
    password: `${name}'s password`,
  });

beforeAll(async () => {
  hub = await startTestHub();
  app = await hub.createApp();
  // Before there is whom it means, and after.
  await signUp('crm-2002@elsewhere.example.org');
  await signUp('bea＠example.org');
  bea = await person('bea', 'crm-2002');
  ann = await person('ann', 'crm-1001');
  const taken = ['crm-1001', 'ann.smith', `${ann.number}`, `${bea.number}`];
  for (const name of taken) await signUp(`${name}@elsewhere.example.org`);
  for (const name of ['ann＠example.org', 'ｃｒｍ-1001', 'CRM-1001', `${ann.number}`, `${bea.number}`])
    await signUp(name);
});
afterAll(() => hub?.stop());

const both = (): [string, MadeUser][] => [
  ['ann', ann],
  ['bea', bea],
];

test('the operator finds people by user name, external id and number', async () => {
  for (const [name, { number, externalId }] of both()) {
    for (const called of [`${name}.smith`, externalId, `${number}`]) {
      const answer = await fetch(`${hub.url}/admin/apps/${app.app.slug}/users/${called}`, {
        headers: { authorization: `Bearer ${hub.adminToken}` },
      });
      expect(((await answer.json()) as Json).user, called).toMatchObject({ number });
    }
  }
});

test('everybody signs in by their user name, e-mail address and external id', async () => {
  const sha1 = (text: string) => createHash('sha1').update(text).digest('hex');
  for (const [name, { number, uuid, externalId }] of both()) {
    for (const called of [`${name}.smith`, `${name}@example.org`, externalId]) {
      const password = `${name}'s password`;
      const forum = await fetch(
        `${app.tapatalk.url.replace('mobiquo.php', 'tapatalk.php')}?method_name=login`,
        {
          method: 'POST',
          body: new URLSearchParams({ login: called, password }),
        },
      );
      expect(await forum.json(), called).toMatchObject({ result: true, user_id: `${number}` });
      const { body } = await askToken(app.ppmessage.baseUrl, {
        grant_type: 'password',
        client_id: app.ppmessage.ppkefu.apiKey,
        user_email: called,
        user_password: sha1(password),
      });
      expect(body, called).toMatchObject({ error_code: 0, user_uuid: uuid });
    }
  }
});

test('so does who signed up, by what they call themselves', async () => {
  const before = await signUp(`${ann.number}`);
  expect(await signUp(`${ann.number}`)).toMatchObject({ id: before.id, email: `${ann.number}` });
});
