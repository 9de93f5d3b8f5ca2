// Whose app a bare /mobiquo/ address is: the one that its host name was given to, else DEFAULT_APP, else `demo`
// (DESIGN.md 8).
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeResponse } from '../../src/xmlrpc/decode.ts';
import { encodeCall } from '../../src/xmlrpc/encode.ts';
import { told } from '../model/forum.ts';
import { canonicalBytes } from '../support/canonical.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { text } from './calls/tapatalk.ts';

/** Who can sign in at the bare address under this host name: that tells whose app it is. */
async function ownersAt(hub: TestHub, host: string): Promise<string[]> {
  const owners = await Promise.all(
    ['one', 'two', 'alice'].map(async (username) => {
      const body = encodeCall('login', [text(username), text(`${username}'s password`)]);
      const answer = await post(hub, host, body);
      return answer.result === true ? [username] : [];
    }),
  );
  return owners.flat();
}

function post(hub: TestHub, host: string, body: string | Uint8Array): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const call = request(
      `${hub.url}/mobiquo/mobiquo.php`,
      { method: 'POST', headers: { host, 'content-type': 'text/xml' } },
      async (reply) => {
        const chunks: Buffer[] = [];
        for await (const chunk of reply) chunks.push(chunk as Buffer);
        const read = decodeResponse(canonicalBytes(Buffer.concat(chunks)));
        resolve(read.fault ? { fault: read.fault.text } : (told(read.value) as Record<string, unknown>));
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

async function patch(
  hub: TestHub,
  slug: string,
  hosts: string[],
): Promise<{ status: number; hosts?: string[] }> {
  const answer = await fetch(`${hub.url}/admin/apps/${slug}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${hub.adminToken}` },
    body: JSON.stringify({ hosts }),
  });
  const { app } = (await answer.json()) as { app?: { hosts: string[] } };
  return { status: answer.status, ...(app && { hosts: app.hosts.toSorted() }) };
}

async function twoForums(hub: TestHub): Promise<void> {
  for (const slug of ['one', 'two']) {
    await hub.createApp(slug);
    await hub.createUser(slug, { username: slug, password: `${slug}'s password` });
  }
}

describe('without DEFAULT_APP', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await startTestHub();
    await twoForums(hub);
    await hub.createUser('demo', { username: 'Alice-2', password: 'x' });
  });
  afterAll(() => hub?.stop());

  test('a host name means its app, in any case, with any port and with a dot at its end', async () => {
    expect(await patch(hub, 'one', ['Forum.One.Example.', 'forum.one.example', '127.0.0.1'])).toEqual({
      status: 200,
      hosts: ['127.0.0.1', 'forum.one.example'],
    });
    for (const host of [
      'forum.one.example',
      'FORUM.One.example:8787',
      'forum.one.example.',
      'forum.one.example.:80',
    ])
      expect([host, await ownersAt(hub, host)]).toEqual([host, ['one']]);
    expect(await ownersAt(hub, '127.0.0.1:1234')).toEqual(['one']);
    for (const host of ['one.example', 'www.forum.one.example', 'forum.one.example.evil.example'])
      expect([host, await ownersAt(hub, host)]).toEqual([host, []]);
  });

  test("another app's host name is a conflict in whatever form, and changes nothing", async () => {
    await patch(hub, 'one', ['forum.one.example']);
    for (const taken of ['forum.one.example', 'FORUM.one.Example.'])
      expect(await patch(hub, 'two', ['new.example', taken])).toEqual({ status: 409 });
    expect(await ownersAt(hub, 'forum.one.example')).toEqual(['one']);
    expect(await ownersAt(hub, 'new.example')).toEqual([]);
    for (const wrong of ['forum.two.example:80', 'https://forum.two.example', 'two words', ''])
      expect([wrong, await patch(hub, 'two', [wrong])]).toEqual([wrong, { status: 400 }]);
  });

  test('a host name that is given up is free for another app at once', async () => {
    await patch(hub, 'one', ['moves.example']);
    expect(await ownersAt(hub, 'moves.example')).toEqual(['one']);
    await patch(hub, 'one', []);
    await patch(hub, 'two', ['moves.example']);
    expect(await ownersAt(hub, 'moves.example')).toEqual(['two']);
  });

  test('every other host name means the demo app', async () => {
    const answer = await post(hub, 'unknown.example', encodeCall('get_config', []));
    expect(answer).toMatchObject({ is_open: true });
    await hub.createUser('demo', { username: 'one', password: "one's password" });
    expect(await ownersAt(hub, 'unknown.example')).toEqual(['one']);
  });
});

test('DEFAULT_APP answers where no host name is given to an app', async () => {
  const hub = await startTestHub({ env: { DEFAULT_APP: 'two' } });
  try {
    await twoForums(hub);
    await patch(hub, 'one', ['forum.one.example']);
    expect(await ownersAt(hub, 'unknown.example')).toEqual(['two']);
    expect(await ownersAt(hub, 'forum.one.example')).toEqual(['one']);
  } finally {
    await hub.stop();
  }
});
