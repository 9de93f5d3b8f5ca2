// Runs the npm package qiscus-sdk-core, as it is, in a process of its own: one person. Commands come from client.ts.
import { createRequire } from 'node:module';
import { answer, tell } from './channel.ts';

const Sdk = createRequire(import.meta.url)('qiscus-sdk-core');
const sdk = new Sdk();

/** What the application is told by the SDK, under the names of its callbacks. */
const CALLBACKS = [
  'newMessagesCallback',
  'typingCallback',
  'onRoomTypingCallback',
  'presenceCallback',
  'commentReadCallback',
  'commentDeliveredCallback',
  'commentDeletedCallback',
  'messageUpdatedCallback',
  'roomClearedCallback',
  'authTokenRefreshedCallback',
  'loginErrorCallback',
];
const options = Object.fromEntries(CALLBACKS.map((name) => [name, (...args: unknown[]) => tell(name, args)]));

answer({
  init: async (config: object, more: object = {}) => {
    await sdk.init({ ...config, options });
    Object.assign(sdk, more);
  },
  upload: (path: string) =>
    new Promise((resolve, reject) => {
      sdk
        .upload(path, (error: unknown, _progress: unknown, url?: string) => {
          if (error) reject(error);
          else if (url) resolve(url);
        })
        .catch(reject);
    }),
  subscribeEvent: (room: string) => sdk.subscribeEvent(room, (event: unknown) => tell('event', [event])),
  isConnected: () => sdk.realtimeAdapter?.connected === true,
  selected: () => sdk.selected,
  user: () => sdk.userData,
  /** Any method of the SDK. */
  call: (name: string, ...args: unknown[]) => sdk[name](...args),
});
