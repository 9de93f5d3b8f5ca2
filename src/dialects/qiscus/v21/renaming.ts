// A call of v2 under the names of v2.1: parameters and refusals have other names, results another form. What a call does
// is written once, in the files beside this folder.
import { type FieldProblem, Refused } from '../../../domain/errors.ts';
import type { JsonObject } from '../../../domain/model.ts';
import { answerOf, type Telling } from '../call.ts';
import type { Fields } from '../fields.ts';
import type { Raw } from '../params.ts';

/** Names of v2 by those of v2.1. */
export type Names = Readonly<Record<string, string>>;

/** `show` gives the results of v2 the form of v2.1. Parameters that are not named keep their names. */
export function renamed(does: Telling, names: Names, show: (results: JsonObject) => JsonObject): Telling {
  const newer = new Map(Object.entries(names).map(([name, old]) => [old, name]));
  const nameOf = (old: string): string => newer.get(old) ?? old;
  const fields: Fields = Object.fromEntries(
    Object.entries(does.fields).map(([old, field]) => [nameOf(old), field]),
  );
  const results: Telling['results'] = async (call, raw) => {
    const given: Raw = new Map(
      Object.keys(does.fields).flatMap((old) => {
        const values = raw.get(nameOf(old));
        return values ? [[old, values] as const] : [];
      }),
    );
    try {
      const made = await does.results(call, given);
      return made instanceof Response ? made : show(made);
    } catch (error) {
      throw error instanceof Refused ? toldAnew(error, nameOf) : error;
    }
  };
  return { fields, results, run: async (call, raw) => answerOf(await results(call, raw)) };
}

function toldAnew(error: Refused, nameOf: (old: string) => string): Refused {
  const { refusal } = error;
  if (!('fields' in refusal) || !refusal.fields) return error;
  const fields = refusal.fields.map((problem: FieldProblem) => ({
    ...problem,
    path: problem.path.replace(/^[^.]+/, nameOf),
  }));
  return new Refused({ ...refusal, fields });
}
