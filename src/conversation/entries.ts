// A row of the log as the domain knows it. How it lies in its table is table.ts and rows.ts.
import type { MessageNumber, Seq, UserNumber } from '../domain/ids.ts';
import { type Entry, type Markup, type Message, OWN_CLIENT_ID } from '../domain/model.ts';
import { type Body, type EntryRow, kindName } from './rows.ts';

/** What of the log is needed for that: an edit shows what its message says now. */
interface Around {
  row(seq: Seq): EntryRow | null;
  idOf(seq: Seq): MessageNumber;
}

export function entryOf(log: Around, row: EntryRow): Entry {
  const base = { seq: row.seq, at: row.at, n: row.n, author: row.author as UserNumber | null };
  const parsed = { kind: kindName(row.kind), body: JSON.parse(row.body) } as Body;
  switch (parsed.kind) {
    case 'message':
      return { ...base, kind: 'message', id: log.idOf(row.seq), message: messageOf(row, parsed.body) };
    case 'edit': {
      const target = log.row(parsed.body.target);
      const now = target ? (JSON.parse(target.body) as Message) : null;
      return {
        ...base,
        kind: 'edit',
        target: parsed.body.target,
        text: now?.text ?? '',
        markup: now?.markup ?? ('plain' as Markup),
        payload: now?.payload ?? null,
        attachments: now?.attachments ?? [],
        metadata: now?.metadata ?? null,
      };
    }
    case 'assign':
      // A row leaves out what is null.
      return { ...base, kind: 'assign', assignee: parsed.body.assignee ?? null };
    case 'control': {
      const { action, active = null, pending = null, metadata = null } = parsed.body;
      return { ...base, kind: 'control', action, active, pending, metadata };
    }
    default:
      return { ...base, ...parsed.body, kind: parsed.kind } as Entry;
  }
}

function messageOf(row: EntryRow, body: Omit<Message, 'clientId'>): Message {
  const { client_id: id } = row;
  return { ...body, clientId: id?.startsWith(OWN_CLIENT_ID) ? null : id };
}
