// Every setting of the hub: name, default, unit, what is accepted. Pure: where the values come from (the process
// environment, a worker's bindings) and what they do lives with whoever reads them. docs/settings.md holds this table.

/** What one setting accepts and means. `read` answers the value or throws `Malformed` with what is wrong. */
interface Setting<T> {
  readonly name: string;
  readonly about: string;
  /** In words, for the documentation and the error message: "a whole number from 0 to 30000". */
  readonly accepts: string;
  readonly unit?: string;
  /** Absent: the setting must be given. */
  readonly fallback?: { readonly value: T; readonly shown: string };
  /** Its value never appears in a message. */
  readonly secret?: true;
  /** Weakens a protection or a promise: refused unless the hub is reachable from this machine only. */
  readonly development?: true;
  /** `local`: the hub is reachable from this machine only. */
  readonly read: (text: string, local: boolean) => T;
}

class Malformed extends Error {}

const none = (shown: string) => ({ value: null, shown });

function numberBetween(
  low: number,
  high: number,
  whole: boolean,
): { accepts: string; read: (text: string) => number } {
  return {
    accepts: `a ${whole ? 'whole ' : ''}number from ${low} to ${high}`,
    read: (text) => {
      // Number() alone would also take '', '0x10', '1e3' and ' 5 '.
      if (!(whole ? /^\d+$/ : /^\d+(\.\d+)?$/).test(text)) throw new Malformed('is not such a number');
      const value = Number(text);
      if (value < low || value > high) throw new Malformed('is out of range');
      return value;
    },
  };
}

function secretOf(
  minLength: number,
  minLengthLocal: number,
): { accepts: string; secret: true; read: (text: string, local: boolean) => string } {
  const shorter = minLengthLocal < minLength ? ' (any number when HOST is a loopback address)' : '';
  return {
    accepts: `at least ${minLength} visible ASCII characters${shorter} without spaces`,
    secret: true,
    read: (text, local) => {
      // It travels in a header, where other characters are mangled on the way.
      if (!/^[\x21-\x7e]+$/.test(text))
        throw new Malformed('holds a space or a character outside visible ASCII');
      if (text.length < (local ? minLengthLocal : minLength)) throw new Malformed('is too short');
      return text;
    },
  };
}

function readHost(text: string): string {
  const host = text.replace(/^\[(.*)\]$/, '$1');
  if (!/^[a-z0-9.:-]+$/i.test(host)) throw new Malformed('is neither an address nor a host name');
  return host;
}

function readOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol)) throw new Malformed('is not a http or https address');
  if (url.username || url.password) throw new Malformed('holds credentials');
  // Clients append their own paths to it: "https://x/base" would make addresses that no route knows.
  if (url.pathname !== '/' || url.search || url.hash)
    throw new Malformed('has a path, a query or a fragment');
  return url.origin;
}

function readHostPorts(text: string): readonly string[] {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== '');
  for (const entry of entries) {
    const [, port] = /^(?:[a-z0-9.-]+|\[[0-9a-f:]+\]):(\d{1,5})$/i.exec(entry) ?? [];
    if (port === undefined || Number(port) < 1 || Number(port) > 65_535) {
      throw new Malformed(`holds ${JSON.stringify(entry)}, which is not host:port`);
    }
  }
  return entries.map((entry) => entry.toLowerCase());
}

/** The table itself, in the order of docs/settings.md. Keys are the fields of `Settings`. */
const SETTINGS = {
  host: {
    name: 'HOST',
    about: 'Address that the standalone server listens on.',
    accepts: 'an IP address or a host name',
    fallback: { value: '127.0.0.1', shown: '127.0.0.1' },
    read: readHost,
  } as Setting<string>,
  port: {
    name: 'PORT',
    about: 'Port that the standalone server listens on; 0 takes any free one.',
    fallback: { value: 8787, shown: '8787' },
    ...numberBetween(0, 65_535, true),
  } as Setting<number>,
  dataDir: {
    name: 'DATA_DIR',
    about: 'Folder of the standalone server: all data, and the secrets that it made.',
    accepts: 'a path',
    fallback: { value: '.parlance', shown: '.parlance' },
    read: (text) => text,
  } as Setting<string>,
  publicUrl: {
    name: 'PUBLIC_URL',
    about: 'Origin that clients use when it is not the one of the request, as behind a TLS proxy.',
    accepts: 'a http or https origin without a path',
    fallback: none('the origin of the request'),
    read: readOrigin,
  } as Setting<string | null>,
  defaultApp: {
    name: 'DEFAULT_APP',
    about: 'Slug of the app that answers on addresses which name none.',
    accepts: 'a slug: lower-case letters, digits and hyphens, at most 63',
    fallback: { value: 'demo', shown: 'demo' },
    read: (text) => {
      if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text)) throw new Malformed('is not a slug');
      return text;
    },
  } as Setting<string>,
  adminToken: {
    name: 'ADMIN_TOKEN',
    about:
      'Bearer token of the operator API. The standalone server makes one on its first start if none is given.',
    ...secretOf(16, 1),
  } as Setting<string>,
  hubSecret: {
    name: 'HUB_SECRET',
    about: 'Signs sessions and disguises numbers. Changing it signs everybody out and changes public ids.',
    ...secretOf(32, 32),
  } as Setting<string>,
  indexWaitMs: {
    name: 'INDEX_WAIT_MS',
    about: 'How long a call that changed something waits until lists, counters and search show it.',
    unit: 'ms',
    fallback: { value: 250, shown: '250' },
    ...numberBetween(0, 30_000, true),
  } as Setting<number>,
  indexWaitJoinMs: {
    name: 'INDEX_WAIT_JOIN_MS',
    about: 'The same for joining and leaving a conversation.',
    unit: 'ms',
    fallback: { value: 2_000, shown: '2000' },
    ...numberBetween(0, 30_000, true),
  } as Setting<number>,
  limits: {
    name: 'LIMITS',
    about: '`off` lifts the rate limits. Caps on the size of bodies stay.',
    accepts: '`on` or `off`',
    fallback: { value: 'on', shown: 'on' },
    development: true,
    read: (text) => {
      if (text !== 'on' && text !== 'off') throw new Malformed('is neither');
      return text;
    },
  } as Setting<'on' | 'off'>,
  signInGuesses: {
    name: 'SIGN_IN_GUESSES',
    about:
      'Wrong passwords that are checked at once for one account from one address (from all, where addresses are not known). One more every 6 s.',
    fallback: { value: 10, shown: '10' },
    ...numberBetween(1, 10_000, true),
  } as Setting<number>,
  signInGuessesPerAccount: {
    name: 'SIGN_IN_GUESSES_PER_ACCOUNT',
    about: 'The same for one account from all addresses together.',
    fallback: { value: 100, shown: '100' },
    ...numberBetween(1, 100_000, true),
  } as Setting<number>,
  signInGuessesPerAddress: {
    name: 'SIGN_IN_GUESSES_PER_ADDRESS',
    about: 'The same for all accounts from one address.',
    fallback: { value: 50, shown: '50' },
    ...numberBetween(1, 100_000, true),
  } as Setting<number>,
  clientAddressHeader: {
    name: 'CLIENT_ADDRESS_HEADER',
    about:
      "Header in which a proxy in front of the server tells the client's address. The proxy must replace, or append to, what a client sent.",
    accepts: 'the name of a header',
    fallback: none('`cf-connecting-ip` on Cloudflare; none elsewhere'),
    read: (text) => {
      if (!/^[a-z0-9-]+$/i.test(text)) throw new Malformed('is no name of a header');
      return text.toLowerCase();
    },
  } as Setting<string | null>,
  passwordCost: {
    name: 'PASSWORD_COST',
    about: 'Binary logarithm of the cost (N of scrypt) that passwords are hashed with.',
    fallback: { value: 14, shown: '14' },
    development: true,
    ...numberBetween(1, 15, true),
  } as Setting<number>,
  evictEvery: {
    name: 'EVICT_EVERY',
    about:
      'Takes the memory of each object after that many calls, to show that nothing depends on it; 0 never does.',
    unit: 'calls',
    fallback: { value: 0, shown: '0' },
    development: true,
    ...numberBetween(0, 1_000_000, true),
  } as Setting<number>,
  webhookAllowHosts: {
    name: 'WEBHOOK_ALLOW_HOSTS',
    about:
      'Private addresses that webhooks, sign-in calls and downloads may be sent to although the request-forgery guard refuses them.',
    accepts: 'host:port entries, exact, separated by commas',
    fallback: { value: [], shown: 'none' },
    development: true,
    read: readHostPorts,
  } as Setting<readonly string[]>,
  webhookRetrySeconds: {
    name: 'WEBHOOK_RETRY_SECONDS',
    about: 'Time between two attempts at a webhook, in place of every schedule and floor.',
    unit: 's',
    fallback: none("each webhook's own schedule"),
    development: true,
    ...numberBetween(0, 3_600, false),
  } as Setting<number | null>,
  webhookTimeoutMs: {
    name: 'WEBHOOK_TIMEOUT_MS',
    about:
      'How long a webhook, a sign-in call or a download may take to answer, in place of every other limit.',
    unit: 'ms',
    fallback: none("each webhook's own limit"),
    development: true,
    ...numberBetween(1, 60_000, true),
  } as Setting<number | null>,
};

type Table = typeof SETTINGS;
type Key = keyof Table;

/** The hub's settings, checked. Times in the unit that the field's name says. */
export type Settings = { readonly [K in Key]: Table[K] extends Setting<infer T> ? T : never };

/** What the standalone server must know before it can look for its secrets. */
export type Place = Pick<Settings, 'host' | 'port' | 'dataDir'>;

export const SETTING_NAMES: readonly string[] = Object.values(SETTINGS).map((setting) => setting.name);

export const DEFAULT_HOST = '127.0.0.1';

/** Some settings are missing or malformed: `message` has one line for each, and never a secret's value. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** Whether a host can be reached from its own machine only. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host.replace(/^\[(.*)\]$/, '$1'));
}

/**
 * Reads all settings, from a process environment or a worker's bindings; an empty string counts as not given.
 * Settings for development need `HOST` to be given and loopback: on Cloudflare there is none, so they are refused.
 * Throws a `SettingsError` that names every setting in the wrong.
 */
export function parseSettings(env: Readonly<Record<string, unknown>>): Settings {
  return read(env, Object.keys(SETTINGS) as Key[]) as Settings;
}

/** Reads only where the standalone server listens and keeps its data; the same rules and errors. */
export function parsePlace(env: Readonly<Record<string, unknown>>): Place {
  return read(env, ['host', 'port', 'dataDir']) as unknown as Place;
}

/** The settings of an environment under their own names, to hand on to the worker. Malformed ones too. */
export function settingsIn(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const given = SETTING_NAMES.map((name) => [name, env[name] ?? ''] as const);
  return Object.fromEntries(given.filter(([, text]) => text !== ''));
}

function read(env: Readonly<Record<string, unknown>>, keys: readonly Key[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  const local = typeof env.HOST === 'string' && isLoopback(env.HOST);
  for (const key of keys) {
    const setting: Setting<unknown> = SETTINGS[key];
    try {
      values[key] = readOne(setting, env[setting.name], local);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) throw new SettingsError(problems.join('\n'));
  return values;
}

function readOne(setting: Setting<unknown>, given: unknown, local: boolean): unknown {
  // A number may stand unquoted in wrangler.toml.
  const text = typeof given === 'number' ? String(given) : given;
  if (text === undefined || text === null || text === '') {
    if (setting.fallback) return setting.fallback.value;
    throw new Malformed(`${setting.name} is not set. It takes ${setting.accepts}.`);
  }
  if (typeof text !== 'string') {
    throw new Malformed(`${setting.name} must be text. It takes ${setting.accepts}.`);
  }
  try {
    const value = setting.read(text.trim(), local);
    if (!setting.development || local || value === setting.fallback?.value) return value;
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    const shown = setting.secret ? '' : `=${JSON.stringify(text.slice(0, 80))}`;
    throw new Malformed(`${setting.name}${shown} ${error.message}. It takes ${setting.accepts}.`);
  }
  throw new Malformed(`${setting.name} is for development: it is refused unless HOST is a loopback address.`);
}

/** The table of docs/settings.md, as Markdown. */
export function settingsTable(): string {
  const head = ['| setting | default | accepts | what it does |', '|---|---|---|---|'];
  const rows = Object.values(SETTINGS).map((row) => {
    const setting: Setting<unknown> = row;
    const shown = setting.fallback?.shown ?? 'must be given';
    const unit = setting.unit ? ` (${setting.unit})` : '';
    const about = setting.development ? `Development only. ${setting.about}` : setting.about;
    return `| \`${setting.name}\` | ${shown}${unit} | ${setting.accepts} | ${about} |`;
  });
  return [...head, ...rows].join('\n');
}
