// How entries and members lie in the object's tables, and back.
import { readConcealed, writeConcealed } from '../domain/concealed.ts';
import type { Control, ControlAction } from '../domain/control.ts';
import type { Seq, UserNumber } from '../domain/ids.ts';
import type {
  Card,
  EntryKind,
  FactsChange,
  Json,
  JsonObject,
  Member,
  Message,
  Standing,
} from '../domain/model.ts';

/** Numbers of the entry kinds on disk: never renumber. 0 must stay the message (the event index leaves it out). */
const KINDS: readonly EntryKind[] = [
  'message',
  'edit',
  'delete',
  'join',
  'leave',
  'assign',
  'update',
  'redact',
  'control',
  'merge',
];
export const kindCode = (kind: EntryKind): number => KINDS.indexOf(kind);
export const kindName = (code: number): EntryKind => {
  const kind = KINDS[code];
  if (!kind) throw new Error(`unknown entry kind ${code}`);
  return kind;
};

/** What an entry's body holds, by kind. An edit names its target only: text lives in the message's own row, once. */
export type Body =
  | { kind: 'message'; body: Omit<Message, 'clientId'> }
  | { kind: 'edit'; body: { target: Seq } }
  | { kind: 'delete'; body: { target: Seq; through?: boolean; files?: string[] } }
  | { kind: 'join'; body: { users: UserNumber[] } }
  | { kind: 'leave'; body: { users: UserNumber[]; removed?: boolean; barred?: boolean } }
  | { kind: 'assign'; body: { assignee: UserNumber | null } }
  | { kind: 'update'; body: { changes: FactsChange } }
  | { kind: 'control'; body: Control & { action: ControlAction; metadata: JsonObject | null } }
  | { kind: 'redact'; body: { user: UserNumber; files?: string[] } }
  | { kind: 'merge'; body: { user: UserNumber; into: UserNumber } };

/** One row of the log. */
export interface EntryRow {
  seq: Seq;
  at: number;
  kind: number;
  n: number;
  prev: Seq;
  author: UserNumber | null;
  client_id: string | null;
  print: string | null;
  indexed: Seq;
  delivered: Seq;
  body: string;
  /** Of a message: the author's messages up to and with this one, the author's one before, the last of anybody else. */
  own: number;
  mine: Seq;
  other: Seq;
  /** Entries, with this one, that the app's endpoints had yet to be told of when it was inserted. */
  behind: number;
}

/** How many messages somebody wrote, and where the last of them is. */
export interface Head {
  own: number;
  seq: Seq;
}

export interface MemberRow {
  user: number;
  card: string;
  standing: string;
  joined_seq: number;
  joined_at: number;
  read_seq: number;
  read_n: number;
  read_at: number;
  own_after: number;
  delivered_seq: number;
  delivered_at: number;
  hidden_seq: number;
  cleared_seq: number;
  progress: string;
  muted: number;
  invited_by: number | null;
  removed_by: number | null;
  rev: number;
  indexed_rev: number;
  sent: number;
  sent_seq: number;
  concealed: string;
}

export const memberOf = (row: MemberRow): Member => ({
  user: row.user as UserNumber,
  card: JSON.parse(row.card) as Card,
  standing: row.standing as Standing,
  joinedSeq: row.joined_seq,
  joinedAt: row.joined_at,
  readSeq: row.read_seq,
  readN: row.read_n,
  readAt: row.read_at,
  ownAfter: row.own_after,
  deliveredSeq: row.delivered_seq,
  deliveredAt: row.delivered_at,
  hiddenSeq: row.hidden_seq,
  clearedSeq: row.cleared_seq,
  progress: row.progress as Member['progress'],
  muted: row.muted !== 0,
  invitedBy: row.invited_by as UserNumber | null,
  removedBy: row.removed_by as UserNumber | null,
  concealed: readConcealed(row.concealed),
});

/** Values in the order of the member table's columns. */
export const memberValues = (
  m: Member,
  rev: number,
  indexedRev: number,
  sent: Head,
): (string | number | null)[] => [
  m.user,
  JSON.stringify(m.card),
  m.standing,
  m.joinedSeq,
  m.joinedAt,
  m.readSeq,
  m.readN,
  m.readAt,
  m.ownAfter,
  m.deliveredSeq,
  m.deliveredAt,
  m.hiddenSeq,
  m.clearedSeq,
  m.progress,
  m.muted ? 1 : 0,
  m.invitedBy,
  m.removedBy,
  rev,
  indexedRev,
  sent.own,
  sent.seq,
  writeConcealed(m.concealed),
];

export const newMember = (user: UserNumber, card: Card, standing: Standing): Member => ({
  user,
  card,
  standing,
  joinedSeq: 0,
  joinedAt: 0,
  readSeq: 0,
  readN: 0,
  readAt: 0,
  ownAfter: 0,
  deliveredSeq: 0,
  deliveredAt: 0,
  hiddenSeq: 0,
  clearedSeq: 0,
  progress: 'NEW',
  muted: false,
  invitedBy: null,
  removedBy: null,
  concealed: null,
});

/** A copy without the members that are absent or null: shorter rows, same meaning. */
export function compact<T extends object>(value: T): T {
  const out: Record<string, Json> = {};
  for (const [key, v] of Object.entries(value)) if (v !== undefined && v !== null) out[key] = v as Json;
  return out as T;
}

/** Keys of the hub's files that a message has. Nearly none has any: that is seen without parsing. */
export function filesIn({ body }: Pick<EntryRow, 'body'>): string[] {
  if (!body.includes(FILE_KEY)) return [];
  const { attachments = [] } = JSON.parse(body) as Omit<Message, 'clientId'>;
  return attachments.flatMap(({ file }) => (typeof file === 'string' ? file : []));
}
/** Stands in the body of every message that has a file. */
export const FILE_KEY = '"file":"';

/** The field of a deletion's entry that names the files it freed; none where there are none. */
export const freeing = (files: readonly string[]): { files?: string[] } =>
  files.length > 0 ? { files: [...files] } : {};

/** How the body of a deleted message ends: it is only its frame, with the mark last (see `emptied` in log.ts). */
export const DELETED_END = ',"deleted":true}';
/** Told without parsing. */
export const isDeleted = (row: Pick<EntryRow, 'body'>): boolean => row.body.endsWith(DELETED_END);
