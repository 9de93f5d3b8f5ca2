// Control of conversations: which integration speaks for the business in one, and passing it on. The decision is the
// conversation's, in one step with what it decides about (conversation/controlling.ts).
import type { Controlling } from '../conversation/controlling.ts';
import {
  type Acting,
  type Control,
  type ControlCommand,
  controlNow,
  hears,
  type Switching,
} from '../domain/control.ts';
import { invalid, notFound, Refused } from '../domain/errors.ts';
import type { ConversationNumber, IntegrationNumber, LineNumber } from '../domain/ids.ts';
import type { ConversationFacts, ConversationView } from '../domain/model.ts';
import { reach, waitOf } from './calls.ts';
import { type App, actorOf, type Caller, type Hub } from './context.ts';
import { rememberedSwitchboard, type Switchboard } from './switchboards.ts';

/** No integration has this number: what one that nobody knows acts as. */
const UNKNOWN = 0 as IntegrationNumber;

/** Who a caller acts as among integrations. */
const actingOf = ({ integration }: Caller): Acting =>
  integration === undefined ? null : (integration ?? UNKNOWN);

const switchingIn = (board: Switchboard | null): Switching | undefined =>
  board?.enabled && board.defaultLine !== null
    ? { defaultLine: board.defaultLine, lines: board.lines }
    : undefined;

/** What a conversation of this app begins with; undefined where no switchboard is in force, and while nobody can know. */
export async function switchingOf(hub: Hub, app: App): Promise<Switching | undefined> {
  if (app.switchboard === null) return undefined;
  return switchingIn(await rememberedSwitchboard(hub, app).catch(() => null));
}

/**
 * What a post takes to the conversation; undefined where no switchboard is in force. Unavailable for an integration while
 * nobody can know; everybody else's post goes on.
 */
export async function controllingOf(hub: Hub, caller: Caller): Promise<Controlling | undefined> {
  const { app } = caller;
  if (app.switchboard === null) return undefined;
  const by = actingOf(caller);
  const switching =
    by === null ? await switchingOf(hub, app) : switchingIn(await rememberedSwitchboard(hub, app));
  return switching && { switching, by };
}

/** How a command names a line: by id, name or type of its integration, in this order, or `next`. */
export type LineName = { number: LineNumber | null; text: string };

/**
 * Passes, offers, accepts or releases control. Forbidden: this integration does not hold what it gives, or was offered
 * nothing. Not found: the app has no switchboard in force, the line, or what comes next. Invalid: a type that several
 * have, an offer to who has control, nothing to accept.
 */
export async function control(
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  command:
    | Exclude<ControlCommand, { to: unknown }>
    | (Omit<Extract<ControlCommand, { to: unknown }>, 'to'> & { to: LineName }),
): Promise<ConversationView> {
  const board = await rememberedSwitchboard(hub, caller.app);
  const switching = switchingIn(board);
  if (!board || !switching) throw new Refused(notFound('switchboard'));
  const named: ControlCommand = 'to' in command ? { ...command, to: lineNamed(board, command.to) } : command;
  const controlling = { switching, by: actingOf(caller) };
  return reach(hub, caller, c, (stub) =>
    stub.control(actorOf(caller), controlling, named, { waitMs: waitOf(hub, caller) }),
  );
}

function lineNamed({ lines }: Switchboard, { number, text }: LineName): LineNumber | 'next' {
  const named = lines.find(({ line }) => line === number) ?? lines.find(({ name }) => name === text);
  if (named) return named.line;
  if (text === 'next') return 'next';
  const [first, second] = lines.filter(({ type }) => type === text);
  if (second) throw new Refused(invalid(`Several switchboard integrations are of type '${text}'.`));
  if (!first) throw new Refused(notFound('line'));
  return first.line;
}

/**
 * Whether an integration's webhooks are told what happens in a conversation. True where no switchboard is in force, and while
 * nobody can know: too much is told then rather than too little.
 */
export async function hearsOf(
  hub: Hub,
  app: App,
  facts: ConversationFacts,
  integration: IntegrationNumber,
): Promise<boolean> {
  const board = await rememberedSwitchboard(hub, app).catch(() => null);
  if (!board?.enabled || board.defaultLine === null) return true;
  return hears(facts, { defaultLine: board.defaultLine, lines: board.lines }, integration);
}

/** How many earlier messages an integration is shown when control comes to it, as its line says; 0: none are asked for. */
export async function historyAsked(hub: Hub, app: App, integration: IntegrationNumber): Promise<number> {
  const board = await rememberedSwitchboard(hub, app);
  return board?.lines.find((line) => line.integration === integration)?.history ?? 0;
}

/** Shows who has control, and whom it was offered to, as of now. */
export type ControlView = (facts: Pick<ConversationFacts, 'control'>) => Control;

const NOBODY: Control = { active: null, pending: null };

/** How control is shown in this app: by nobody where no switchboard is in force. One look at memory, for a whole list. */
export async function controlViewOf(hub: Hub, app: App): Promise<ControlView> {
  const switching = await switchingOf(hub, app);
  return switching ? ({ control }) => controlNow(control, switching) : () => NOBODY;
}
