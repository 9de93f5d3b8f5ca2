// Changing what a conversation says of itself, and whose it is. Who is in it is membership.ts.
import { refuseAssign, refuseUpdate } from '../domain/access.ts';
import type { Actor, FactsChange } from '../domain/model.ts';
import { append, type Core, change, demand, type Person } from './core.ts';
import { joinPeople } from './joining.ts';
import type { EntryRow } from './rows.ts';

/**
 * Changes facts, with an entry that says what changed; what is already so is no change. `assign`: whose the conversation
 * is from now on (null: nobody's), which has an entry of its own. Both or neither.
 */
export function update(core: Core, actor: Actor, changes: FactsChange, assign?: Person | null): void {
  const { log, roster } = core;
  demand(refuseUpdate(log.facts, actor, roster.get(actor.user)));
  const fresh = Object.entries(changes).filter(
    ([key, value]) =>
      value !== undefined && JSON.stringify(log.facts[key as keyof FactsChange]) !== JSON.stringify(value),
  );
  const assigns = assign !== undefined && (assign?.user ?? null) !== log.facts.assignee;
  if (assign) demandAssignable(core, actor, assign);
  if (fresh.length === 0 && !assigns) return;
  change(core, (rows) => {
    if (fresh.length > 0) {
      const changed = Object.fromEntries(fresh) as FactsChange;
      log.change(changed);
      rows.push(append(core, { kind: 'update', author: actor.user, body: { changes: changed } }));
    }
    if (assigns) give(core, actor, assign, rows);
  });
}

function demandAssignable({ log, roster }: Core, actor: Actor, { user, card }: Person): void {
  const target = { user, member: roster.get(user), name: card.name, role: card.role };
  demand(refuseAssign(log.facts, actor, roster.get(actor.user), target));
}

/** The assignee is a member (DESIGN.md 4, "The team"): who is not in yet comes in first. Permission was asked before. */
export function give(core: Core, actor: Actor, to: Person | null, rows: EntryRow[]): void {
  const assignee = to?.user ?? null;
  if (to) joinPeople(core, actor, [to], rows);
  core.log.change({ assignee });
  rows.push(append(core, { kind: 'assign', author: actor.user, body: { assignee } }));
}
