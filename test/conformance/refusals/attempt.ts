// One call that must be refused, and the right form of the refusal. Which calls there are is in the other files of this
// folder, one for each door.
import type { RealtimeSocket } from '../../support/realtime.ts';
import type { TestHub } from '../../support/server.ts';
import type { Person, Place, Talk, TwoApps } from '../../support/two-apps.ts';
import type { Answer, Json } from '../calls/answer.ts';
import type { About } from '../calls/sunshine.ts';

/** What the calls are made in. Nothing of it changes while they are refused. */
export interface Scene {
  readonly server: TestHub;
  readonly apps: TwoApps;
  /** ann and ben's group, in which calls would work; cat and fay are outside. */
  readonly about: About;
  /** ann's group in which nobody can post. */
  readonly locked: Talk;
  /** Forum cookies and tokens for sockets of `here`, by person. */
  readonly cookies: ReadonlyMap<Person, string>;
  readonly tokens: ReadonlyMap<Person, string>;
  /** Open sockets of `here`. */
  readonly socketOf: (person: Person) => RealtimeSocket;
  readonly here: Place;
}

export interface Attempt {
  readonly name: string;
  /** What a whole answer must match. */
  readonly refusal: Json;
  make(scene: Scene): Promise<Answer>;
}

/** Other types of JSON in the place of each value of a body: `author.type as an object`, and so on. */
export function wrongTypes(body: Json): [what: string, body: Json][] {
  const found: [string, Json][] = [];
  const visit = (value: Json, path: string, put: (wrong: Json) => Json): void => {
    if (path !== '') {
      for (const [type, wrong] of Object.entries(WRONG[typeOf(value)] ?? {})) {
        found.push([`${path} as ${type}`, put(wrong)]);
      }
    }
    if (typeof value !== 'object' || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      const at = Array.isArray(value) ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`;
      visit(inner, at, (wrong) => {
        const copy = structuredClone(value);
        copy[name] = wrong;
        return put(copy);
      });
    }
  };
  visit(body, '', (wrong) => wrong);
  return found;
}

const WRONG: Record<string, Record<string, Json>> = {
  string: { 'an object': {}, 'a number': 7, 'a list': ['x'] },
  number: { 'a text': '7', 'an object': {} },
  boolean: { 'a text': 'true', 'a number': 1 },
  array: { 'an object': { 0: 'x' }, 'a text': 'x' },
  object: { 'a text': 'x', 'a list': ['x'], 'a number': 7 },
};

const typeOf = (value: unknown): string =>
  Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;

/** Bodies that are no JSON object of any kind. */
export const NO_OBJECT: Record<string, string | Uint8Array<ArrayBuffer>> = {
  'half of an object': '{"a":',
  'two objects': '{}{}',
  'a form': 'a=b&c=d',
  'bytes that are no UTF-8': new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
  nul: '\0',
  'a list': '[]',
  'a text': '"x"',
  'a number': '7',
  null: 'null',
  'a deep nest': '['.repeat(40_000) + ']'.repeat(40_000),
};

/** A body of so many bytes, sent piece by piece without saying how long it will be. */
export function streamed(bytes: number): ReadableStream<Uint8Array> {
  const piece = new TextEncoder().encode('"x":1,'.repeat(1_000));
  let sent = 0;
  return new ReadableStream({
    pull(controller) {
      if (sent > bytes) controller.close();
      else controller.enqueue(piece);
      sent += piece.length;
    },
  });
}
