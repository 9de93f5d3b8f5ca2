// A child process that answers one message at a time: how run.ts talks to the load client and to the subscribers.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { atEnd } from './cleanup.ts';

/** What a child sends back. */
export type Reply<Result> = { readonly result: Result } | { readonly error: string };

export class Child<Job, Result> {
  private readonly process: ChildProcess;

  /** `file`: a module of this folder. It ends with this process, or with `stop`. */
  constructor(file: string) {
    this.process = fork(fileURLToPath(import.meta.resolve(`./${file}`)), {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    atEnd(() => this.stop());
  }

  /** Throws what the child could not do, or that it ended. */
  async ask(job: Job): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply<Result>>();
    const ended = () => reject(new Error('the process ended in the middle of its work'));
    this.process.once('message', resolve);
    this.process.once('exit', ended);
    try {
      this.process.send(job as object);
      const reply = await promise;
      if ('error' in reply) throw new Error(reply.error);
      return reply.result;
    } finally {
      this.process.off('message', resolve);
      this.process.off('exit', ended);
    }
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await ended;
  }
}

/** The child's side: answers every job with what `work` makes of it, and ends with the process that started it. */
export function serveJobs<Job, Result>(work: (job: Job) => Promise<Result>): void {
  // Ctrl-C reaches every process of the terminal; this one goes when the one that started it does.
  process.on('SIGINT', () => {});
  process.on('disconnect', () => process.exit(0));
  const send = (reply: Reply<Result>) => process.send?.(reply);
  process.on('message', (job: Job) => {
    work(job).then(
      (result) => send({ result }),
      (error) => send({ error: error instanceof Error ? error.message : String(error) }),
    );
  });
}
