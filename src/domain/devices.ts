// What people use the hub with: a device as the directory keeps it, and what a user agent says of one. Pure.
import type { AppNumber, DeviceNumber, UserNumber } from './ids.ts';
import type { JsonObject } from './model.ts';

export interface Device {
  number: DeviceNumber;
  app: AppNumber;
  user: UserNumber;
  /** `ios`, `android`, `web`, or what its door calls it. */
  platform: string;
  /** What the client calls itself, once for each person and platform; of one that does not, what its user agent is. */
  clientId: string;
  name: string | null;
  appVersion: string | null;
  info: JsonObject;
  pushToken: string | null;
  /** ms since 1970. */
  createdAt: number;
  lastSeenAt: number;
}

/** A device as a client describes it. What is left out stays as it was; a null takes it away. */
export type DeviceCard = Pick<Device, 'platform' | 'clientId'> &
  Partial<Pick<Device, 'name' | 'appVersion' | 'info' | 'pushToken'>>;

/** Longest user agent that is kept. */
const AGENT_LENGTH = 512;

/** Browsers by the token that only they have, the ones that pass for others first. */
const BROWSERS: readonly [token: RegExp, name: string][] = [
  [/\bEdgi?A?(?:OS)?\/([\d.]+)/, 'Edge'],
  [/\bOPR\/([\d.]+)/, 'Opera'],
  [/\bSamsungBrowser\/([\d.]+)/, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\/([\d.]+)/, 'Firefox'],
  [/\b(?:Chrome|CriOS)\/([\d.]+)/, 'Chrome'],
  [/\bVersion\/([\d.]+).* Safari\//, 'Safari'],
];
const SYSTEMS: readonly [token: RegExp, name: string][] = [
  [/\b(?:iPhone|iPad|iPod|iOS)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\b(?:Macintosh|Mac OS X|macOS)\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];
/** Stacks that apps of a system call through, and name instead of it. */
const STACKS: readonly [token: RegExp, system: string][] = [
  [/\b(?:CFNetwork|Darwin)\//, 'iOS'],
  [/\b(?:okhttp|Dalvik)\//, 'Android'],
];

/**
 * The device that a user agent describes; null where it says nothing. An update of an app or a browser is the same device,
 * so versions are no part of what it is known by.
 */
export function deviceOfAgent(header: string | null): DeviceCard | null {
  const agent = (header ?? '').trim().slice(0, AGENT_LENGTH).toWellFormed();
  if (agent === '') return null;
  const named = (list: typeof SYSTEMS): string | null =>
    list.find(([token]) => token.test(agent))?.[1] ?? null;
  const system = named(SYSTEMS) ?? named(STACKS);
  const [token, browser] = agent.startsWith('Mozilla/')
    ? (BROWSERS.find(([each]) => each.test(agent)) ?? [])
    : [];
  // Apps name themselves first: "Tapatalk/8.9 (iPhone; …)".
  const [, app, appVersion] = browser ? [] : (/^([^\s/(]{1,64})(?:\/([\w.-]{1,32}))?/.exec(agent) ?? []);
  const version = token?.exec(agent)?.[1];
  const product = browser ?? (app === 'Mozilla' ? null : app) ?? null;
  const isApp = browser === undefined && app !== 'Mozilla';
  const platform = isApp && system === 'iOS' ? 'ios' : isApp && system === 'Android' ? 'android' : 'web';
  return {
    platform,
    clientId: agent.replace(/[\d._]+/g, ''),
    name: [product, system].filter(Boolean).join(' on ') || null,
    ...(isApp && appVersion ? { appVersion } : {}),
    info: {
      userAgent: agent,
      ...(browser && { browser }),
      ...(version && { browserVersion: version }),
      ...(system && { os: system }),
    },
  };
}
