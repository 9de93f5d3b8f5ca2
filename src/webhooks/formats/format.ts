// What a format is: which events an entry makes, and the text of each. One file for each format beside this one.
import type { HookDelivery } from '../../domain/hook-options.ts';
import type { FedEntry, Feed, HookNotice, HookSignal } from '../../domain/hooks.ts';
import type { Policy } from '../../endpoint/schedule.ts';
import type { Hub } from '../../hub/context.ts';
import type { HookOfApp } from '../../hub/hooks.ts';

/** What a delivery is made of, kept until it is made. */
export interface Fed {
  about: Omit<Feed, 'entries' | 'end'>;
  /** null: the conversation's end. */
  fed: FedEntry | null;
  end?: Feed['end'];
  /** Which of the entry's events. */
  type: string;
  suffix: string;
}

/** An event of an entry. */
export interface Event {
  /** In the format's own words: what endpoints ask for, and what the journal shows. */
  type: string;
  /** Tells events of one entry apart: the first has ''. Letters, digits and underscores. */
  suffix: string;
}

/** The longest body where a format has a shorter one (contracts/webhooks-bridges-widget.md W19). */
export const MOST_BYTES = 256 * 1024;

export interface Format {
  /** Where the endpoint's owner has chosen nothing else. */
  defaults: Pick<Policy, 'delaysMs' | 'final' | 'timeoutMs'> & Required<Pick<HookDelivery, 'ordered'>>;
  /** The events of an entry, or of the conversation's end (null), in order. */
  events(feed: Feed, fed: FedEntry | null): Event[];
  /** Whether an endpoint that asks for `asked` is told of `type`. */
  wants(asked: readonly string[], type: string): boolean;
  /**
   * The whole text that is sent; null: this endpoint is not told after all. A string is made at once; what has to ask for more
   * is made before the first attempt.
   */
  body(hub: Hub, hook: HookOfApp, fed: Fed): string | Promise<string | null>;
  /** The same of a body that is too long to be sent, with the address of the whole; absent: all are sent. */
  short?(hub: Hub, hook: HookOfApp, fed: Fed, whole: { url: string; bytes: number }): string;
  /** Whether `body` has to ask. */
  asks(hook: HookOfApp): boolean;
  /** An event that says nothing, to try a receiver. */
  hello(hub: Hub, hook: HookOfApp, now: number): { type: string; body: string };
  /** What becomes of a person; null: this format knows nothing of it. */
  notice?(
    hub: Hub,
    hook: HookOfApp,
    notice: Omit<HookNotice, 'version'>,
  ): { id: string; type: string; body: string } | null;
  /** What is no entry; null: nobody asks for it in this format. */
  signal?(hub: Hub, hook: HookOfApp, signal: HookSignal): Promise<{ type: string; body: string } | null>;
}

/** The id of an event, the same over all attempts and every replay: no dot, which separates what is signed. */
export const eventId = (about: Fed['about'], seq: number, suffix: string): string =>
  `evt_${about.facts.number}_${about.epoch}_${seq}${suffix === '' ? '' : `_${suffix}`}`;
