// The Inbox as it is deployed: the object of inbox/ with the realtime protocol and the hub behind it.
import { Refused } from '../domain/errors.ts';
import type { AppNumber, ConversationNumber, Seq } from '../domain/ids.ts';
import type { Env } from '../env.ts';
import { appByNumber, appCaller } from '../hub/apps.ts';
import { type Hub, hubOf } from '../hub/context.ts';
import { replay } from '../hub/realtime.ts';
import { callerFromClaims, hearOfRevocations } from '../hub/sessions.ts';
import { type Connection, MAX_SUBSCRIPTIONS } from '../inbox/connection.ts';
import { InboxObject } from '../inbox/object.ts';
import type { Replay } from '../inbox/streams.ts';
import { CLOSE } from '../sockets/socket.ts';
import { errorFrame } from './answers.ts';
import { Budget, costOf } from './budget.ts';
import { type ClientFrame, isOversize, MAX_FRAME_BYTES, readFrame } from './frames.ts';
import { Lane } from './lane.ts';
import { type Line, perform } from './protocol.ts';

/** So many frames in a row that cannot be read come from no client of this protocol. */
const UNREADABLE_IN_A_ROW = 100;

/** What is known of a socket beyond its connection; begins anew after hibernation. */
interface Session {
  lane: Lane;
  budget: Budget;
  unreadable: number;
}

export class Inbox extends InboxObject<Env> {
  private readonly sessions = new WeakMap<Connection, Session>();

  protected override received(connection: Connection, text: string): void {
    const hub = this.hub(connection);
    if (isOversize(text)) {
      const limitBytes = MAX_FRAME_BYTES;
      const message = `A frame has at most ${limitBytes / 1024} KiB.`;
      this.answer(connection, hub, new Refused({ code: 'too_large', message, limitBytes }));
      this.dismiss(connection, CLOSE.tooLarge, 'frame too large');
      return;
    }
    const read = readFrame(text);
    if (!read.ok) {
      this.unreadable(connection, hub, read.refused, read.ref, text.length);
      return;
    }
    const session = this.session(connection);
    session.unreadable = 0;
    if (this.affords(connection, hub, read.frame, text.length))
      this.queue(connection, hub, session, read.frame);
  }

  protected override receivedBinary(connection: Connection): void {
    const refused = new Refused({ code: 'invalid', message: 'Frames are text: one JSON object each.' });
    this.unreadable(connection, this.hub(connection), refused, undefined);
  }

  protected override async refetch(
    app: AppNumber,
    c: ConversationNumber,
    since: Seq,
    epoch: string,
  ): Promise<Replay> {
    const hub = this.hubAt('');
    return replay(hub, appCaller(await appByNumber(hub, app), 'realtime'), c, { since, epoch });
  }

  /** In the order of arrival, whatever each frame waits for. */
  private queue(connection: Connection, hub: Hub, { lane }: Session, frame: ClientFrame): void {
    const key = frame.t === 'subscribe' && frame.c !== undefined ? String(frame.c) : null;
    const queued = lane.push({
      key,
      run: () => this.evictor.during(() => this.perform(connection, hub, frame)),
    });
    if (queued) return;
    const message = 'Too many frames wait. Go on when some were answered.';
    this.answer(connection, hub, new Refused({ code: 'rate_limited', message, retryAfterMs: 1_000 }), frame);
  }

  private async perform(connection: Connection, hub: Hub, frame: ClientFrame): Promise<void> {
    if (!connection.open) return;
    try {
      // A socket may have slept through its session's end on an Inbox that nobody could reach then.
      await hearOfRevocations(hub, connection.claims.app);
      const caller = await callerFromClaims(hub, connection.claims, 'realtime');
      await perform(frame, hub, caller, this.line(connection));
    } catch (error) {
      this.answer(connection, hub, error, frame);
      const ended = error instanceof Refused && error.refusal.code === 'unauthorized';
      if (ended) this.dismiss(connection, CLOSE.unauthorized, 'signed out');
    }
  }

  private line(connection: Connection): Line {
    return {
      send: (frame) => connection.send(frame),
      follow: (c, since, ask, caughtUp) => this.follow(connection, c, since, ask, caughtUp),
      unfollow: (c) => this.unfollow(connection, c),
      followAll: (on) => this.followAll(connection, on),
      hasRoomFor: (c) => connection.subscriptions.has(c) || connection.subscriptions.size < MAX_SUBSCRIPTIONS,
    };
  }

  /** False: refused, and the client was told when to come again. */
  private affords(connection: Connection, hub: Hub, frame: ClientFrame, chars: number): boolean {
    if (hub.settings.limits === 'off') return true;
    const retryAfterMs = this.session(connection).budget.take(costOf(frame.t, chars), this.now());
    if (retryAfterMs === 0) return true;
    const message = 'Too many frames. Go on a little later.';
    this.answer(connection, hub, new Refused({ code: 'rate_limited', message, retryAfterMs }), frame);
    return false;
  }

  /** A bad frame is answered, not punished; a flood of them ends the socket. */
  private unreadable(
    connection: Connection,
    hub: Hub,
    refused: Refused,
    ref: string | undefined,
    chars = 0,
  ): void {
    const session = this.session(connection);
    session.unreadable += 1;
    const broke =
      hub.settings.limits !== 'off' && session.budget.take(costOf('unreadable', chars), this.now()) > 0;
    if (broke || session.unreadable > UNREADABLE_IN_A_ROW) {
      this.dismiss(connection, CLOSE.policy, 'unreadable frames');
      return;
    }
    connection.send(errorFrame(refused, ref, undefined, hub.requestId));
  }

  private answer(connection: Connection, hub: Hub, error: unknown, frame?: ClientFrame): void {
    connection.send(errorFrame(error, frame?.ref, frame?.c?.toString(), hub.requestId));
  }

  private session(connection: Connection): Session {
    let session = this.sessions.get(connection);
    if (!session) {
      session = { lane: new Lane(), budget: new Budget(this.now()), unreadable: 0 };
      this.sessions.set(connection, session);
    }
    return session;
  }

  private hub(connection: Connection): Hub {
    return this.hubAt(connection.claims.origin);
  }

  private hubAt(origin: string): Hub {
    return hubOf(this.env, origin, (work) => this.ctx.waitUntil(work));
  }
}
