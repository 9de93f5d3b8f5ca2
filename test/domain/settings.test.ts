import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  isLoopback,
  parsePlace,
  parseSettings,
  settingsIn,
  settingsTable,
} from '../../src/domain/settings.ts';

const SECRETS = { ADMIN_TOKEN: 'an-operator-token', HUB_SECRET: 'x'.repeat(32) };
const parse = (env: Record<string, unknown>) => parseSettings({ ...SECRETS, ...env });

/** The message of the refusal, or a failed test. */
function refusal(env: Record<string, unknown>): string {
  try {
    parse(env);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error(`accepted: ${JSON.stringify(env)}`);
}

describe('settings', () => {
  test('every one but the two secrets has a default', () => {
    expect(parse({})).toEqual({
      host: '127.0.0.1',
      port: 8787,
      dataDir: '.parlance',
      publicUrl: null,
      defaultApp: 'demo',
      adminToken: SECRETS.ADMIN_TOKEN,
      hubSecret: SECRETS.HUB_SECRET,
      indexWaitMs: 250,
      indexWaitJoinMs: 2000,
      limits: 'on',
      passwordCost: 14,
      signInGuesses: 10,
      signInGuessesPerAccount: 100,
      signInGuessesPerAddress: 50,
      clientAddressHeader: null,
      evictEvery: 0,
      webhookAllowHosts: [],
      webhookRetrySeconds: null,
      webhookTimeoutMs: null,
    });
  });

  test('a given value wins over the default, an empty one does not', () => {
    const settings = parse({
      HOST: '0.0.0.0',
      PORT: '0',
      INDEX_WAIT_MS: 0,
      DEFAULT_APP: '',
      PUBLIC_URL: 'https://x.example/',
    });
    expect(settings).toMatchObject({
      host: '0.0.0.0',
      port: 0,
      indexWaitMs: 0,
      defaultApp: 'demo',
      publicUrl: 'https://x.example',
    });
  });

  test.each([
    [{ PORT: '80a' }, 'PORT="80a" is not such a number. It takes a whole number from 0 to 65535.'],
    [{ PORT: '70000' }, 'PORT="70000" is out of range. It takes a whole number from 0 to 65535.'],
    [
      { INDEX_WAIT_MS: '-1' },
      'INDEX_WAIT_MS="-1" is not such a number. It takes a whole number from 0 to 30000.',
    ],
    [
      { INDEX_WAIT_MS: '1e3' },
      'INDEX_WAIT_MS="1e3" is not such a number. It takes a whole number from 0 to 30000.',
    ],
    [{ INDEX_WAIT_MS: true }, 'INDEX_WAIT_MS must be text. It takes a whole number from 0 to 30000.'],
    [
      { HOST: 'a b' },
      'HOST="a b" is neither an address nor a host name. It takes an IP address or a host name.',
    ],
    [
      { PUBLIC_URL: 'x.example' },
      'PUBLIC_URL="x.example" is not a http or https address. It takes a http or https origin without a path.',
    ],
    [
      { PUBLIC_URL: 'https://x.example/chat' },
      'PUBLIC_URL="https://x.example/chat" has a path, a query or a fragment. It takes a http or https origin without a path.',
    ],
    [
      { DEFAULT_APP: 'Demo' },
      'DEFAULT_APP="Demo" is not a slug. It takes a slug: lower-case letters, digits and hyphens, at most 63.',
    ],
    [
      { CLIENT_ADDRESS_HEADER: 'X-Real IP' },
      'CLIENT_ADDRESS_HEADER="X-Real IP" is no name of a header. It takes the name of a header.',
    ],
    [{ HOST: 'localhost', LIMITS: 'no' }, 'LIMITS="no" is neither. It takes `on` or `off`.'],
    [
      { HOST: 'localhost', WEBHOOK_ALLOW_HOSTS: 'a:1,b' },
      'WEBHOOK_ALLOW_HOSTS="a:1,b" holds "b", which is not host:port. It takes host:port entries, exact, separated by commas.',
    ],
    [
      { HUB_SECRET: '' },
      'HUB_SECRET is not set. It takes at least 32 visible ASCII characters without spaces.',
    ],
  ])('%j is refused in words that say what is accepted', (env, message) => {
    expect(refusal(env)).toBe(message);
  });

  test('all problems are told at once', () => {
    expect(refusal({ PORT: 'x', INDEX_WAIT_MS: 'y' }).split('\n')).toHaveLength(2);
  });

  test('a secret that is refused is not repeated', () => {
    expect(refusal({ HUB_SECRET: 'hush' })).toMatch(/^HUB_SECRET is too short/);
    expect(refusal({ HUB_SECRET: 'hush', ADMIN_TOKEN: 'hush hush hush' })).not.toContain('hush');
  });

  const DEVELOPMENT = {
    LIMITS: 'off',
    PASSWORD_COST: '4',
    EVICT_EVERY: '3',
    WEBHOOK_ALLOW_HOSTS: 'LocalHost:9000, [::1]:9001',
    WEBHOOK_RETRY_SECONDS: '0.2',
    WEBHOOK_TIMEOUT_MS: '500',
  };

  test.each(['127.0.0.1', '127.9.9.9', '::1', '[::1]', 'localhost'])(
    'development settings work on %s',
    (HOST) => {
      expect(parse({ HOST, ...DEVELOPMENT })).toMatchObject({
        limits: 'off',
        passwordCost: 4,
        evictEvery: 3,
        webhookAllowHosts: ['localhost:9000', '[::1]:9001'],
        webhookRetrySeconds: 0.2,
        webhookTimeoutMs: 500,
      });
    },
  );

  test.each(['0.0.0.0', '::', '192.168.0.2', 'localhost.example', undefined])(
    'each is refused on %s',
    (HOST) => {
      for (const [name, value] of Object.entries(DEVELOPMENT)) {
        expect(refusal({ HOST, [name]: value })).toBe(
          `${name} is for development: it is refused unless HOST is a loopback address.`,
        );
      }
    },
  );

  test('a development setting that says what holds anyway is no reason to refuse', () => {
    expect(parse({ HOST: '0.0.0.0', LIMITS: 'on', EVICT_EVERY: '0' })).toMatchObject({
      limits: 'on',
      passwordCost: 14,
      signInGuesses: 10,
      signInGuessesPerAccount: 100,
      signInGuessesPerAddress: 50,
      clientAddressHeader: null,
      evictEvery: 0,
    });
  });

  test('a short operator token is accepted where only this machine can use it', () => {
    expect(parse({ HOST: 'localhost', ADMIN_TOKEN: 'short' })).toMatchObject({ adminToken: 'short' });
    expect(refusal({ HOST: '0.0.0.0', ADMIN_TOKEN: 'short' })).toMatch(/^ADMIN_TOKEN is too short/);
  });

  test('the place is known before the secrets are', () => {
    expect(parsePlace({ PORT: '9' })).toEqual({ host: '127.0.0.1', port: 9, dataDir: '.parlance' });
    expect(isLoopback('127.0.0.1.example')).toBe(false);
  });

  test('only settings are handed on to the worker', () => {
    expect(settingsIn({ PATH: '/bin', PORT: '1', LIMITS: '' })).toEqual({ PORT: '1' });
  });

  test('docs/settings.md holds the table as the code has it', () => {
    const page = readFileSync(`${import.meta.dirname}/../../docs/settings.md`, 'utf8');
    // A formatter may pad the columns.
    const unpadded = (text: string) => text.replace(/ {2,}/g, ' ').replace(/\| ?-+ ?(?=\|)/g, '|---');
    expect(unpadded(page)).toContain(unpadded(settingsTable()));
  });
});
