// One connection of a customer-service widget or an agent's client (contracts/ppmessage.md 9): what it says. Who it is, is
// arriving.ts; what it is told, news.ts; the text of both frames.ts.
import { Refused } from '../../../domain/errors.ts';
import type { GateLine, GateProtocol } from '../../../domain/gate.ts';
import type { AppNumber, ConversationNumber, DeviceNumber } from '../../../domain/ids.ts';
import type { JsonObject } from '../../../domain/model.ts';
import { Buckets } from '../../../hub/buckets.ts';
import type { Caller, Hub, User } from '../../../hub/context.ts';
import { viewConversation } from '../../../hub/conversations.ts';
import { deviceConnected, deviceDisconnected, type Pushed } from '../../../hub/desk.ts';
import { holderOf } from '../../../hub/gates.ts';
import { setTyping } from '../../../hub/members.ts';
import { type Listener, type Push, unacknowledged } from '../../../hub/pushes.ts';
import { accessOf, holderFor } from '../auth.ts';
import { Failure } from '../errors.ts';
import { deviceUuid, parseConversation } from '../ids.ts';
import { send } from '../sending.ts';
import { newcomerOf } from './arriving.ts';
import { codeOf } from './codes.ts';
import { ackFrame, pushFrames, readFrame } from './frames.ts';
import { newsOf } from './news.ts';

/** RFC 6455 7.4.1. */
const GOING_AWAY = 1001;
const POLICY = 1008;
/** A burst of so many frames, and how long each one after them takes to come back. */
const BURST = 200;
const REFILL_MS = 50;

/** What is kept while the object sleeps. */
interface Kept {
  app: AppNumber;
  token: string;
  device: DeviceNumber;
  /** The conversation whose typing it is told of, and types in. */
  watched: ConversationNumber | null;
}

export class PcSession implements GateProtocol {
  private readonly hub: Hub;
  private readonly line: GateLine;
  private readonly budget = new Buckets<'frames'>(1);
  private kept: Kept | null;
  /** While somebody arrives: what happens meanwhile comes after what they missed. */
  private arriving: Promise<void> = Promise.resolve();
  /** Of each conversation the last message that they were sent as one that they missed. */
  private caughtUp = new Map<ConversationNumber, number>();

  constructor(hub: Hub, line: GateLine) {
    this.hub = hub;
    this.line = line;
    this.kept = line.kept as Kept | null;
  }

  async text(text: string): Promise<void> {
    if (!this.affords()) return this.line.close(POLICY, 'too much at once');
    const read = readFrame(text);
    if ('fault' in read) return this.line.send(ackFrame('WS', read.fault));
    const { type, body } = read;
    switch (type) {
      case 'AUTH':
        return this.arrive(body);
      case 'SEND':
        return this.send(body.send);
      case 'TYPING_WATCH':
        return this.watch(body.conversation_uuid);
      case 'TYPING_UNWATCH':
        if (this.kept) this.keep({ ...this.kept, watched: null });
        return;
      case 'TYPING':
        return this.type();
      default:
        return this.line.send(ackFrame('WS', 'TYPE'));
    }
  }

  /** Bytes are no frame of this protocol. */
  async binary(): Promise<void> {
    this.line.send(ackFrame('WS', 'JSON'));
  }

  // ---- what the client says ----

  private async arrive(body: JsonObject): Promise<void> {
    const arrival = this.letIn(body);
    this.arriving = arrival.catch(() => undefined);
    await arrival;
  }

  private async letIn(body: JsonObject): Promise<void> {
    const { hub, line } = this;
    const refuse = (fault: Parameters<typeof ackFrame>[1]): void => {
      line.send(ackFrame('AUTH', fault));
      line.close(POLICY, 'not signed in');
    };
    const newcomer = await newcomerOf(hub, body).catch((error: unknown) => ({
      fault: codeOf(error, hub.requestId),
    }));
    if ('fault' in newcomer) return refuse(newcomer.fault);
    const { caller, claims, device, kind, service, extra } = newcomer;
    // Somebody else, or another device, on the same connection.
    if (this.kept && this.kept.device !== device) await this.closed();
    const holder = {
      ...holderOf(caller, claims),
      unassigned: service,
      powers: caller.powers === 'team' ? 'team' : 'member',
    } as const;
    if (!(await line.signIn(holder, caller.app.settings.inboxShards))) return refuse('NOTOKEN');
    this.keep({ app: caller.app.number, token: body.api_token as string, device, watched: null });
    const arrival = { user: caller.user.number, device, kind, service };
    const pushed = await deviceConnected(hub, caller.app, arrival, { gate: line.name, extra });
    line.send(ackFrame('AUTH', 'NOERR'));
    await this.catchUp({ caller, device }, pushed);
  }

  /** Sends what did not arrive before. Who cannot be told now is told when they come back. */
  private async catchUp(listener: Listener, pushed?: Pushed): Promise<void> {
    const missed = await unacknowledged(this.hub, listener, pushed).catch((): Push[] => []);
    this.caughtUp = new Map(missed.map(({ facts, entry }) => [facts.number, entry.seq]));
    for (const frame of await pushFrames(this.hub, listener, missed)) this.line.send(frame);
  }

  private async send(given: unknown): Promise<void> {
    const { hub, kept } = this;
    if (typeof given !== 'object' || given === null || Array.isArray(given))
      return this.line.send(ackFrame('SEND', 'PARAM'));
    const said = given as JsonObject;
    const extra = { uuid: said.uuid ?? null, conversation_uuid: said.conversation_uuid ?? null };
    if (!kept || !this.line.holder) return this.line.send(ackFrame('SEND', 'NOTOKEN', extra));
    try {
      const access = await accessOf(hub, kept.token);
      await send(hub, access, { ...said, device_uuid: said.device_uuid ?? deviceUuid(hub, kept.device) });
      this.line.send(ackFrame('SEND', 'NOERR', extra));
    } catch (error) {
      this.line.send(ackFrame('SEND', codeOf(error, hub.requestId), extra));
    }
  }

  private async watch(uuid: unknown): Promise<void> {
    const { hub, kept } = this;
    if (!kept || !this.line.holder) return this.line.send(ackFrame('TYPING_WATCH', 'NOTOKEN'));
    if (typeof uuid !== 'string') return this.line.send(ackFrame('TYPING_WATCH', 'PARAM'));
    const watched = parseConversation(hub, uuid);
    try {
      if (watched === null) throw new Failure('NO_CONVERSATION');
      await viewConversation(hub, await this.caller(), watched);
      this.keep({ ...kept, watched });
    } catch (error) {
      this.line.send(ackFrame('TYPING_WATCH', codeOf(error, hub.requestId)));
    }
  }

  /** Nobody is told of one that the hub refuses, as of one in no conversation. */
  private async type(): Promise<void> {
    const { hub, kept } = this;
    if (!kept || !this.line.holder) return this.line.send(ackFrame('TYPING', 'NOTOKEN'));
    if (kept.watched === null) return;
    const c = kept.watched;
    await this.caller()
      .then((caller) => setTyping(hub, caller, c, true))
      .catch((error: unknown) => {
        if (!(error instanceof Refused) && !(error instanceof Failure)) throw error;
      });
  }

  // ---- what happens elsewhere ----

  async frames(frames: readonly string[]): Promise<void> {
    await this.arriving;
    const { hub, kept, line } = this;
    if (!kept || !line.holder) return;
    try {
      const caller = await this.caller();
      const listener = { caller, device: kept.device };
      for (const frame of frames) {
        const { caughtUp } = this;
        const news = await newsOf({ hub, listener, watched: kept.watched, caughtUp }, frame);
        for (const each of news.frames) line.send(each);
        if (news.lost) await this.catchUp(listener);
        if (news.over === 'logged out') return await this.logOut();
        if (news.over === 'signed out') return line.close();
      }
    } catch (error) {
      if (!(error instanceof Refused) && !(error instanceof Failure)) throw error;
      // What could not be told was not acknowledged: it is told when they come back.
      line.close(GOING_AWAY, 'come back');
    }
  }

  /** The connection stays, as clients expect, and speaks for nobody. */
  private async logOut(): Promise<void> {
    this.kept = null;
    this.line.keep(null);
    await this.line.signOut();
  }

  async closed(): Promise<void> {
    const { hub, kept, line } = this;
    if (!kept) return;
    this.kept = null;
    await deviceDisconnected(hub, { number: kept.app }, kept.device, line.name);
  }

  // ---- the rest ----

  /** Whoever is connected, as long as their token is good. */
  private async caller(): Promise<Caller & { user: User }> {
    const { hub, kept, line } = this;
    if (!kept || !line.holder) throw new Failure('WRONG_ACCESS_TOKEN');
    const access = await accessOf(hub, kept.token);
    const { caller } = await holderFor(hub, access, line.holder.user);
    if (!caller.user) throw new Failure('WRONG_ACCESS_TOKEN');
    return { ...caller, user: caller.user };
  }

  private keep(kept: Kept): void {
    this.kept = kept;
    this.line.keep(kept as unknown as JsonObject);
  }

  private affords(): boolean {
    if (this.hub.settings.limits === 'off') return true;
    const now = Date.now();
    if (this.budget.wait('frames', REFILL_MS, BURST * REFILL_MS, now) > 0) return false;
    this.budget.take('frames', REFILL_MS, now);
    return true;
  }
}
