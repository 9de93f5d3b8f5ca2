// What every operation of this dialect gets, how it says what it takes, and how it answers. Routes are routes.ts.
import { notFound, Refused } from '../../domain/errors.ts';
import type { JsonObject, Role } from '../../domain/model.ts';
import { json } from '../../http/respond.ts';
import type { App, Caller, Hub, User } from '../../hub/context.ts';
import { userByExternalId } from '../../hub/people.ts';
import type { Claims } from '../../hub/sessions.ts';
import { type Fields, type Given, given } from './fields.ts';
import type { Raw } from './params.ts';

export interface Call {
  hub: Hub;
  app: App;
  /** The app's own server; or a person, at the calls of the client SDK. */
  caller: Caller;
  request: Request;
  url: URL;
  /** Segments of the path by name, decoded. */
  params: Record<string, string>;
  /** The session of a person's call. */
  session?: Claims;
  /** The token of a person's call, as it came. */
  token?: string;
}

/** One operation: its parameters, which tests read too, and what it does. */
export interface Operation {
  readonly fields: Fields;
  /** Its body is a file, which it reads itself. */
  readonly takesFile?: true;
  run(call: Call, raw: Raw): Promise<Response>;
}

/** One that answers with results, which may be told in other words (v21/). */
export interface Telling extends Operation {
  results(call: Call, raw: Raw): Promise<JsonObject | Response>;
}

/** `run` gets its parameters checked, and gives what stands under `results`; or a whole answer of its own. */
export const operation = <F extends Fields>(
  fields: F,
  run: (call: Call, given: Given<F>) => Promise<JsonObject | Response>,
): Telling => {
  const results = async (call: Call, raw: Raw) => run(call, given(fields, raw));
  return { fields, results, run: async (call, raw) => answerOf(await results(call, raw)) };
};

/** An envelope of success; a whole answer as it is. */
export const answerOf = (made: JsonObject | Response): Response =>
  made instanceof Response ? made : json({ results: made, status: 200 });

/** The same for a call that sends a file along: it reads its form itself, `fields` only say what is in there. */
export const fileOperation = (fields: Fields, run: (call: Call) => Promise<JsonObject>): Operation => ({
  fields,
  takesFile: true,
  run: async (call) => json({ results: await run(call), status: 200 }),
});

/** Voices and people of other networks: they write and are shown, and nobody acts for them here. */
const NOBODYS: ReadonlySet<Role> = new Set(['system', 'business', 'ghost']);
export const isPerson = (user: User): boolean => !NOBODYS.has(user.role);

/** What the hub calls an app's voices: nobody speaks as them here. */
const VOICES: ReadonlySet<string> = new Set(['parlance:system', 'parlance:business']);

/** Who writes, by their id; the hub looks them up, and the conversation knows its members while the directory is away. */
export function authorNamed(id: string): { externalId: string } {
  if (VOICES.has(id)) throw new Refused(notFound('user'));
  return { externalId: id };
}

/** The person of this id. Not found: nobody of this app. */
export async function personOf({ hub, app }: Call, id: string): Promise<User> {
  const user = await userByExternalId(hub, app, id);
  if (!isPerson(user)) throw new Refused(notFound('user'));
  return user;
}

/** Those people, in order. Not found, with a sentence that names them: who is nobody of this app. */
export async function peopleOf(call: Call, ids: readonly string[]): Promise<User[]> {
  const found = await Promise.all(
    ids.map((id) =>
      personOf(call, id).catch((error) => {
        if (error instanceof Refused && error.refusal.code === 'not_found') return null;
        throw error;
      }),
    ),
  );
  const missing = ids.filter((_, i) => found[i] === null);
  if (missing.length > 0) {
    throw new Refused({ ...notFound('user'), detail: `No such user: ${missing.slice(0, 20).join(', ')}` });
  }
  return found as User[];
}
