// The forum door as a client of it: XML-RPC calls with a session cookie. For setting conversations up, and for the row
// that compares it with the JSON door.
import { decodeResponse } from '../src/xmlrpc/decode.ts';
import { encodeCall } from '../src/xmlrpc/encode.ts';
import { array, base64, type OutValue, string } from '../src/xmlrpc/value.ts';
import { rawRequest } from './http.ts';
import type { Ours } from './servers.ts';

/** People that one call may name. */
const NAMES_AT_ONCE = 50;

export class Forum {
  private readonly ours: Ours;
  private readonly cookie: string;

  private constructor(ours: Ours, cookie: string) {
    this.ours = ours;
    this.cookie = cookie;
  }

  /** Throws unless name and password are taken. */
  static async signIn(ours: Ours, username: string, password: string): Promise<Forum> {
    const guest = new Forum(ours, '');
    const { headers } = await guest.call('login', [base64(username), base64(password)]);
    const cookie = headers.getSetCookie()[0]?.split(';')[0];
    if (!cookie) throw new Error('the forum door gave no session');
    return new Forum(ours, cookie);
  }

  /** A conversation of the caller with these people, by its number. */
  async newConversation(usernames: readonly string[], text: string): Promise<string> {
    const named = (from: number) =>
      array(usernames.slice(from, from + NAMES_AT_ONCE).map((name) => base64(name)));
    const { value } = await this.call('new_conversation', [named(0), base64('Bench'), base64(text)]);
    const id = value.get('conv_id');
    if (typeof id !== 'string') throw new Error('a conversation without a number');
    for (let from = NAMES_AT_ONCE; from < usernames.length; from += NAMES_AT_ONCE) {
      await this.call('invite_participant', [named(from), string(id)]);
    }
    return id;
  }

  /** A reply as it goes over the wire. */
  rawReply(conversation: string, text: string): string {
    return rawRequest({
      port: this.ours.port,
      path: new URL(this.ours.app.tapatalk.url).pathname,
      headers: { 'content-type': 'text/xml', cookie: this.cookie },
      body: encodeCall('reply_conversation', [string(conversation), base64(text)]),
    });
  }

  private async call(
    method: string,
    params: readonly OutValue[],
  ): Promise<{ value: ReadonlyMap<string, unknown>; headers: Headers }> {
    const answer = await fetch(this.ours.app.tapatalk.url, {
      method: 'POST',
      headers: { 'content-type': 'text/xml', cookie: this.cookie },
      body: encodeCall(method, params),
    });
    const decoded = decodeResponse(new Uint8Array(await answer.arrayBuffer()));
    const value = !decoded.fault && decoded.value instanceof Map ? decoded.value : null;
    if (value?.get('result') !== true) {
      const text = value?.get('result_text') ?? decoded;
      throw new Error(
        `${method} was refused: ${text instanceof Uint8Array ? Buffer.from(text) : JSON.stringify(text)}`,
      );
    }
    return { value, headers: answer.headers };
  }
}
