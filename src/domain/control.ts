// Which of an app's integrations speaks for the business in a conversation: the state that a conversation keeps of it, and
// how each action changes it. Pure decisions; switchboards themselves are the directory's.
import { forbidden, invalid, notFound, type Refusal } from './errors.ts';
import type { IntegrationNumber, LineNumber } from './ids.ts';
import type { ConversationFacts, JsonObject } from './model.ts';

/** A line of a switchboard, as a conversation remembers who has control of it. */
export interface Holder {
  line: LineNumber;
  integration: IntegrationNumber;
  name: string;
  type: string;
}

/** active: speaks for the business. pending: was offered to. Null in a conversation of which nothing was ever decided. */
export interface Control {
  active: Holder | null;
  pending: Holder | null;
}

/** `select`: nobody had control, and the switchboard's default line came in. */
export type ControlAction = 'select' | 'pass' | 'offer' | 'accept' | 'release';

/** Whom an action brings control, or an offer of it. */
export function receiverOf({ action, active, pending }: Control & { action: ControlAction }): Holder | null {
  if (action === 'offer') return pending;
  return action === 'release' ? null : active;
}

/** An enabled switchboard, as calls take it to a conversation. */
export interface Switching {
  /** The line that has control where nobody else has. */
  defaultLine: LineNumber;
  lines: readonly (Holder & { next: LineNumber | null })[];
}

export type ControlCommand =
  | { action: 'pass' | 'offer'; to: LineNumber | 'next'; metadata?: JsonObject | null }
  | { action: 'accept'; metadata?: JsonObject | null }
  | { action: 'release'; metadata?: JsonObject | null };

/**
 * Who acts: an integration, which does only what its place allows; null: a credential of the app or the account, which
 * stand above all integrations.
 */
export type Acting = IntegrationNumber | null;

type Facts = Pick<ConversationFacts, 'kind' | 'door' | 'control'>;

/** Customers' conversations, and what was begun through the door that has switchboards: there the default line comes in. */
const isSwitched = ({ kind, door }: Facts): boolean => kind === 'support' || door === 'sunshine';

/** The control of a conversation among the lines that there still are, under the names that they have now. */
export function controlNow(control: Control | null, { lines }: Pick<Switching, 'lines'>): Control {
  const living = (holder: Holder | null): Holder | null => {
    const line = holder && lines.find((each) => each.line === holder.line);
    return line ? holderOf(line) : null;
  };
  return { active: living(control?.active ?? null), pending: living(control?.pending ?? null) };
}

const holderOf = ({ line, integration, name, type }: Holder): Holder => ({ line, integration, name, type });

const lineIn = ({ lines }: Switching, number: LineNumber | null): Holder | null => {
  const line = lines.find((each) => each.line === number);
  return line ? holderOf(line) : null;
};

/** Who speaks for the business now: who has control, else the default line. */
export function speakerOf(facts: Facts, switching: Switching): Holder | null {
  const { active } = controlNow(facts.control, switching);
  return active ?? (isSwitched(facts) ? lineIn(switching, switching.defaultLine) : null);
}

/** What a post, or the beginning of the conversation, changes of its control: the default line comes in. Null: nothing. */
export function selected(facts: Facts, switching: Switching): Control | null {
  const speaker = speakerOf(facts, switching);
  const now = controlNow(facts.control, switching);
  return speaker && now.active === null ? { active: speaker, pending: now.pending } : null;
}

/** Null: may speak for the business. */
export const refuseSpeaking = (facts: Facts, switching: Switching, by: Acting): Refusal | null =>
  by === null || speakerOf(facts, switching)?.integration === by ? null : notInControl();

const notInControl = () => forbidden('Another integration has control of this conversation.');

/** The control after a command; null: it is as the command wants it. Forbidden, invalid and not found as they come. */
export function controlled(
  facts: Facts,
  switching: Switching,
  command: ControlCommand,
  by: Acting,
): { control: Control | null } | { refusal: Refusal } {
  const now = controlNow(facts.control, switching);
  const speaker = speakerOf(facts, switching);
  if (command.action === 'accept') return accepted(now, by);
  if (by !== null && speaker?.integration !== by) return { refusal: notInControl() };
  if (command.action === 'release') return { control: now.active ? { active: null, pending: null } : null };
  const next = switching.lines.find(({ line }) => line === speaker?.line)?.next ?? null;
  const target = lineIn(switching, command.to === 'next' ? next : command.to);
  if (!target) return { refusal: notFound('line') };
  return command.action === 'pass' ? passed(now, target) : offered(now, speaker, target);
}

function accepted({ pending }: Control, by: Acting): { control: Control } | { refusal: Refusal } {
  if (by !== null && pending?.integration !== by) {
    return { refusal: forbidden('Control of this conversation was not offered to this integration.') };
  }
  if (!pending) return { refusal: invalid('There is no pendingSwitchboardIntegration') };
  return { control: { active: pending, pending: null } };
}

const passed = (now: Control, target: Holder): { control: Control | null } => ({
  control: now.active?.line === target.line && !now.pending ? null : { active: target, pending: null },
});

function offered(
  now: Control,
  speaker: Holder | null,
  target: Holder,
): { control: Control | null } | { refusal: Refusal } {
  if (speaker?.line === target.line)
    return { refusal: invalid('Cannot offer control to the active switchboard integration.') };
  return { control: now.pending?.line === target.line ? null : { active: speaker, pending: target } };
}

/**
 * Whether an integration is told what happens in a conversation: one that no line links always is; one that is, while it has
 * control or is offered it, and else where its line stands by.
 */
export function hears(
  facts: Facts,
  switching: Pick<Switching, 'defaultLine'> & {
    lines: readonly (Switching['lines'][number] & { standby: boolean })[];
  },
  integration: IntegrationNumber,
): boolean {
  const line = switching.lines.find((each) => each.integration === integration);
  if (!line || line.standby || speakerOf(facts, switching)?.line === line.line) return true;
  return controlNow(facts.control, switching).pending?.line === line.line;
}
