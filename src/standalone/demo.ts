// The demo app that a first start makes through the operator API, as any operator would, and remembers for the page
// that later starts print. What the page looks like is page.ts.
import { randomInt } from 'node:crypto';
import { type DataDir, readJson, writeJson } from './data-dir.ts';
import type { Runtime } from './runtime.ts';

/** What POST /admin/apps answers (DESIGN.md 8), as far as the page shows it. */
export interface AppCredentials {
  readonly app: { slug: string; name: string; number: number };
  readonly sunshine: { basePath: string; appId: string; keyId: string; secret: string };
  readonly qiscus: { baseUrl: string; appId: string; secret: string };
  readonly ppmessage: {
    baseUrl: string;
    appUuid: string;
    ppcom: { apiKey: string; apiSecret: string };
    ppkefu: { apiKey: string; apiSecret: string };
  };
  readonly tapatalk: { url: string };
  readonly realtime: { url: string };
}

export interface Demo {
  /** The origin that the addresses below were made for. */
  origin: string;
  /** null: an app of that name was there already, so its secrets are not known. */
  credentials: AppCredentials | null;
  readonly people: { username: string; displayName: string; password: string; made: boolean }[];
  complete: boolean;
}

const SLUG = 'demo';
const PEOPLE = ['Alice', 'Bob', 'Carol'];
/** Who of them answers visitors. */
const TEAM: ReadonlySet<string> = new Set(['alice']);

/** No letters that are easily mistaken for one another: people type these. */
const PASSWORD_LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
const PASSWORD_LENGTH = 10;

const makePassword = () =>
  Array.from({ length: PASSWORD_LENGTH }, () => PASSWORD_LETTERS[randomInt(PASSWORD_LETTERS.length)]).join(
    '',
  );

/** What is known of the demo app of this folder, or null before the first start. */
export const knownDemo = (dataDir: DataDir) => readJson<Demo>(dataDir.file('demo.json'));

/**
 * Makes the demo app and its people, or what is missing of them after an interrupted first start: every secret is
 * on disk before the call that makes it count. Throws an Error when the operator API refuses.
 */
export async function makeDemo(
  runtime: Runtime,
  dataDir: DataDir,
  origin: string,
  adminToken: string,
): Promise<void> {
  const save = () => writeJson(dataDir.file('demo.json'), demo);
  const demo = knownDemo(dataDir) ?? {
    origin,
    credentials: null,
    people: PEOPLE.map((displayName) => ({
      username: displayName.toLowerCase(),
      displayName,
      password: makePassword(),
      made: false,
    })),
    complete: false,
  };
  save();

  /** POST; 409 means that it is there already, as after an interruption between the call and the save. */
  const make = async (path: string, body: object): Promise<unknown> => {
    const reply = await runtime.request(`${origin}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (reply.status === 201) return reply.json();
    if (reply.status === 409) return null;
    throw new Error(`POST ${path} answered ${reply.status}`);
  };

  if (demo.credentials === null) {
    demo.credentials = (await make('/admin/apps', { slug: SLUG, name: 'Demo' })) as AppCredentials | null;
    demo.origin = origin;
    save();
  }
  for (const person of demo.people.filter(({ made }) => !made)) {
    const { username, displayName, password } = person;
    await make(`/admin/apps/${SLUG}/users`, {
      username,
      displayName,
      password,
      role: TEAM.has(username) ? 'agent' : 'member',
    });
    person.made = true;
    save();
  }
  demo.complete = true;
  save();
}

/** The credentials with the addresses that hold now: the port or PUBLIC_URL may have changed since. */
export function credentialsAt(demo: Demo, origin: string): AppCredentials | null {
  const socket = (address: string) => address.replace(/^http/, 'ws');
  const text = JSON.stringify(demo.credentials);
  return JSON.parse(
    text.replaceAll(demo.origin, origin).replaceAll(socket(demo.origin), socket(origin)),
  ) as AppCredentials | null;
}
