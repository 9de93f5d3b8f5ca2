// What the directory's errors look like once they leave it: in a log, and on their way to a door.
import { env } from 'cloudflare:workers';
import { drizzle } from 'drizzle-orm/d1';
import { afterEach, expect, test, vi } from 'vitest';
import { takenColumn } from '../../src/directory/door.ts';
import { insertUser } from '../../src/directory/people.ts';
import * as schema from '../../src/directory/schema/people.ts';
import { Refused } from '../../src/domain/errors.ts';
import type { Env } from '../../src/env.ts';
import { hubOf } from '../../src/hub/context.ts';
import { ask } from '../../src/hub/directory.ts';
import { fresh, makeApp } from '../conversation/harness.ts';

const hub = hubOf(env as unknown as Env, 'http://hub.test', () => {});
const SECRET = 'scrypt$hash-of-somebody';

afterEach(() => {
  vi.restoreAllMocks();
});

const thrown = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

/** All that a log could print of it. */
const textOf = (error: unknown): string =>
  error instanceof Error
    ? `${error.stack} ${JSON.stringify(error)} ${error instanceof Refused ? JSON.stringify(error.refusal) : ''} ${textOf(error.cause)}`
    : String(error);

const person = (username: string) => ({
  externalId: fresh('x'),
  email: null,
  username,
  name: username,
  avatar: null,
  locale: null,
  role: 'member' as const,
  metadata: {},
  profile: {},
  password: SECRET,
});

test('a failed statement is logged once, under the request, without its values, and they reach no door', async () => {
  const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
  const app = await makeApp();
  const error = await thrown(
    ask(hub, app, (d1) =>
      drizzle(d1)
        .insert(schema.user)
        .values({ app: 'none' as never, username: null as never, usernameKey: SECRET } as never),
    ),
  );
  expect((error as Refused).refusal).toMatchObject({ code: 'unavailable' });
  expect(textOf(error)).not.toContain(SECRET);
  expect(logged).toHaveBeenCalledTimes(1);
  const [line] = logged.mock.calls[0] as [string];
  expect(JSON.parse(line)).toMatchObject({ at: 'directory', request: hub.requestId });
  expect(line).not.toContain(SECRET);
});

test('a name that is taken is said to be, without the values of the row', async () => {
  const app = await makeApp();
  const name = fresh('twice');
  await insertUser((env as unknown as Env).DB, app, person(name), 1);
  const error = await thrown(ask(hub, app, (d1) => insertUser(d1, app, person(name), 1)));
  expect(takenColumn(error)).not.toBe(null);
  expect(textOf(error)).not.toContain(SECRET);
});
