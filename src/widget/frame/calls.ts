// Calls beside the socket (docs/realtime.md, "Calls").
import type { Event } from './model.ts';
import { CALL_MS, Refusal, refusalIn, refusalOf, type Session } from './session.ts';

export interface Row {
  c: string;
  kind: string;
  title: string | null;
  state: string;
  locked: boolean;
  seq: number;
  at: string;
  preview: string;
  unread: number;
  people: { id: string; name: string; avatar: string | null }[];
}

export interface Page {
  epoch: string;
  seq: number;
  readSeq: number;
  unread: number;
  reads: { user: string; seq: number }[];
  events: Event[];
  hasMore: boolean;
}

export class Calls {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  list = (): Promise<{ unread: number; conversations: Row[] }> => this.#ask('GET', 'conversations?limit=50');

  /** All of it in the markup that is read here (text.ts). */
  page = (c: string, before: number | null, limit = 40): Promise<Page> => {
    const from = before ? `&before=${before}` : '';
    return this.#ask('GET', `conversations/${c}/messages?markup=bbcode&limit=${limit}${from}`);
  };

  /** The same key is the same conversation, however often it is asked for. */
  open = (
    body: object,
    key: string | undefined,
  ): Promise<{ conversation: { c: string; epoch: string }; message: { seq: number } | null }> =>
    this.#ask('POST', 'conversations', { body: JSON.stringify(body), key });

  /** `onPart`: how much of it is there, 0 to 1. */
  async upload(
    file: Blob,
    name: string,
    onPart: (part: number) => void,
    signal: AbortSignal,
  ): Promise<{ id: string }> {
    // One that was moved or changed since it was chosen fails as if there were no connection; of one that is gone there is nothing.
    const start = await file
      .slice(0, 1)
      .arrayBuffer()
      .catch(() => null);
    if (!start?.byteLength) throw new Refusal('invalid', '');
    const token = await this.#session.token();
    return new Promise((resolve, reject) => {
      // Only this one tells how far an upload is.
      const call = new XMLHttpRequest();
      call.open('POST', `/realtime/files?name=${encodeURIComponent(name)}`);
      call.setRequestHeader('authorization', `Bearer ${token}`);
      call.responseType = 'json';
      let late: ReturnType<typeof setTimeout>;
      const goesOn = () => {
        clearTimeout(late);
        late = setTimeout(() => {
          reject(new TypeError('no connection'));
          call.abort();
        }, CALL_MS);
      };
      goesOn();
      call.onloadend = () => clearTimeout(late);
      call.upload.onprogress = ({ loaded, total }) => {
        goesOn();
        onPart(total ? loaded / total : 0);
      };
      call.onload = () => {
        if (call.status === 401) this.#session.drop();
        if (call.status === 201) resolve(call.response.file);
        else reject(refusalIn(call.response, call.status));
      };
      call.onerror = () => reject(new TypeError('no connection'));
      call.onabort = () => reject(new DOMException('given up', 'AbortError'));
      signal.addEventListener('abort', () => call.abort());
      call.send(file);
    });
  }

  async #ask<T>(
    method: string,
    path: string,
    { body, key }: { body?: string; key?: string } = {},
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const token = await this.#session.token();
      const answer = await fetch(`/realtime/${path}`, {
        method,
        body,
        headers: { authorization: `Bearer ${token}`, ...(key && { 'idempotency-key': key }) },
        signal: AbortSignal.timeout(CALL_MS),
      });
      if (answer.ok) return (await answer.json()) as T;
      const refusal = await refusalOf(answer);
      if (refusal.code !== 'unauthorized' || attempt > 1) throw refusal;
      this.#session.drop();
    }
  }
}
