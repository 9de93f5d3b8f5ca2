import { expect, test } from 'vitest';
import { type AppCredentials, credentialsAt } from '../../src/standalone/demo.ts';
import { READY, startPage } from '../../src/standalone/page.ts';

const made: AppCredentials = {
  app: { slug: 'demo', name: 'Demo', number: 1 },
  sunshine: { basePath: 'http://127.0.0.1:8787', appId: 'aaaa', keyId: 'app_1', secret: 's1' },
  qiscus: { baseUrl: 'http://127.0.0.1:8787', appId: 'demo', secret: 's2' },
  ppmessage: {
    baseUrl: 'http://127.0.0.1:8787',
    appUuid: 'bbbb',
    ppcom: { apiKey: 'k1', apiSecret: 's3' },
    ppkefu: { apiKey: 'k2', apiSecret: 's4' },
  },
  tapatalk: { url: 'http://127.0.0.1:8787/forum/demo/mobiquo/mobiquo.php' },
  realtime: { url: 'ws://127.0.0.1:8787/realtime' },
};
const demo = {
  origin: 'http://127.0.0.1:8787',
  credentials: made,
  people: [
    { username: 'alice', displayName: 'Alice', password: 'p1', made: true },
    { username: 'bob', displayName: 'Bob', password: 'p2', made: true },
  ],
  complete: true,
};
const facts = {
  version: '1.2.3',
  url: 'http://127.0.0.1:9000',
  dataDir: '/srv/parlance',
  adminToken: 'operator-token',
  adminTokenMade: true,
  credentials: credentialsAt(demo, 'https://chat.example'),
  people: demo.people,
};

test('the start page, at the address that holds now', () => {
  const page = startPage(facts);
  expect(READY.exec(page)?.[1]).toBe('http://127.0.0.1:9000');
  expect(page).toBe(`Parlance 1.2.3 serves at http://127.0.0.1:9000

  tapatalk   https://chat.example/forum/demo/mobiquo/mobiquo.php
  sunshine   https://chat.example
             app aaaa    key app_1    secret s1
  qiscus     https://chat.example
             app demo    secret s2
  ppmessage  https://chat.example
             app bbbb
             widget key k1    secret s3
             agent key k2    secret s4
  realtime   wss://chat.example/realtime

  people     alice / p1    bob / p2
  operator   ADMIN_TOKEN operator-token

See it in a browser: http://127.0.0.1:9000/

Open a conversation for bob:

  curl -u app_1:s1 \\
    https://chat.example/v2/apps/aaaa/conversations \\
    -H 'content-type: application/json' \\
    -d '{"type": "personal", "participants": [{"userExternalId": "bob"}]}'

Data: /srv/parlance    Documentation: http://127.0.0.1:9000/docs    Stop: Ctrl-C`);
});

test('a token from the environment is not printed', () => {
  expect(startPage({ ...facts, adminTokenMade: false })).not.toContain('operator-token');
});
