// What each frame of a client does: one call of the hub, or a change of what the socket follows, and the answer.
import { Refused } from '../domain/errors.ts';
import { BLOCK_SIZE, blockOf, type ConversationNumber, type MessageNumber, type Seq } from '../domain/ids.ts';
import type { Caller, Hub } from '../hub/context.ts';
import { markRead, setTyping } from '../hub/members.ts';
import { deleteMessage, editMessage, messageOf, post } from '../hub/messages.ts';
import { replay } from '../hub/realtime.ts';
import type { CaughtUp, Replay } from '../inbox/streams.ts';
import { attachFrame } from '../sockets/frames.ts';
import { type Ack, ackFrame } from './answers.ts';
import type { ClientFrame } from './frames.ts';
import { attachingOf, draftOf } from './saying.ts';

/** The socket that a frame came from, as far as frames may touch it. */
export interface Line {
  send(frame: string): void;
  follow(
    c: ConversationNumber,
    since: Seq | undefined,
    ask: () => Promise<Replay>,
    caughtUp: (at: CaughtUp, replay: Replay) => void,
  ): Promise<void>;
  unfollow(c: ConversationNumber): void;
  /** All conversations of the user, from now on. */
  followAll(on: boolean): void;
  /** Whether one more conversation can be subscribed to. */
  hasRoomFor(c: ConversationNumber): boolean;
}

/** From so many members on, a socket of its own for the one conversation is worth a client's while. */
export const ATTACH_MEMBERS = 200;

type Frame<T extends ClientFrame['t']> = Extract<ClientFrame, { t: T }>;

/** Does what a frame says. Throws Refused. Answers only where the frame has a `ref`. */
export async function perform(frame: ClientFrame, hub: Hub, caller: Caller, line: Line): Promise<void> {
  const ack = (what?: Ack): void => {
    if (frame.ref !== undefined) line.send(ackFrame(frame.ref, what));
  };
  switch (frame.t) {
    case 'subscribe':
      return subscribe(frame, hub, caller, line, ack);
    case 'unsubscribe':
      if (frame.c === undefined) line.followAll(false);
      else line.unfollow(frame.c);
      return ack({ c: frame.c?.toString() });
    case 'send': {
      const posted = await post(hub, caller, frame.c, draftOf(frame), { attaching: attachingOf(frame) });
      return ack({ c: String(frame.c), seq: posted.seq, id: String(posted.id) });
    }
    case 'edit': {
      const { c, id, text, markup, payload } = frame;
      const words = { text, markup, payload };
      const edited = await editMessage(hub, caller, c, await seqOf(hub, caller, c, id), { words });
      return ack({ c: String(c), seq: edited.seq, id: String(id) });
    }
    case 'delete':
      await deleteMessage(hub, caller, frame.c, await seqOf(hub, caller, frame.c, frame.id));
      return ack({ c: String(frame.c), id: String(frame.id) });
    case 'read':
      await markRead(hub, caller, frame.c, frame.seq);
      return ack({ c: String(frame.c) });
    case 'typing':
      await setTyping(hub, caller, frame.c, frame.on);
      return ack({ c: String(frame.c) });
  }
}

async function subscribe(
  { c, since, epoch }: Frame<'subscribe'>,
  hub: Hub,
  caller: Caller,
  line: Line,
  ack: (what?: Ack) => void,
): Promise<void> {
  if (c === undefined) {
    line.followAll(true);
    ack();
    return;
  }
  if (!line.hasRoomFor(c)) {
    throw new Refused({
      code: 'too_large',
      message: 'This socket has as many subscriptions as it can have.',
    });
  }
  // Without a position there is nothing that another epoch could spoil.
  const position = { since: since ?? null, epoch: since === undefined ? null : epoch };
  try {
    await line.follow(
      c,
      since,
      () => replay(hub, caller, c, position),
      (at, { memberCount }) => {
        ack({ c: String(c), ...at });
        if (memberCount > ATTACH_MEMBERS) line.send(attachFrame(c, hub.origin));
      },
    );
  } catch (error) {
    // Who may not read any more does not listen any more; an object that is away is no reason to end anything.
    const away = error instanceof Refused && error.refusal.code === 'unavailable';
    if (!away) line.unfollow(c);
    throw error;
  }
}

/** In its first block a conversation's message numbers hold their seq; later blocks are asked for. */
async function seqOf(hub: Hub, caller: Caller, c: ConversationNumber, id: MessageNumber): Promise<Seq> {
  if (blockOf(id) === Number(c)) return id % BLOCK_SIZE;
  return (await messageOf(hub, caller, c, { id })).seq;
}
