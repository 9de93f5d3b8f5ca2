// The endpoint's row as it is known here, so that sending needs no directory: read again when somebody says that it changed.
import type { Configured, SenderPort } from './port.ts';
import { readMeta, writeMeta } from './schema.ts';

const TABLES = ['delivery', 'source', 'meta', 'notice'];

export class Known<Config extends Configured> {
  private readonly storage: DurableObjectStorage;
  private readonly port: Pick<SenderPort<Config>, 'read' | 'now' | 'ended'>;
  private kept: { config: Config; at: number } | null;
  private ended = false;
  private reading: Promise<unknown> = Promise.resolve();

  constructor(storage: DurableObjectStorage, port: Known<Config>['port']) {
    this.storage = storage;
    this.port = port;
    this.kept = readMeta(storage.sql, 'config');
  }

  get config(): Config | null {
    return this.kept?.config ?? null;
  }

  /** When it was read, ms since 1970. */
  get readAt(): number {
    return this.kept?.at ?? 0;
  }

  /** Whether what is known may be older than `version`. */
  isBehind(version: number): boolean {
    return !this.ended && !(this.kept && this.kept.config.version >= version);
  }

  /**
   * Reads it; gives what was known before. Not shared between callers: what is read now may be older than what one of them knows
   * to be written. Where the endpoint has ended everything here is forgotten.
   */
  async read(): Promise<Config | null> {
    const reading = this.reading.catch(() => undefined).then(() => this.readOnce());
    this.reading = reading;
    return reading;
  }

  private async readOnce(): Promise<Config | null> {
    const before = this.config;
    const config = await this.port.read();
    if (config) {
      this.kept = { config, at: this.port.now() };
      writeMeta(this.storage.sql, 'config', this.kept);
      return before;
    }
    this.ended = true;
    this.kept = null;
    await this.storage.deleteAlarm();
    for (const table of TABLES) this.storage.sql.exec(`DELETE FROM ${table}`);
    this.port.ended?.();
    return before;
  }
}
