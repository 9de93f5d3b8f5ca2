import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type StartFailure, startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.remove());

/** An operator's call; answers the status. */
async function operator(path: string, body?: object): Promise<number> {
  const answer = await fetch(`${server.url}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${server.adminToken}`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  await answer.body?.cancel();
  return answer.status;
}

const makeUser = (username: string) =>
  operator('/admin/apps/demo/users', { username, password: 'pass word 1' });

/** What a start that must fail says. */
async function refusal(env: Record<string, string>): Promise<StartFailure> {
  const started = await startServer({ env }).catch((error: StartFailure) => error);
  if (started instanceof Error) return started;
  await started.remove();
  throw new Error('it started');
}

describe('the first start', () => {
  test('serves when it says so', async () => {
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    expect(server.output().stderr).toBe('');
  });

  test('has made the demo app and its people', async () => {
    expect(await operator('/admin/apps', { slug: 'demo', name: 'Demo' })).toBe(409);
    for (const name of ['alice', 'bob', 'carol']) expect(await makeUser(name)).toBe(409);
  });

  test('prints every door and every secret that it made', () => {
    const page = server.output().stdout;
    const demo = JSON.parse(readFileSync(join(server.dataDir, 'demo.json'), 'utf8'));
    const { sunshine, qiscus, ppmessage, tapatalk, realtime } = demo.credentials;
    for (const shown of [
      server.adminToken,
      ...demo.people.map((person: { username: string; password: string }) => person.password),
      ...[sunshine.appId, sunshine.keyId, sunshine.secret, qiscus.secret],
      ...[ppmessage.appUuid, ppmessage.ppcom.apiKey, ppmessage.ppcom.apiSecret],
      ...[ppmessage.ppkefu.apiKey, ppmessage.ppkefu.apiSecret, tapatalk.url, realtime.url],
    ]) {
      expect(page).toContain(shown);
    }
    expect(tapatalk.url).toBe(`${server.url}/forum/demo/mobiquo/mobiquo.php`);
  });

  test('keeps its secrets from other users of the machine', () => {
    for (const file of ['secrets.json', 'demo.json']) {
      expect(statSync(join(server.dataDir, file)).mode & 0o777).toBe(0o600);
    }
    expect(statSync(server.dataDir).mode & 0o777).toBe(0o700);
  });
});

describe('a second server', () => {
  test('on the same data is refused and told who has it', async () => {
    const { code, stderr } = await refusal({ DATA_DIR: server.dataDir });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^Parlance does not serve: DATA_DIR \S+ is in use by another running server \(process \d+, http/,
    );
    expect(stderr).toContain(server.url);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('on the same port is refused', async () => {
    const { code, stderr } = await refusal({ PORT: new URL(server.url).port });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^Parlance does not serve: 127\.0\.0\.1:\d+ is already taken by another program\..*\n$/,
    );
  });
});

test('a malformed setting stops the start with one line', async () => {
  const { code, stderr } = await refusal({ INDEX_WAIT_MS: 'soon' });
  expect(code).toBe(1);
  expect(stderr).toBe(
    'Parlance does not serve: INDEX_WAIT_MS="soon" is not such a number. It takes a whole number from 0 to 30000.\n',
  );
});

describe('what was acknowledged', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'survives %s, which ends the server with exit code 0',
    async (signal) => {
      expect(await makeUser(`before-${signal}`)).toBe(201);
      const page = server.output().stdout;
      expect(await server.stop(signal)).toBe(0);
      await expect(fetch(server.url)).rejects.toThrow();
      await server.restart();
      expect(await makeUser(`before-${signal}`)).toBe(409);
      expect(server.output()).toEqual({ stdout: page, stderr: '' });
    },
  );

  test('survives a signal that arrives twice, as one does that a terminal sends to npm and its server', async () => {
    const stopped = server.stop('SIGINT');
    expect(await server.stop('SIGINT')).toBe(0);
    await stopped;
    await server.restart();
  });

  test('survives kill -9 of the server, which a new one replaces at once', async () => {
    expect(await makeUser('before-kill')).toBe(201);
    await server.kill9();
    // Its runtime must go with it: an orphan would go on answering, with nobody to stop it.
    await expect.poll(() => fetch(server.url).catch(() => 'nobody'), { timeout: 30_000 }).toBe('nobody');
    await server.restart();
    expect(await makeUser('before-kill')).toBe(409);
  });

  test('survives kill -9 of the runtime, which the server brings back on the same port', async () => {
    expect(await makeUser('before-crash')).toBe(201);
    await server.kill9('runtime');
    expect(await makeUser('before-crash')).toBe(409);
  });
});
