// The line between a browser and a hub, which tests let die in ways that no browser is told of.
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';

interface Connection {
  from: Socket;
  to: Socket;
  /** Nothing goes through it any more, and neither end is told. */
  dead: boolean;
  /** What was asked last, as far as it can be read. */
  head: string;
  /** It ends instead of bringing an answer. */
  deaf: boolean;
}

export class Line {
  #lost: RegExp | null = null;
  #dying: { head: RegExp; dead(): void } | null = null;
  readonly #connections = new Set<Connection>();
  readonly #server: Server;

  private constructor(port: number) {
    this.#server = createServer((from) => {
      const connection = {
        from,
        to: createConnection(port, '127.0.0.1'),
        dead: false,
        head: '',
        deaf: false,
      };
      this.#connections.add(connection);
      this.#pass(connection, 'from', 'to');
      this.#pass(connection, 'to', 'from');
    });
  }

  static async to(url: string): Promise<Line> {
    const line = new Line(Number(new URL(url).port));
    await new Promise<void>((resolve) => line.#server.listen(0, '127.0.0.1', resolve));
    return line;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Of those that there are, where what was asked last begins so; new ones are well. */
  die(head: RegExp): void {
    for (const connection of this.#connections) connection.dead ||= head.test(connection.head);
  }

  /** The next connection where something that begins so is asked dies when the beginning is through. Resolves then. */
  dieAt(head: RegExp): Promise<void> {
    return new Promise((dead) => {
      this.#dying = { head, dead };
    });
  }

  /** The next thing that is asked on a connection whose request begins so arrives; its answer does not. */
  loseAnswer(head: RegExp): void {
    this.#lost = head;
  }

  close(): void {
    this.#server.close();
    for (const { from, to } of this.#connections) {
      from.destroy();
      to.destroy();
    }
  }

  #pass(connection: Connection, one: 'from' | 'to', other: 'from' | 'to'): void {
    connection[one].on('data', (bytes: Buffer) => {
      if (connection.dead) return;
      if (one === 'from') this.#asked(connection, bytes);
      else if (connection.deaf) {
        connection.from.destroy();
        return;
      }
      connection[other].write(bytes);
      if (one === 'from' && this.#dying?.head.test(connection.head)) {
        connection.dead = true;
        this.#dying.dead();
        this.#dying = null;
      }
    });
    connection[one].on('error', () => connection[one].destroy());
    connection[one].on('close', () => {
      if (connection.dead && one === 'to') return;
      connection[other].destroy();
      this.#connections.delete(connection);
    });
  }

  #asked(connection: Connection, bytes: Buffer): void {
    const start = bytes.toString('latin1', 0, 200);
    if (/^[A-Z]+ \//.test(start)) connection.head = start;
    if (!this.#lost?.test(connection.head)) return;
    this.#lost = null;
    connection.deaf = true;
  }
}
