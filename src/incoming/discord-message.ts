// A message of a Discord-shaped hook as Discord shows one to its sender (discord-api-docs, resources/message).
import type { ConversationNumber } from '../domain/ids.ts';
import type { JsonObject, MessageEntry } from '../domain/model.ts';
import { callerName, type Knock } from './knock.ts';

/** `2026-01-31T12:00:00.000000+00:00`, as Discord writes times. */
const timeOf = (ms: number): string => new Date(ms).toISOString().replace('Z', '000+00:00');

/** Digits, as all ids there are. */
export const attachmentId = ({ id }: MessageEntry, index: number): string =>
  `${id}${String(index).padStart(2, '0')}`;

export function messageObject(knock: Knock, c: ConversationNumber, entry: MessageEntry) {
  const { hub, hook } = knock;
  const { message } = entry;
  const said = (message.origin?.said ?? {}) as JsonObject;
  const id = String(entry.id);
  return {
    id,
    type: 0,
    content: typeof said.content === 'string' ? said.content : message.text,
    channel_id: String(c),
    webhook_id: String(hook.number),
    author: {
      id: String(hook.number),
      username: typeof said.username === 'string' ? said.username : callerName(knock),
      discriminator: '0000',
      avatar: null,
      bot: true,
    },
    attachments: (message.attachments ?? []).map((file, i) => ({
      id: attachmentId(entry, i),
      filename: file.name,
      size: file.bytes,
      url: hub.addressOf(file),
      proxy_url: hub.addressOf(file),
      content_type: file.mime,
      ...(file.width !== undefined && { width: file.width, height: file.height ?? null }),
    })),
    embeds: (said.embeds as JsonObject[] | undefined)?.map((embed) => ({ type: 'rich', ...embed })) ?? [],
    mentions: [],
    mention_roles: [],
    mention_everyone: false,
    pinned: false,
    tts: false,
    timestamp: timeOf(Math.floor(entry.at / 1000)),
    edited_timestamp: message.editedAt === undefined ? null : timeOf(message.editedAt),
    flags: 0,
    components: [],
  };
}
