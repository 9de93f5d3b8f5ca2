// Webhooks over the network, to receivers that look at every byte (docs/webhooks.md).
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyWebhook } from '../../docs/verify-webhook.js';
import type { AppCredentials } from '../../src/standalone/demo.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { startTestHub, type TestHub } from '../support/server.ts';

let receiver: Receiver;
let hub: TestHub;
let app: AppCredentials;

// biome-ignore lint/suspicious/noExplicitAny: compared.
type Answer = { status: number; body: any };
const operate = async (method: string, path: string, body?: object): Promise<Answer> => {
  const reply = await fetch(`${hub.url}/admin/apps/${app.app.slug}${path}`, {
    method,
    headers: { authorization: `Bearer ${hub.adminToken}` },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: reply.status, body: await reply.json() };
};

const sunshine = async (method: string, path: string, body?: object): Promise<Answer> => {
  const { basePath, appId, keyId, secret } = app.sunshine;
  const reply = await fetch(`${basePath}/v2/apps/${appId}${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`${keyId}:${secret}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: reply.status, body: await reply.json() };
};

beforeAll(async () => {
  receiver = await startReceiver();
  hub = await startTestHub({
    env: { WEBHOOK_ALLOW_HOSTS: receiver.host, WEBHOOK_RETRY_SECONDS: '0.05', WEBHOOK_TIMEOUT_MS: '500' },
  });
  app = await hub.createApp('hooked');
  await hub.createUser('hooked', { username: 'ann', externalId: 'x-ann', displayName: 'Ann' });
});
afterAll(async () => {
  await hub?.stop();
  receiver?.close();
});

test('a message arrives', async () => {
  const made = await operate('POST', '/endpoints', { url: `${receiver.url}/in` });
  expect(made.status).toBe(201);
  const opened = await sunshine('POST', '/conversations', {
    type: 'personal',
    participants: [{ userExternalId: 'x-ann' }],
  });
  expect(opened.status).toBe(201);
  const { id } = opened.body.conversation;
  await sunshine('POST', `/conversations/${id}/messages`, {
    author: { type: 'business' },
    content: { type: 'text', text: 'Hello' },
  });
  await receiver.until((calls) => calls.length >= 3);
  for (const call of receiver.calls) {
    await verifyWebhook({ secrets: [made.body.secret], headers: call.headers, body: call.body });
    console.log(call.headers, call.body.toString());
  }
});
