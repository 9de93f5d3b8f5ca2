// Which integration speaks for the business here: taking a decision into the log. The decisions are domain/control.ts.
import {
  type Acting,
  type Control,
  type ControlAction,
  type ControlCommand,
  controlled,
  type Switching,
  selected,
} from '../domain/control.ts';
import { forbidden, Refused } from '../domain/errors.ts';
import type { Actor, JsonObject } from '../domain/model.ts';
import { append, type Core, change, demand, readerOf } from './core.ts';
import type { EntryRow } from './rows.ts';

/** The app's enabled switchboard, and who speaks: what a post needs to be let in. */
export interface Controlling {
  switching: Switching;
  by: Acting;
}

/** Passes, offers, accepts or releases control; what is already so is no change. App credentials and integrations only. */
export function control(
  core: Core,
  actor: Actor,
  { switching, by }: Controlling,
  command: ControlCommand,
): void {
  readerOf(core, actor);
  demand(actor.powers === 'app' ? null : forbidden('Only the app and its integrations pass control.'));
  const decided = controlled(core.log.facts, switching, command, by);
  if ('refusal' in decided) throw new Refused(decided.refusal);
  const { control: next } = decided;
  if (!next) return;
  change(core, (rows) => {
    rows.push(takeControl(core, command.action, next, command.metadata));
  });
}

/** Lets the default line in where nobody has control. Call inside the transaction of a post or a birth. */
export function select(core: Core, switching: Switching, rows: EntryRow[]): void {
  const next = selected(core.log.facts, switching);
  if (next) rows.push(takeControl(core, 'select', next));
}

function takeControl(
  core: Core,
  action: ControlAction,
  { active, pending }: Control,
  metadata: JsonObject | null = null,
): EntryRow {
  core.log.change({ control: { active, pending } });
  return append(core, { kind: 'control', author: null, body: { action, active, pending, metadata } });
}
