// The address of an event that is too long to be sent (contracts/webhooks-bridges-widget.md W19): known to whoever was sent it.
import { createHmac } from 'node:crypto';
import { derivedKey, type Hub } from '../hub/context.ts';
import type { HookOfApp } from '../hub/hooks.ts';

/** Of one event of one endpoint; nobody makes it without the hub's secret. */
export const proofOf = (hub: Hub, { number }: Pick<HookOfApp, 'number'>, event: string): string =>
  createHmac('sha256', derivedKey(hub.settings.hubSecret, 'webhook body'))
    .update(`${number} ${event}`)
    .digest('hex');

export const wholeAddress = (hub: Hub, hook: HookOfApp, event: string): string =>
  `${hub.origin}/webhooks/bodies/${hub.ids.hex('webhook', hook.number)}/${event}?proof=${proofOf(hub, hook, event)}`;
