// Frames of the realtime protocol that an object sends on its own (docs/realtime.md): pure strings, made once for all
// sockets. What a single event says is conversation/frames.ts; answers to a client's frames are realtime/answers.ts.
import type { ConversationNumber, Seq, UserNumber } from '../domain/ids.ts';

/** Seconds between two `ping` frames of a client that wants to notice a dead connection. */
export const PING_SECONDS = 25;

/** What stands before and after the events of one frame. */
export const eventsPrefix = (c: ConversationNumber, epoch: string): string =>
  `{"t":"events","c":"${c}","epoch":${JSON.stringify(epoch)},"events":[`;
export const EVENTS_SUFFIX = ']}';

export const helloFrame = (user: UserNumber, name: string): string =>
  JSON.stringify({ t: 'hello', user: { id: String(user), name }, ping: PING_SECONDS });

/** The client's position is of no use: take the conversation anew, `seq` is where live events go on from. */
export const resyncFrame = (c: ConversationNumber, epoch: string, seq: Seq): string =>
  JSON.stringify({ t: 'resync', c: String(c), epoch, seq });

export const presenceFrame = (user: UserNumber, online: boolean): string =>
  JSON.stringify({ t: 'presence', user: String(user), online });

export const byeFrame = (retryAfterMs: number): string => JSON.stringify({ t: 'bye', retryAfterMs });

/** Where a client that shows this one conversation may attach instead (DESIGN.md 9). */
export const attachFrame = (c: ConversationNumber, origin: string): string =>
  JSON.stringify({ t: 'attach', c: String(c), url: `${origin.replace(/^http/, 'ws')}/realtime/c/${c}` });
