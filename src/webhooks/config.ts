// What an endpoint's row says, as its object goes by it: how it is delivered, and of what it is told.
import { DEFAULT_KEEP_DAYS } from '../domain/hook-options.ts';
import type { Feed } from '../domain/hooks.ts';
import type { Configured } from '../endpoint/port.ts';
import type { Policy } from '../endpoint/schedule.ts';
import type { StoredBridge } from '../hub/bridges.ts';
import type { HookOfApp } from '../hub/hooks.ts';
import { FORMATS } from './formats/formats.ts';
import { parlance } from './formats/parlance.ts';

/** As it lies in the object: secrets and headers are sealed. */
export interface Config extends Configured {
  hook: HookOfApp;
  /** Where the format is `bridge`. */
  bridge: StoredBridge | null;
}

const DEFAULT_CONCURRENCY = 8;
const DEFAULT_PER_SECOND = 50;
/** About 2 GB at 20 kB each; an object holds 10. */
const DEFAULT_KEEP_MOST = 100_000;
const DAY_MS = 86_400_000;

/** Whether the endpoint is told of this conversation at all (W14). */
export function fits({ delivery }: HookOfApp, { facts }: Pick<Feed, 'facts'>): boolean {
  const { conversations, kinds, tags } = delivery;
  if (conversations && !conversations.includes(facts.number)) return false;
  if (kinds && !kinds.includes(facts.kind)) return false;
  return Object.entries(tags ?? {}).every(([key, value]) => String(facts.metadata?.[key] ?? '') === value);
}

export function configOf(hook: HookOfApp, bridge: StoredBridge | null, timeoutMs: number | null): Config {
  const { defaults } = FORMATS[hook.format] ?? parlance;
  const { delivery } = hook;
  const policy: Policy = {
    ordered: delivery.ordered ?? defaults.ordered,
    concurrency: delivery.concurrency ?? DEFAULT_CONCURRENCY,
    perSecond: delivery.perSecond ?? DEFAULT_PER_SECOND,
    timeoutMs: timeoutMs ?? (delivery.timeoutSeconds ? delivery.timeoutSeconds * 1000 : defaults.timeoutMs),
    delaysMs: delivery.schedule?.map((seconds) => seconds * 1000) ?? defaults.delaysMs,
    final: defaults.final,
    keptMs: (delivery.keepDays ?? DEFAULT_KEEP_DAYS) * DAY_MS,
    keptMost: delivery.keepMost ?? DEFAULT_KEEP_MOST,
  };
  const active = hook.state === 'active';
  return { hook, bridge, version: hook.version, active, probed: delivery.probe === true, policy };
}
