// HTTP/1.1 by hand over one kept-alive connection: one request out, one answer in, nothing in between that would blur
// a latency. Only what a load client needs; what to send and how much of it is load.ts.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  /** Latin-1: good for looking for ASCII in it. */
  readonly body: string;
}

export interface RequestParts {
  readonly method?: 'GET' | 'POST';
  readonly port: number;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A request as it goes over the wire, made once and sent many times. */
export function rawRequest({ method = 'POST', port, path, headers = {}, body = '' }: RequestParts): string {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(method === 'POST' ? [`content-length: ${Buffer.byteLength(body)}`] : []),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

const END_OF_HEADERS = '\r\n\r\n';
const EMPTY = Buffer.alloc(0);

/** One connection, one request at a time. */
export class Connection {
  private readonly socket: Socket;
  private received: Buffer = EMPTY;
  private waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | null = null;
  private ended = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.take(chunk));
    socket.on('error', (error) => this.fail(error));
    socket.on('close', () => this.fail(new Error('the server closed the connection')));
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect({ host: '127.0.0.1', port });
    await once(socket, 'connect');
    return new Connection(socket);
  }

  /** Rejects when the connection ends before the answer is whole. */
  ask(request: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.ended) {
        reject(new Error('the connection is closed'));
        return;
      }
      this.waiting = { resolve, reject };
      this.socket.write(request);
    });
  }

  close(): void {
    this.ended = true;
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
    let answer: Answer | null;
    try {
      answer = readAnswer(this.received);
    } catch (error) {
      this.fail(error as Error);
      return;
    }
    if (!answer) return;
    const { waiting } = this;
    this.received = EMPTY;
    this.waiting = null;
    waiting?.resolve(answer);
  }

  private fail(error: Error): void {
    this.ended = true;
    const { waiting } = this;
    this.waiting = null;
    waiting?.reject(error);
  }
}

/** The answer that these bytes hold, or null while it is not whole. Nothing may follow it: one question at a time. */
export function readAnswer(bytes: Buffer): Answer | null {
  const end = bytes.indexOf(END_OF_HEADERS, 0, 'latin1');
  if (end < 0) return null;
  const head = bytes.toString('latin1', 0, end);
  const start = end + END_OF_HEADERS.length;
  const status = Number(head.slice(9, 12));
  if (!head.startsWith('HTTP/1.1 ') || !(status >= 200)) {
    throw new Error(`not an answer: ${JSON.stringify(head.slice(0, 80))}`);
  }
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) {
    const stop = start + Number(length);
    return bytes.length < stop ? null : { status, body: bytes.toString('latin1', start, stop) };
  }
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) {
    const body = readChunks(bytes, start);
    return body === null ? null : { status, body };
  }
  if (status === 204 || status === 304) return { status, body: '' };
  throw new Error('an answer without a length');
}

function readChunks(bytes: Buffer, start: number): string | null {
  let body = '';
  for (let at = start; ; ) {
    const line = bytes.indexOf('\r\n', at, 'latin1');
    if (line < 0) return null;
    const size = Number.parseInt(bytes.toString('latin1', at, line), 16);
    if (!(size >= 0)) throw new Error('a chunk without a size');
    const stop = line + 2 + size;
    if (bytes.length < stop + 2) return null;
    // workerd sends no trailers.
    if (size === 0) return body;
    body += bytes.toString('latin1', line + 2, stop);
    at = stop + 2;
  }
}
