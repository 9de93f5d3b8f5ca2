// What calls over HTTP answer (docs/realtime.md, "Calls"): the field names of the socket's frames.

import type { ConversationFacts } from '../domain/model.ts';
import type { Hub } from '../hub/context.ts';
import type { Opened } from '../hub/conversations.ts';
import type { UploadedFile } from '../hub/files.ts';
import type { ConversationRow } from '../hub/lists.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

const factsOf = ({ number, kind, title, icon, metadata, state, locked, createdAt }: ConversationFacts) => ({
  c: String(number),
  kind,
  title,
  icon,
  metadata,
  state,
  locked,
  createdAt: iso(createdAt),
});

/** A page of the caller's conversations. */
export const listed = (list: {
  total: number;
  unreadConversations: number;
  rows: readonly ConversationRow[];
}) => ({
  total: list.total,
  unread: list.unreadConversations,
  conversations: list.rows.map((row) => ({
    ...factsOf(row.facts),
    seq: row.lastSeq,
    at: iso(row.lastMessageAt),
    preview: row.preview,
    unread: row.unread,
    readSeq: row.readSeq,
    muted: row.muted,
    member: row.member,
    memberCount: row.memberCount,
    people: row.people.map(({ user, card }) => ({ id: String(user), name: card.name, avatar: card.avatar })),
  })),
});

/** A conversation that was begun, or found; and the place of what it was begun with. */
export const opened = ({ view, posted }: Opened) => ({
  conversation: { ...factsOf(view.facts), epoch: view.epoch, seq: view.lastSeq },
  message: posted && { seq: posted.seq, id: String(posted.id) },
});

/** A file that waits for its message. */
export const uploaded = (hub: Hub, { number, attachment }: UploadedFile) => {
  const { url, thumbnailUrl: _, file: __, ...file } = hub.isolate.addresses.signed(attachment, Date.now());
  return { file: { id: String(number), ...file, url } };
};
