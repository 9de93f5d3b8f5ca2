// What a connection is told: frames of its Inbox (docs/realtime.md) and of the Desk as frames of this protocol.
import type { DeskFrame } from '../../../domain/desk.ts';
import { Refused } from '../../../domain/errors.ts';
import { type ConversationNumber, conversationNumber, type Seq, userNumber } from '../../../domain/ids.ts';
import type { Hub } from '../../../hub/context.ts';
import { messagesBySeq } from '../../../hub/messages.ts';
import { type Listener, pushesOf } from '../../../hub/pushes.ts';
import { conversationUuid } from '../ids.ts';
import { HOPELESS } from './codes.ts';
import { ackFrame, logoutFrame, onlineFrame, pushFrames, typingFrame } from './frames.ts';

export interface Listening {
  hub: Hub;
  listener: Listener;
  /** The conversation whose typing they are told of. */
  watched: ConversationNumber | null;
  /** Of each conversation the last message that they had as one that they missed. */
  caughtUp: ReadonlyMap<ConversationNumber, Seq>;
}

export interface News {
  frames: string[];
  /** Something went by that nobody can tell any more: what did not arrive is to be looked for. */
  lost?: boolean;
  /** Another connection took this one's place; or its person signed out. */
  over?: 'logged out' | 'signed out';
}

/** Fields that mean something here. */
type Frame =
  | { t: 'events'; c: string; events: { seq: Seq; kind: string }[] }
  | { t: 'typing'; c: string; user: string; on: boolean }
  | { t: 'resync'; c: string }
  | DeskFrame
  | { t: 'hello' | 'bye' | 'read' | 'delivered' | 'deleted' | 'cleared' | 'notice' | 'presence' };

const NOTHING: News = { frames: [] };

/** The frames that one of ours makes, in order. What the person may not see makes none. */
export async function newsOf(listening: Listening, text: string): Promise<News> {
  const { hub, listener, watched } = listening;
  const frame = JSON.parse(text) as Frame;
  switch (frame.t) {
    case 'events':
      return { frames: await said(listening, frame) };
    case 'typing': {
      const c = conversationNumber(Number(frame.c));
      const user = userNumber(Number(frame.user));
      const isOther = user !== listener.caller.user.number;
      return frame.on && c === watched && isOther ? { frames: [typingFrame(hub, user, c)] } : NOTHING;
    }
    case 'resync':
      return { frames: [], lost: true };
    case 'turn':
      return { frames: [onlineFrame(hub, frame)] };
    case 'routed':
      return { frames: [routedFrame(hub, frame)] };
    case 'logout':
      return { frames: [logoutFrame(hub, frame.device)], over: 'logged out' };
    case 'ended':
      return { frames: [], over: 'signed out' };
    default:
      return NOTHING;
  }
}

function routedFrame(hub: Hub, { conversation, hopeless }: Extract<DeskFrame, { t: 'routed' }>): string {
  if (hopeless !== null) return ackFrame('CONVERSATION', HOPELESS[hopeless], {});
  if (conversation === null) return ackFrame('CONVERSATION', 'WAITING', {});
  return ackFrame('CONVERSATION', 'NOERR', { conversation_uuid: conversationUuid(hub, conversation) });
}

/** Messages alone: nothing else that happens has a frame here. */
async function said(
  { hub, listener, caughtUp }: Listening,
  { c, events }: Extract<Frame, { t: 'events' }>,
): Promise<string[]> {
  const number = conversationNumber(Number(c));
  const known = caughtUp.get(number) ?? 0;
  const seqs = events.filter(({ kind, seq }) => kind === 'message' && seq > known).map(({ seq }) => seq);
  const [first, last] = [seqs[0], seqs.at(-1)];
  if (first === undefined || last === undefined) return [];
  try {
    const page = await messagesBySeq(hub, listener.caller, number, {
      after: first - 1,
      limit: seqs.length,
    });
    // What was said since comes with a frame of its own.
    const messages = page.messages.filter(({ seq }) => seq <= last);
    return await pushFrames(hub, listener, pushesOf(listener, { ...page, messages }));
  } catch (error) {
    // Left meanwhile: nothing of it is theirs any more. A part that is away is for who is told.
    if (error instanceof Refused && ['not_found', 'forbidden'].includes(error.refusal.code)) return [];
    throw error;
  }
}
