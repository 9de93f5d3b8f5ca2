// A connection that ends in a Gate instead of here: its frames go there in calls, one at a time, each with everything that
// gathered meanwhile; what a socket keeps with the platform is kept in a row of this object. To the rest of the Inbox it is a socket.
import type { GateApi } from '../domain/gate.ts';
import { CLOSE } from '../sockets/socket.ts';
import type { Sink } from './connection.ts';

/** Rows of registered Gates, by name. */
const KEYS = 'gate:';

export interface RemoteHost {
  kv: SyncKvStorage;
  gate(name: string): GateApi;
  /** It took frames: a sign of life. */
  took(remote: Remote): void;
  /** Nobody is there any more, or frames for it were lost. */
  lost(remote: Remote): void;
}

export class Remote implements Sink {
  readonly name: string;
  /** It has answered since this object woke. */
  seen = false;
  private readonly host: RemoteHost;
  private waiting: string[] = [];
  private sending = false;
  private ended: { code: number; reason: string; told: boolean } | null = null;

  constructor(name: string, host: RemoteHost) {
    this.name = name;
    this.host = host;
  }

  /** Those that were registered when the object went to sleep. */
  static *kept(host: RemoteHost): Generator<Remote> {
    for (const [key] of [...host.kv.list({ prefix: KEYS })]) yield new Remote(key.slice(KEYS.length), host);
  }

  get idle(): boolean {
    return !this.sending;
  }

  send(data: string | ArrayBuffer | ArrayBufferView): void {
    if (this.ended) return;
    this.waiting.push(data as string);
    this.begin();
  }

  /** What was sent before still goes out. */
  close(code = 1000, reason = ''): void {
    if (this.ended) return;
    this.ended = { code, reason, told: false };
    this.begin();
  }

  serializeAttachment(value: unknown): void {
    const key = KEYS + this.name;
    if (value === null) this.host.kv.delete(key);
    else this.host.kv.put(key, value);
  }

  deserializeAttachment(): unknown {
    return this.host.kv.get(KEYS + this.name) ?? null;
  }

  /** Whether somebody is connected there; one that does not answer is not. */
  async alive(): Promise<boolean> {
    if (!this.seen)
      this.seen = await this.host
        .gate(this.name)
        .alive()
        .catch(() => false);
    return this.seen;
  }

  private begin(): void {
    if (this.sending) return;
    this.sending = true;
    void this.run().finally(() => {
      this.sending = false;
      // Came in the turn in which the last call was answered.
      if (this.waiting.length > 0 || this.ended?.told === false) this.begin();
    });
  }

  private async run(): Promise<void> {
    const gate = this.host.gate(this.name);
    try {
      while (this.waiting.length > 0) {
        const frames = this.waiting;
        this.waiting = [];
        if (!(await gate.receive(frames))) {
          if (this.ended) this.ended.told = true;
          this.host.lost(this);
          return;
        }
        this.seen = true;
        this.host.took(this);
      }
      if (!this.ended) return;
      this.ended.told = true;
      await gate.end(this.ended.code, this.ended.reason);
    } catch (error) {
      this.waiting = [];
      console.error(JSON.stringify({ at: 'inbox.gate', error: String(error) }));
      this.host.lost(this);
      // Frames are lost: who is still there must come back, and catch up.
      if (!this.ended?.told) await gate.end(CLOSE.restart, 'restart').catch(() => undefined);
      if (this.ended) this.ended.told = true;
    }
  }
}
