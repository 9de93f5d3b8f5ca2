// Webhooks of integrations as the vendor's clients know them (contracts/sunshine.md 7). What an event looks like is the
// dialect's own (dialects/sunshine/events.ts); here it is decided what is told, and who is looked up for it.
import { callBody, type Shown, type WebhookEvent } from '../../dialects/sunshine/event.ts';
import {
  createdEvent,
  eventsOf,
  readEvent,
  removedEvent,
  type Telling,
  typingEvent,
} from '../../dialects/sunshine/events.ts';
import {
  clientAdded,
  clientRemoved,
  clientUpdated,
  userRemoved,
  usersMerged,
  userUpdated,
} from '../../dialects/sunshine/people-events.ts';
import { receiverOf } from '../../domain/control.ts';
import type { Device } from '../../domain/devices.ts';
import { Refused } from '../../domain/errors.ts';
import type { DeviceNews, FedEntry, HookSignal, Known, PersonNews } from '../../domain/hooks.ts';
import type { ConversationNumber, DeviceNumber, Seq, UserNumber } from '../../domain/ids.ts';
import type { Entry, MessageEntry } from '../../domain/model.ts';
import { appByNumber, appCaller } from '../../hub/apps.ts';
import type { App, Hub } from '../../hub/context.ts';
import { controlViewOf, hearsOf, historyAsked } from '../../hub/control.ts';
import { devicesOf } from '../../hub/devices.ts';
import type { HookOfApp } from '../../hub/hooks.ts';
import { messagesBySeq, pickMessages } from '../../hub/messages.ts';
import { usersByNumbers } from '../../hub/people.ts';
import type { Event, Fed, Format } from './format.ts';

/** Up to five attempts in a quarter of an hour, each pause twice as long as the one before. */
const DELAYS_MS = [45_000, 90_000, 180_000, 360_000];
/** After these the vendor tries nothing again. */
const FINAL = [400, 401, 403, 404, 406];

const CONTROL_TYPES = {
  pass: 'switchboard:passControl',
  offer: 'switchboard:offerControl',
  accept: 'switchboard:acceptControl',
  release: 'switchboard:releaseControl',
} as const;

export const sunshine: Format = {
  // One after the other for each conversation: the vendor promises no order, so nobody minds one.
  defaults: { delaysMs: DELAYS_MS, final: FINAL, timeoutMs: 20_000, ordered: true },
  events: ({ facts }, fed) => {
    if (fed === null) return [event('conversation:remove')];
    const { entry } = fed;
    const begins = entry.seq === 1 ? [event('conversation:create', 'create')] : [];
    const isGroup = facts.kind !== 'support';
    if (entry.kind === 'message') return [...begins, event('conversation:message')];
    if (entry.kind === 'join' && isGroup && entry.seq > 1) return [event('conversation:join')];
    if (entry.kind === 'leave' && isGroup) return [event('conversation:leave')];
    if (entry.kind === 'control' && entry.action !== 'select')
      return [...begins, event(CONTROL_TYPES[entry.action])];
    return begins;
  },
  wants: (asked, type) => asked.includes(type),
  asks: () => true,
  body: async (hub, hook, made) => {
    const app = await appByNumber(hub, hook.app);
    if (!(await isHeard(hub, app, hook, made.about))) return null;
    const { fed, end, type } = made;
    const named = fed?.people ?? [];
    const earlier = fed && (await earlierOf(hub, app, hook, fed.entry, made.about.facts.number));
    const people = earlier ? [...named, ...earlier.people] : named;
    const told = await tellingOf(hub, app, hook, made.about, people, fed);
    const telling = earlier ? { ...told, history: earlier.messages, quoted: earlier.quoted } : told;
    const events =
      type === 'conversation:create'
        ? [createdEvent(telling, made.about.customer?.user ?? null)]
        : fed === null
          ? [removedEvent(telling, end?.at ?? 0)]
          : eventsOf(fed.entry, telling);
    return bodyOf(hub, hook, events);
  },
  notice: (hub, hook, { notice, at }) => {
    if (notice.kind === 'endpoint') return null;
    const event = noticed(hub, shownOf(hook), notice, at);
    return { id: event.id, type: event.type, body: bodyOf(hub, hook, [event]) };
  },
  hello: (hub, hook) => ({ type: 'webhook:test', body: bodyOf(hub, hook, []) }),
  signal: async (hub, hook, said: HookSignal) => {
    const app = await appByNumber(hub, hook.app);
    if (!(await isHeard(hub, app, hook, said))) return null;
    const { signal, who, at, facts } = said;
    const telling = await tellingOf(hub, app, hook, said, [who], null);
    const doing = { user: who.user, door: facts.door, at };
    const event =
      signal.kind === 'read' ? readEvent(telling, doing, signal.seq) : typingEvent(telling, doing, signal.on);
    return { type: event.type, body: bodyOf(hub, hook, [event]) };
  },
};

function noticed(hub: Hub, shown: Shown, notice: PersonNews | DeviceNews, at: number): WebhookEvent {
  const { user } = notice;
  switch (notice.kind) {
    case 'user removed':
      return userRemoved(hub.ids, user, { at });
    case 'user updated':
      return userUpdated(hub.ids, user, shown, { door: 'sunshine', at });
    case 'users merged': {
      const { discarded, lost } = notice;
      return usersMerged(hub.ids, { surviving: user, discarded, lost }, shown, { at });
    }
    case 'device added':
      return clientAdded(hub.ids, user, notice.device, shown, { door: notice.door, at });
    case 'device updated':
      return clientUpdated(hub.ids, user, notice.device, shown, { door: notice.door, at });
    case 'device removed':
      return clientRemoved(hub.ids, user, notice.device, shown, { door: notice.door, at, reason: 'sdk' });
  }
}

const event = (type: string, suffix = ''): Event => ({ type, suffix });

const bodyOf = (hub: Hub, hook: HookOfApp, events: WebhookEvent[]): string =>
  JSON.stringify(callBody(hub.ids, hook.app, hook, events));

/** Whether the integration is told of this conversation while another one has control of it. */
const isHeard = async (hub: Hub, app: App, hook: HookOfApp, { facts }: Pick<Fed['about'], 'facts'>) =>
  hook.integration === null || hearsOf(hub, app, facts, hook.integration);

const shownOf = ({ options }: HookOfApp): Shown => ({
  includeFullUser: options.includeFullUser === true,
  includeFullSource: options.includeFullSource === true,
});

async function tellingOf(
  hub: Hub,
  app: App,
  hook: HookOfApp,
  { facts, customer }: Pick<Fed['about'], 'facts' | 'customer'>,
  named: readonly Known[],
  fed: FedEntry | null,
): Promise<Telling> {
  const people = customer ? [...named, customer] : named;
  const shown = shownOf(hook);
  const users = await usersByNumbers(
    hub,
    app,
    people.map(({ user }) => user),
  );
  const control = (await controlViewOf(hub, app))(facts);
  const quote = fed?.entry.kind === 'message' ? fed.target : null;
  return {
    ids: hub.ids,
    addressOf: hub.addressOf,
    facts,
    control,
    cards: new Map(people.map(({ user, card }) => [user, card])),
    users,
    shown,
    quoted: new Map(quote ? [[quote.seq, quote]] : []),
    devices: shown.includeFullSource && fed ? await devicesOfAuthor(hub, app, fed) : undefined,
  };
}

interface Earlier {
  messages: MessageEntry[];
  quoted: ReadonlyMap<Seq, MessageEntry>;
  people: Known[];
}

/** What was said before control came to this endpoint's integration, as far as its line asks; null: it asks for nothing. */
async function earlierOf(
  hub: Hub,
  app: App,
  { integration }: HookOfApp,
  entry: Entry,
  c: ConversationNumber,
): Promise<Earlier | null> {
  if (entry.kind !== 'control' || integration === null || receiverOf(entry)?.integration !== integration)
    return null;
  const limit = await historyAsked(hub, app, integration);
  if (limit === 0) return null;
  try {
    const caller = appCaller(app, 'sunshine');
    const page = await messagesBySeq(hub, caller, c, { before: entry.seq, limit });
    const { messages, quoted, cards } = await pickMessages(hub, caller, c, page.messages);
    return {
      messages,
      quoted: new Map(quoted.map((message) => [message.seq, message])),
      people: cards.map(([user, card]) => ({ user, card })),
    };
  } catch (error) {
    // Deleted since: there is nothing to show any more.
    if (error instanceof Refused && error.refusal.code === 'not_found') return null;
    throw error;
  }
}

async function devicesOfAuthor(
  hub: Hub,
  app: App,
  { entry }: FedEntry,
): Promise<ReadonlyMap<DeviceNumber, Device>> {
  const author: UserNumber | null = entry.author;
  if (author === null || entry.kind !== 'message' || typeof entry.message.device !== 'number')
    return new Map();
  const devices = await devicesOf(hub, app, author);
  return new Map(devices.map((device) => [device.number, device]));
}
