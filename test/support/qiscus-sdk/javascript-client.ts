// Runs the npm package qiscus-sdk-javascript, as it is, in a process of its own with a browser's globals: one person.
// Commands come from client.ts.
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

const EVENTS = [
  'onMessageReceived',
  'onMessageUpdated',
  'onMessageDeleted',
  'onMessageDelivered',
  'onMessageRead',
  'onUserTyping',
  'onUserOnlinePresence',
  'onChatRoomCleared',
];

answer({
  setup: async (appId: string, url: string, uploadUrl: string) => {
    await sdk.setupWithCustomServer(appId, url, undefined, undefined, 5_000);
    // It has no other way to say where uploads go.
    sdk.storage.setUploadUrl(uploadUrl);
    sdk.storage.setAccSyncInterval(100);
  },
  interval: (ms: number) => {
    sdk.storage.setSyncInterval(ms);
    sdk.storage.setSyncIntervalWhenConnected(ms);
    // It takes no boolean from the configuration.
    sdk.storage.setIsSyncEventEnabled(true);
  },
  listen: () => {
    for (const name of EVENTS) sdk[name]((...args: unknown[]) => tell(name, args));
  },
  upload: (path: string) =>
    new Promise((resolve, reject) => {
      const file = new window.File([new Uint8Array(readFileSync(path))], basename(path));
      sdk.upload(file, (error: unknown, _progress: unknown, url?: string) => {
        if (error) reject(error);
        else if (url) resolve(url);
      });
    }),
  subscribeCustomEvent: (room: number) =>
    sdk.subscribeCustomEvent(room, (event: unknown) => tell('event', [event])),
  isConnected: () => sdk.realtimeAdapter.mqtt.mqtt?.connected === true,
  /** Any method of the SDK; it gives a promise where no callback is named. */
  call: (name: string, ...args: unknown[]) => sdk[name](...args),
});
