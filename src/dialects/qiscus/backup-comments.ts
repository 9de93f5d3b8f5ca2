// Comments as rows of exports and imports (contracts/qiscus.md 5). Users and rooms are backup-rows.ts; what types and
// payloads mean is content.ts and payloads.ts.
import { Refused } from '../../domain/errors.ts';
import type { MessageNumber } from '../../domain/ids.ts';
import type { Draft, JsonObject, MessageEntry } from '../../domain/model.ts';
import type { App, Hub } from '../../hub/context.ts';
import { type ExportedMessage, externalIdIn } from '../../hub/exporting.ts';
import type { MessageFormat, MessageRow } from '../../hub/file-imports/message-checks.ts';
import { conversationOf, Row, roomIdOf, SYSTEM_EMAIL, second } from './backup-rows.ts';
import { keptOf, contentOf as shownOf } from './content.ts';
import { type CommentType, contentOf, type Kept, TYPES } from './payloads.ts';

/** A message of other doors may be long: what a row may hold bounds it. */
const MESSAGE_LENGTH = 100_000;
const SYSTEM_EVENT = 'system_event';

/** A comment that no client named goes by a name of the hub's making, which no other hub makes. */
const OWN_COMMENT = 'comment-';

const commentIdOf = (hub: Hub, { id, message }: MessageEntry): string =>
  message.clientId ?? OWN_COMMENT + hub.ids.hex('message', id);

function messageOf(hub: Hub, uniqueId: string): MessageNumber | null {
  if (!uniqueId.startsWith(OWN_COMMENT)) return null;
  return hub.ids.parseHex('message', uniqueId.slice(OWN_COMMENT.length)) as MessageNumber | null;
}

const DAY_SECONDS = 86_400;
/** An app that never deletes by itself keeps its files for ever; an address that anybody may read by does not. */
const YEAR_DAYS = 365;

/** For how many days addresses in an export hold: as long as the app keeps what they stand in, else a year. */
export const exportedDays = ({ settings: { retentionSeconds } }: Pick<App, 'settings'>): number =>
  retentionSeconds > 0 ? Math.ceil(retentionSeconds / DAY_SECONDS) : YEAR_DAYS;

/** What the schema cannot say goes as text: every row can be imported. */
export function commentRow(hub: Hub, app: App, { view, entry, parent }: ExportedMessage): JsonObject {
  const { message } = entry;
  const days = exportedDays(app);
  const shown = shownOf(message, (attachment) => hub.lastingAddressOf(attachment, days), null);
  const kept = keptOf(message);
  const isReply = shown.type === 'reply' && parent !== null;
  const text = typeof shown.payload.text === 'string' ? shown.payload.text : shown.message;
  const payload = isReply ? { text: text || ' ', replied_comment_id: 1 } : shown.payload;
  const typed = isReply || (shown.type !== 'reply' && isSayable(shown.type, payload, shown.message));
  return {
    Message: shown.message,
    DisableLinkPreview: kept.disable_link_preview ?? false,
    Type: typed ? shown.type : 'text',
    UniqueId: commentIdOf(hub, entry),
    CreatorEmail: externalIdIn(view, entry.author) ?? SYSTEM_EMAIL,
    RoomUniqueId: roomIdOf(hub, view.facts),
    CreatedAt: second(Math.floor(entry.at / 1000)),
    Payload: typed && shown.type !== 'text' ? payload : null,
    ParentCommentUniqueId: isReply ? commentIdOf(hub, parent) : '',
    // Of this hub's own.
    ...(kept.extras && { Extras: kept.extras }),
  };
}

function isSayable(type: string, payload: JsonObject, message: string): boolean {
  if (type === SYSTEM_EVENT) return true;
  if (!TYPES.includes(type as CommentType)) return false;
  try {
    contentOf(type as CommentType, payload, message);
    return true;
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}

export const COMMENTS: MessageFormat = {
  conversationOf,
  messageOf,
  read: (_, value): MessageRow => {
    const row = new Row(value);
    const type = row.text('Type') || 'text';
    const at = row.moment('CreatedAt') ?? row.refuse('CreatedAt', 'is required');
    const parent = row.text('ParentCommentUniqueId');
    if (type === 'reply' && parent === '') row.refuse('ParentCommentUniqueId', 'is required of a reply');
    return {
      uniqueId: row.id('UniqueId'),
      room: row.id('RoomUniqueId'),
      author: row.id('CreatorEmail'),
      at,
      parent: type === 'reply' ? parent : null,
      draft: draftOf(row, type),
    };
  },
  shown: (value) => value,
};

function draftOf(row: Row, type: string): Draft {
  const message = row.text('Message', MESSAGE_LENGTH);
  const given = object(row, 'Payload');
  const extras = object(row, 'Extras');
  const more: Kept = {
    ...(extras && { extras }),
    ...(row.flag('DisableLinkPreview') && { disable_link_preview: true as const }),
  };
  if (type === SYSTEM_EVENT) {
    const kept = { type: SYSTEM_EVENT, payload: given ?? {}, ...more };
    return { door: 'qiscus', type: SYSTEM_EVENT, text: message, markup: 'plain', extras: kept as JsonObject };
  }
  if (!TYPES.includes(type as CommentType))
    return row.refuse('Type', `must be one of ${[...TYPES, SYSTEM_EVENT].join(', ')}`);
  if (type === 'reply' && given?.replied_comment_id !== 1)
    row.refuse('Payload', 'must have a replied_comment_id of 1, and its ParentCommentUniqueId says which');
  const content = contentOf(type as CommentType, given, message);
  const kept: Kept = { ...content.kept, ...more };
  const holds = Object.keys(kept).length > 0;
  return { door: 'qiscus', ...content.draft, extras: holds ? (kept as JsonObject) : null };
}

/** An object, or JSON text of one; null: none. */
function object(row: Row, key: string): JsonObject | null {
  let value = row.at(key);
  if (typeof value === 'string' && value !== '') {
    try {
      value = JSON.parse(value);
    } catch {
      return row.refuse(key, 'is not valid JSON');
    }
  }
  if (value === null || value === '') return null;
  if (typeof value !== 'object' || Array.isArray(value)) return row.refuse(key, 'must be an object');
  return value;
}
