// What a bridge's endpoint is told: its queue holds what is said (bridges/told.ts), not what is sent. The calls of each are
// made by the courier, one after the other.
import type { Told } from '../../bridges/told.ts';
import { STANDARD_DELAYS_MS } from '../../endpoint/schedule.ts';
import type { Format } from './format.ts';

export const bridge: Format = {
  // What is wrong with one message is wrong with it for ever.
  defaults: { delaysMs: STANDARD_DELAYS_MS, final: [400, 413, 422], timeoutMs: 15_000, ordered: true },
  // It plans for itself (bridge-plan.ts).
  events: () => [],
  wants: () => false,
  asks: () => false,
  body: () => Promise.resolve(null),
  hello: (_hub, hook) => {
    const told: Told = { kind: 'test', text: `A test of ${hook.slug}` };
    return { type: 'test', body: JSON.stringify(told) };
  },
};
