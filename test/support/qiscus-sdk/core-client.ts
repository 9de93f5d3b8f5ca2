// Runs the npm package qiscus-sdk-core, as it is, in a process of its own: one person. Commands come from client.ts, and are
// those of javascript-client.ts too.
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { answer, tell } from './channel.ts';

const Sdk = createRequire(import.meta.url)('qiscus-sdk-core');
const sdk = new Sdk();

/** Nobody listens there. */
const NOWHERE = 'ws://127.0.0.1:9/mqtt';

interface Comment {
  id: number;
  room_id: number;
  unique_temp_id: string;
  message: string;
  type: string;
  payload: unknown;
  email: string;
}

const shown = ({
  id,
  room_id: room,
  unique_temp_id: uniqueId,
  message: text,
  type,
  payload,
  email: by,
}: Comment) => ({
  id,
  room,
  uniqueId,
  text,
  type,
  payload,
  by,
});

const options = {
  newMessagesCallback: (all: Comment[]) => all.map((comment) => tell('message', [shown(comment)])),
  typingCallback: (about: { message: string; username: string; room_id: string }) =>
    tell('typing', [{ room: Number(about.room_id), by: about.username, on: about.message === '1' }]),
  commentReadCallback: ({ comment, userId }: { comment: Comment; userId: string }) =>
    tell('read', [{ uniqueId: comment.unique_temp_id, by: userId }]),
  commentDeletedCallback: ({ commentUniqueIds }: { commentUniqueIds: string[] }) =>
    commentUniqueIds.map((uniqueId) => tell('deleted', [{ uniqueId }])),
  authTokenRefreshedCallback: () => tell('renewed', []),
};

const own = () => `of-a-test-${Math.random().toString(36).slice(2)}`;
/** Sends what one of its `generate…` functions made. */
async function send(made: Comment & { unique_id?: string }) {
  const { room_id, message, unique_id = own(), type, payload } = made;
  return shown(await sdk.sendComment(room_id, message, unique_id, type, payload && JSON.stringify(payload)));
}

answer({
  signIn: async (AppId: string, baseURL: string, live: boolean, [id, password, name]: string[]) => {
    if (live) await sdk.init({ AppId, baseURL, options });
    else {
      // What the configuration says too, but for how often it asks.
      const quick = { withConfig: false, syncInterval: 150, mqttURL: NOWHERE };
      await sdk.init({ AppId, baseURL, options, ...quick });
      sdk.enableSyncEvent = true;
    }
    await sdk.setUser(id, password, name);
  },
  isConnected: () => sdk.realtimeAdapter?.connected === true,
  token: () => sdk.userData.token,
  rooms: async () =>
    (await sdk.loadRoomList({ show_empty: true })).map(
      ({ id, name, room_type }: Record<string, unknown>) => ({
        id,
        name,
        type: room_type,
      }),
    ),
  direct: async (other: string) => {
    const { id, name, room_type, participants } = await sdk.chatTarget(other);
    return { id, name, type: room_type, people: participants.length };
  },
  group: async (title: string, others: string[]) => {
    const { id, name, participants } = await sdk.createGroupRoom(title, others, { color: 'red' });
    return { id, name, type: 'group', people: participants.length };
  },
  /** Opens a room: what it holds, oldest first. */
  enter: async (room: number) =>
    (await sdk.getRoomById(room)).comments.map((comment: Comment) => shown({ ...comment, room_id: room })),
  /** The SDK begins three seconds after it opened a room. */
  isListening: (room: number) => `r/${room}/${room}/+/r` in sdk.realtimeAdapter.mqtt._resubscribeTopics,
  text: (room_id: number, message: string) => send({ room_id, message, type: 'text' } as Comment),
  reply: (roomId: number, text: string, to: number) => {
    const repliedMessage = sdk.selected.comments.find(({ id }: Comment) => id === to);
    return send(sdk.generateReplyMessage({ roomId, text, repliedMessage }));
  },
  custom: (roomId: number, text: string, type: string, payload: unknown) =>
    send(sdk.generateCustomMessage({ roomId, text, type, payload })),
  file: async (roomId: number, text: string, path: string, caption: string) => {
    const url = await sdk.upload(path, () => undefined);
    const filename = basename(path);
    return send(sdk.generateFileAttachmentMessage({ roomId, caption, url, text, filename, size: 6 }));
  },
  typing: (_room: number) => sdk.publishTyping(1),
  read: (room: number, comment: number) => sdk.readComment(room, comment),
  remove: (room: number, uniqueId: string) => sdk.deleteComment(room, [uniqueId], true, true),
  search: async (query: string) => (await sdk.searchMessage({ query })).results.comments.map(shown),
  files: async (room: number, userId: string) =>
    (await sdk.getFileList({ roomIds: [room], userId, sender: null })).results.comments.map(shown),
  unread: () => sdk.getTotalUnreadCount(),
  hangUp: () => sdk.closeRealtimeConnection(),
  catchUp: () => sdk.synchronize(),
  signOut: () => sdk.logout(),
});
