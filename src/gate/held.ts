// One connection of a Gate and what is on its way to and from it, kept so that it survives hibernation. The object around it is
// object.ts.
import { shelfName, shelfOf } from '../domain/delivery.ts';
import type { GateHost, GateLine, GateProtocol, Holder } from '../domain/gate.ts';
import type { UserNumber } from '../domain/ids.ts';
import type { Json } from '../domain/model.ts';
import { CLOSE, closeQuietly, sendQuietly } from '../sockets/socket.ts';
import { Alone } from './alone.ts';

/** The platform keeps 16,384 bytes with a socket; this many characters of ours leave room for what stands around them. */
const KEPT_CHARS = 10_000;
/** What a client sends before the last of it was answered; more is a flood. */
const WAITING = 1_000;

/** What the platform keeps with the socket while the object sleeps. */
export interface Packed {
  v: 1;
  protocol: string;
  origin: string;
  holder: Holder | null;
  /** Name of the Inbox that this Gate is registered with. */
  inbox: string | null;
  state: Json;
  heardAt: number;
  /** Since when it speaks for nobody (ms since 1970). */
  aloneSince: number;
}

/** What a connection has of its object. */
export interface Around {
  host(inbox: string): GateHost;
  aloneMs(): number;
}

/** The connection and what is on its way to and from it. */
export class Held implements GateLine {
  readonly socket: WebSocket;
  readonly packed: Packed;
  protocol!: GateProtocol;
  open = true;
  readonly alone = new Alone(() => this.close(CLOSE.policy, 'nobody signed in'));
  readonly name: string;
  private readonly around: Around;
  private waiting = 0;
  private taking: Promise<void> = Promise.resolve();
  private passing: Promise<void> = Promise.resolve();

  constructor(socket: WebSocket, packed: Packed, name: string, around: Around) {
    this.socket = socket;
    this.packed = packed;
    this.name = name;
    this.around = around;
  }

  /** Lets go of it when it goes on speaking for nobody; no timer where it speaks for somebody. */
  waitForSomebody(): void {
    if (this.open && this.packed.holder === null)
      this.alone.begin(this.packed.aloneSince + this.around.aloneMs());
    else this.alone.end();
  }

  get holder(): Holder | null {
    return this.packed.holder;
  }

  get kept(): Json {
    return this.packed.state;
  }

  get heardAt(): number {
    return this.packed.heardAt;
  }

  heard(): void {
    this.packed.heardAt = Date.now();
    this.write();
  }

  isSilent(): boolean {
    const { patienceMs } = this.protocol;
    return patienceMs !== undefined && Date.now() - this.packed.heardAt > patienceMs;
  }

  /** One after the other, in the order of arrival. */
  async take(message: string | ArrayBuffer): Promise<void> {
    if (this.waiting >= WAITING) {
      this.close(CLOSE.policy, 'too much at once');
      return;
    }
    this.waiting += 1;
    const work = () =>
      typeof message === 'string'
        ? this.protocol.text?.(message)
        : this.protocol.binary?.(new Uint8Array(message));
    this.taking = this.taking.then(() => this.attempt(work));
    await this.taking;
    this.waiting -= 1;
  }

  /** What the Inbox sent; false when the connection is gone by then. */
  async pass(frames: readonly string[]): Promise<boolean> {
    this.passing = this.passing.then(() => this.attempt(() => this.protocol.frames(frames)));
    await this.passing;
    return this.open;
  }

  private async attempt(work: () => Promise<void> | undefined): Promise<void> {
    if (!this.open) return;
    try {
      const under = work();
      if (under) await under;
      else this.close(CLOSE.policy, 'not spoken here');
    } catch (error) {
      console.error(JSON.stringify({ at: 'gate', protocol: this.packed.protocol, error: String(error) }));
      this.close(CLOSE.restart, 'restart');
    }
  }

  send(data: string | Uint8Array): void {
    if (this.open) sendQuietly(this.socket, data);
  }

  close(code: number = CLOSE.normal, reason = ''): void {
    if (!this.open) return;
    this.open = false;
    this.alone.end();
    this.write();
    closeQuietly(this.socket, code, reason);
    void this.over();
  }

  /** Nobody is connected any more. */
  async over(): Promise<void> {
    await this.signOut();
    await this.protocol
      .closed?.()
      .catch((error) => console.error(JSON.stringify({ at: 'gate.closed', error: String(error) })));
  }

  async signIn(holder: Holder, shelves: number): Promise<boolean> {
    const inbox = shelfName(holder.app, shelfOf(holder.user, shelves));
    if (this.packed.inbox !== null && this.packed.inbox !== inbox) await this.signOut();
    const said = await this.around.host(inbox).register(this.name, { ...holder, origin: this.packed.origin });
    if (said !== 'registered') return false;
    this.packed.holder = holder;
    this.packed.inbox = inbox;
    this.write();
    this.waitForSomebody();
    // Closed meanwhile: nobody else would take it back.
    if (!this.open) await this.signOut();
    return this.open;
  }

  async signOut(): Promise<void> {
    const { inbox } = this.packed;
    if (inbox === null) return;
    this.packed.inbox = null;
    this.packed.holder = null;
    this.packed.aloneSince = Date.now();
    this.write();
    this.waitForSomebody();
    await this.around
      .host(inbox)
      .unregister(this.name)
      .catch((error) => console.error(JSON.stringify({ at: 'gate.leave', error: String(error) })));
  }

  async watch(users: UserNumber[]): Promise<UserNumber[]> {
    const { inbox } = this.packed;
    return inbox === null ? [] : this.around.host(inbox).watch(this.name, users);
  }

  async attend(here: boolean): Promise<void> {
    const { inbox } = this.packed;
    if (inbox !== null) await this.around.host(inbox).attend(this.name, here);
  }

  keep(state: Json): boolean {
    if (JSON.stringify(state).length > KEPT_CHARS) return false;
    this.packed.state = state;
    this.write();
    return true;
  }

  private write(): void {
    try {
      // The platform may list a socket until its other side has closed too: it must not come back to life then.
      this.socket.serializeAttachment(this.open ? this.packed : null);
    } catch {
      // Gone already.
    }
  }
}
