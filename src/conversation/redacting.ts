// Erasing a person from this conversation: author and text of everything they said, and their card. That they were here,
// as a number without a name, stays: the log's order, ordinals and client ids are everybody's.
import { forbidden } from '../domain/errors.ts';
import type { Ordinal, Seq, UserNumber } from '../domain/ids.ts';
import type { Actor, Message } from '../domain/model.ts';
import { append, type Core, change, demand, reread } from './core.ts';
import { emptied } from './log.ts';
import { type EntryRow, freeing } from './rows.ts';
import { give } from './updating.ts';

/** What an erased message is, whoever wrote it; the archive's form of it is written by directory/batch.ts. */
export const REDACTED = JSON.stringify({
  door: 'operator',
  type: 'text',
  text: '',
  markup: 'plain',
  redacted: true,
  deleted: true,
} satisfies Omit<Message, 'clientId'>);

/**
 * Redacts everything that `user` said and takes them out, with an entry that every reader follows. App credentials only.
 * Twice is once: no entry where nothing of them is left.
 */
export function redact(core: Core, actor: Actor, user: UserNumber): void {
  demand(actor.powers === 'app' ? null : forbidden('Only the app can erase a person.'));
  const { log, roster } = core;
  const member = roster.get(user);
  change(core, (rows) => {
    if (member?.standing === 'active') {
      rows.push(append(core, { kind: 'leave', author: actor.user, body: { users: [user] } }));
      if (log.facts.assignee === user) give(core, actor, null, rows);
    }
    const files = log.filesWhere('author = ?', user);
    const said = eraseMessages(core, user);
    const known = member !== undefined && roster.erase(member);
    for (const alias of log.aliasesOf(user)) {
      const shown = roster.get(alias);
      if (shown) roster.erase(shown);
    }
    for (const one of [user, ...log.aliasesOf(user)]) takeBack(core, actor, one, rows);
    const body = { user, ...freeing(files) };
    if (said || known) rows.push(append(core, { kind: 'redact', author: actor.user, body }));
  });
}

/** System events that name the person are deleted: each says who did what to whom, and no more. */
function takeBack(core: Core, actor: Actor, user: UserNumber, rows: EntryRow[]): void {
  const { log } = core;
  const named = log.sql.exec<{ seq: Seq }>(
    `SELECT seq FROM entry WHERE kind = 0 AND instr(body, '"about":[') > 0 AND body ->> '$.type' = 'system_event'
       AND EXISTS (SELECT 1 FROM json_each(body, '$.extras.about') WHERE value = ?)`,
    user,
  );
  for (const seq of Array.from(named, (row) => row.seq)) {
    const row = log.row(seq);
    if (!row) continue;
    log.rewrite(seq, emptied(JSON.parse(row.body) as Message));
    log.markGone(row.n, row.n);
    reread(core);
    rows.push(append(core, { kind: 'delete', author: actor.user, body: { target: seq } }));
  }
}

/** True when there were any. One row written for each. */
function eraseMessages(core: Core, user: UserNumber): boolean {
  const { sql, gone } = core.log;
  const erased = sql.exec<{ n: Ordinal }>(
    'UPDATE entry SET author = NULL, print = NULL, body = ? WHERE kind = 0 AND author = ? RETURNING n',
    REDACTED,
    user,
  );
  const ordinals = Array.from(erased, ({ n }) => n);
  if (ordinals.length === 0) return false;
  gone.addEach(ordinals);
  reread(core);
  return true;
}
