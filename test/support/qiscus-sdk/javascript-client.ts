// Runs the npm package qiscus-sdk-javascript, as it is, in a process of its own with a browser's globals: one person.
// Commands come from client.ts, and are those of core-client.ts too.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { answer, tell } from './channel.ts';

const { JSDOM } = createRequire(import.meta.url)('jsdom');
// A page of another origin: every call is asked for first.
const { window } = new JSDOM('', { url: 'https://app.example.org/' });
for (const name of [
  'XMLHttpRequest',
  'WebSocket',
  'FormData',
  'File',
  'Blob',
  'document',
  'location',
] as const)
  Object.defineProperty(globalThis, name, { value: window[name], configurable: true, writable: true });
Object.defineProperty(globalThis, 'window', { value: globalThis, configurable: true });

const { default: Sdk } = await import('qiscus-sdk-javascript');
// biome-ignore lint/suspicious/noExplicitAny: the package's own types end at its public half.
const sdk = new Sdk() as any;

/** How often it asks. An answer that is not there before the next question goes unread: {@link Timed}. */
const INTERVAL_MS = 800;
let pace: (ms: number) => void = () => {};

/** Where the hub takes long to answer, the SDK asks less often: on a busy machine it would never read an answer. */
class Timed extends window.XMLHttpRequest {
  open(method: string, url: string, async = true): void {
    const began = performance.now();
    if (url.includes('/sdk/sync')) this.addEventListener('loadend', () => pace(performance.now() - began));
    super.open(method, url, async);
  }
}
Object.defineProperty(globalThis, 'XMLHttpRequest', { value: Timed, configurable: true, writable: true });

interface Message {
  id: number;
  chatRoomId: number;
  uniqueId: string;
  text: string;
  type: string;
  payload: object;
  sender: { id: string };
}

const shown = ({ id, chatRoomId: room, uniqueId, text, type, payload, sender }: Message) => ({
  id,
  room,
  uniqueId,
  text,
  type,
  payload,
  by: sender.id,
});

/** What it has seen, for answers. */
const seen = new Map<number, Message>();

function listen(): void {
  sdk.onMessageReceived((message: Message) => {
    seen.set(message.id, message);
    tell('message', [shown(message)]);
  });
  sdk.onUserTyping((by: string, room: number, on: boolean) => tell('typing', [{ room, by, on }]));
  sdk.onMessageRead(({ uniqueId }: Message) => tell('read', [{ uniqueId }]));
  sdk.onMessageDeleted(({ uniqueId }: Message) => tell('deleted', [{ uniqueId }]));
}

const send = async (message: Message) => shown(await sdk.sendMessage(message));

answer({
  signIn: async (appId: string, url: string, live: boolean, [id, password, name]: string[]) => {
    await sdk.setupWithCustomServer(appId, url, undefined, undefined, 5_000);
    // It has no other way to say where uploads go.
    sdk.storage.setUploadUrl(`${url}/api/v2/sdk/upload`);
    sdk.storage.setAccSyncInterval(100);
    await sdk.setUser(id, password, name);
    listen();
    if (live) return;
    await sdk.closeRealtimeConnection();
    pace = (took) => {
      const ms = Math.max(INTERVAL_MS, 3 * took);
      sdk.storage.setSyncInterval(ms);
      sdk.storage.setSyncIntervalWhenConnected(ms);
    };
    pace(0);
    // It takes no boolean from the configuration.
    sdk.storage.setIsSyncEventEnabled(true);
  },
  isConnected: () => sdk.realtimeAdapter.mqtt.mqtt?.connected === true,
  token: () => sdk.token,
  rooms: async () =>
    (await sdk.getAllChatRooms(true, false, true, 1, 10)).map(
      ({ id, name, type }: Record<string, unknown>) => ({
        id,
        name,
        type,
      }),
    ),
  direct: async (other: string) => {
    const { id, name, type, totalParticipants: people } = await sdk.chatUser(other, {});
    return { id, name, type, people };
  },
  group: async (title: string, others: string[]) => {
    const { id, name, type, totalParticipants: people } = await sdk.createGroupChat(title, others, '', {});
    return { id, name, type, people };
  },
  /** Opens a room: what it holds, oldest first. */
  enter: async (room: number) => {
    const [opened, messages] = await sdk.getChatRoomWithMessages(room);
    sdk.subscribeChatRoom(opened);
    return messages.map(shown).sort((a: { id: number }, b: { id: number }) => a.id - b.id);
  },
  isListening: () => true,
  text: async (roomId: number, text: string) => send(await sdk.generateMessage({ roomId, text })),
  reply: async (roomId: number, text: string, to: number) =>
    send(await sdk.generateReplyMessage({ roomId, text, repliedMessage: seen.get(to) })),
  custom: async (roomId: number, text: string, type: string, payload: object) =>
    send(await sdk.generateCustomMessage({ roomId, text, type, payload })),
  /** Null when it is done: the SDK does not hand over what it has sent. */
  file: (roomId: number, text: string, path: string, caption: string) =>
    new Promise((resolve, reject) => {
      const file = new window.File([new Uint8Array(readFileSync(path))], basename(path));
      const message = { ...sdk.generateMessage({ roomId, text }), payload: { caption } };
      sdk.sendFileMessage(message, file, (error: unknown, progress?: number) => {
        if (error) reject(error);
        else if (progress === undefined) resolve(null);
      });
    }),
  typing: (room: number) => sdk.publishTyping(room, true),
  read: (room: number, message: number) => sdk.markAsRead(room, message),
  remove: (_room: number, uniqueId: string) => sdk.deleteMessages([uniqueId]),
  search: async (query: string) => (await sdk.searchMessage({ query })).map(shown),
  files: async (room: number, userId: string) =>
    (await sdk.getFileList({ roomIds: [room], userId, page: 1, limit: 20 })).map(shown),
  unread: () => sdk.getTotalUnreadCount(),
  hangUp: () => sdk.closeRealtimeConnection(),
  catchUp: () => sdk.synchronize(sdk.storage.getLastMessageId()),
  signOut: () => sdk.clearUser(),
});
