// Hashing a password takes some 100 ms of the isolate's one thread (DESIGN.md 4): signing in does it, and nothing else.
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import type { Env } from '../../src/env.ts';
import { hubOf } from '../../src/hub/context.ts';
import { hashesMade } from '../../src/hub/passwords.ts';
import { createUser } from '../../src/hub/people.ts';
import { createApp } from '../../src/hub/provisioning.ts';
import worker from '../../src/index.ts';
import { decodeResponse } from '../../src/xmlrpc/decode.ts';
import { encodeCall } from '../../src/xmlrpc/encode.ts';
import { base64, int, type OutValue, string } from '../../src/xmlrpc/value.ts';

const hub = hubOf(env as unknown as Env, 'http://hub.test', () => {});

async function fetched(path: string, init: RequestInit): Promise<Response> {
  const ctx = createExecutionContext();
  const answer = await worker.fetch(new Request(`http://hub.test${path}`, init), env as unknown as Env, ctx);
  await waitOnExecutionContext(ctx);
  return answer;
}

test('posting and reading hash nothing, through any door; signing in hashes once', async () => {
  const { app, keys } = await createApp(hub, 'hashes', 'Hashes');
  const ann = await createUser(hub, app, { username: 'ann', password: "ann's" });
  await createUser(hub, app, { username: 'ben', password: "ben's" });

  let cookie = '';
  const forum = async (method: string, ...params: OutValue[]): Promise<Map<string, unknown>> => {
    const headers = { 'content-type': 'text/xml', cookie };
    const body = encodeCall(method, params);
    const answer = await fetched('/forum/hashes/mobiquo/mobiquo.php', { method: 'POST', headers, body });
    cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    const read = decodeResponse(new Uint8Array(await answer.arrayBuffer()));
    if (read.fault) throw new Error(read.fault.text);
    return read.value as Map<string, unknown>;
  };

  let before = hashesMade();
  expect((await forum('login', base64('ann'), base64("ann's"))).get('result')).toBe(true);
  expect(hashesMade() - before).toBe(1);

  before = hashesMade();
  const names = [base64('ben')];
  const opened = await forum('new_conversation', names, base64('Lunch'), base64('At noon?'));
  const c = string(opened.get('conv_id') as string);
  const said = await forum('reply_conversation', c, base64('Or later?'));
  const id = string(said.get('msg_id') as string);
  for (const [method, ...params] of [
    ['get_conversations'],
    ['get_conversation', c, int(0), int(9)],
    ['get_quote_conversation', c, id],
    ['get_inbox_stat'],
    ['invite_participant', names, c, base64('Because.')],
    ['mark_conversation_unread', c],
    ['mark_conversation_read'],
    ['delete_conversation', c, int(1)],
    ['login', base64(''), base64('')],
    ['get_config'],
  ] as [string, ...OutValue[]][]) {
    expect((await forum(method, ...params)).get('result'), method).not.toBe(false);
  }

  const { id: keyId, secret } = keys.sunshine;
  const authorization = `Basic ${btoa(`${keyId}:${secret}`)}`;
  const at = `/v2/apps/${hub.ids.hex('app', app.number)}/conversations`;
  const talk = `${at}/${hub.ids.hex('conversation', Number(opened.get('conv_id')))}`;
  const message = {
    author: { type: 'user', userId: hub.ids.hex('user', ann.number) },
    content: { type: 'text', text: 'From a back end' },
  };
  const body = JSON.stringify(message);
  expect(
    (await fetched(`${talk}/messages`, { method: 'POST', headers: { authorization }, body })).status,
  ).toBe(201);
  for (const path of [talk, `${talk}/messages`, `${talk}/participants`]) {
    expect((await fetched(path, { headers: { authorization } })).status).toBe(200);
  }
  expect(hashesMade() - before).toBe(0);
});
