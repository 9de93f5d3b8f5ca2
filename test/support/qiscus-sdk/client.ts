// One person who uses a chat app: an unmodified client SDK of Qiscus in a process of its own, driven by a test.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const WAIT_MS = 40_000;

/** The vendor's packages: `qiscus-sdk-…`. */
export type Kind = 'core' | 'javascript';

// biome-ignore lint/suspicious/noExplicitAny: what an SDK gives is what the test is about.
export type Given = any;

/** What an SDK's call failed with. */
export class CallFailed extends Error {
  readonly status: number | undefined;
  readonly body: Given;
  constructor({ message, status, body }: { message?: string; status?: number; body?: Given }) {
    super(`${status ?? ''} ${message ?? ''} ${JSON.stringify(body ?? null)}`);
    this.status = status;
    this.body = body;
  }
}

export class SdkClient {
  readonly events: { event: string; args: Given[] }[] = [];
  private readonly process: ChildProcess;
  private readonly asked = new Map<number, { resolve(value: Given): void; reject(error: Error): void }>();
  private readonly taken = new Set<object>();
  private readonly wakers = new Set<() => void>();
  private ids = 0;
  private ended = false;

  private constructor(kind: Kind) {
    const file = fileURLToPath(import.meta.resolve(`./${kind}-client.ts`));
    this.process = fork(file, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
    this.process.on('message', (message: Given) => {
      if (message.event !== undefined) this.events.push(message);
      else if (message.error) this.asked.get(message.id)?.reject(new CallFailed(message.error));
      else this.asked.get(message.id)?.resolve(message.value);
      this.asked.delete(message.id);
      for (const waker of this.wakers) waker();
    });
    this.process.on('exit', () => {
      this.ended = true;
      for (const { reject } of this.asked.values()) reject(new Error('the client ended'));
    });
  }

  static async start(kind: Kind): Promise<SdkClient> {
    const client = new SdkClient(kind);
    await client.next('ready');
    return client;
  }

  /** A command of the client's process. */
  ask(command: string, ...args: unknown[]): Promise<Given> {
    const id = ++this.ids;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer to "${command}"`)), WAIT_MS);
      const settled = <T>(then: (value: T) => void) => {
        return (value: T) => {
          clearTimeout(timer);
          then(value);
        };
      };
      this.asked.set(id, { resolve: settled(resolve), reject: settled(reject) });
      this.process.send({ id, command, args });
    });
  }

  /** Arguments of the next event of this name that no earlier call took, and that `wanted` accepts. */
  next(event: string, wanted: (...args: Given[]) => boolean = () => true): Promise<Given[]> {
    return this.until(`an event "${event}"`, () => {
      const found = this.events.find(
        (each) => each.event === event && !this.taken.has(each) && wanted(...each.args),
      );
      if (found) this.taken.add(found);
      return found?.args;
    });
  }

  /** Asks until it is so. */
  async eventually(command: string, wanted: (value: Given) => boolean, ...args: unknown[]): Promise<Given> {
    for (const end = Date.now() + WAIT_MS; ; ) {
      const value = await this.ask(command, ...args);
      if (wanted(value)) return value;
      if (Date.now() > end) throw new Error(`${command} stayed ${JSON.stringify(value)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Does nothing until it thaws: no timer of its own runs meanwhile. */
  freeze(): void {
    this.process.kill('SIGSTOP');
  }

  thaw(): void {
    this.process.kill('SIGCONT');
  }

  stop(): void {
    if (!this.ended) this.process.kill('SIGKILL');
  }

  private until<T>(what: string, look: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const found = look();
        if (found === undefined) return;
        clearTimeout(timer);
        this.wakers.delete(check);
        resolve(found);
      };
      const timer = setTimeout(() => {
        this.wakers.delete(check);
        const seen = this.events
          .slice(-8)
          .map(({ event, args }) => `${event} ${JSON.stringify(args).slice(0, 300)}`);
        reject(new Error(`no ${what} within ${WAIT_MS} ms; got\n${seen.join('\n')}`));
      }, WAIT_MS);
      this.wakers.add(check);
      check();
    });
  }
}
