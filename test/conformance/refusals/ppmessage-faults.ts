// Parameters of the PPMessage door that are missing or of a wrong kind, made from what its operations say that they take.
import type { ErrorName } from '../../../src/dialects/ppmessage/errors.ts';
import type { Field, Kind } from '../../../src/dialects/ppmessage/fields.ts';
import type { Json } from '../calls/answer.ts';

/** Values that no parameter of a kind takes, and what each is answered with. */
const WRONG: Record<Kind, [value: Json, error: ErrorName][]> = {
  words: [
    [{}, 'WRONG_PARA'],
    ['x'.repeat(10_000), 'INVALID_PARA'],
  ],
  user: [[7, 'WRONG_PARA']],
  conversation: [[{}, 'WRONG_PARA']],
  device: [[['x'], 'WRONG_PARA']],
  group: [[true, 'WRONG_PARA']],
  message: [[{}, 'WRONG_PARA']],
  users: [
    [{ 0: 'x' }, 'NOT_LIST'],
    [[{}], 'WRONG_PARA'],
    [Array.from({ length: 101 }, (_, i) => `${i}`), 'INVALID_PARA'],
  ],
  pushes: [
    ['x', 'NO_PARA'],
    [[{}], 'WRONG_PARA'],
  ],
  number: [
    ['x', 'WRONG_PARA'],
    [1.5, 'WRONG_PARA'],
  ],
  flag: [['maybe', 'WRONG_PARA']],
  choice: [
    ['nonsense', 'INVALID_PARA'],
    [{}, 'WRONG_PARA'],
  ],
  address: [
    ['javascript:alert(1)', 'INVALID_PARA'],
    [{}, 'WRONG_PARA'],
  ],
  app: [],
};

export interface Fault {
  what: string;
  error: ErrorName;
  spoil(body: Json): Json;
}

/** What is missing, and what no parameter of this kind takes: the same at every level, for whomever the token acts. */
export function faultsOf(name: string, { kind, required }: Field<unknown>): Fault[] {
  const given = (what: string, error: ErrorName, value: Json): Fault => ({
    what: `${name} ${what}`,
    error,
    spoil: (body) => ({ ...body, [name]: value }),
  });
  const faults: Fault[] = [];
  if (required) {
    faults.push(given('null', 'NO_PARA', null));
    if (kind !== 'users' && kind !== 'pushes') faults.push(given('empty', 'NO_PARA', ''));
    const spoil = ({ [name]: _, ...rest }: Json): Json => rest;
    faults.push({ what: `without ${name}`, error: 'NO_PARA', spoil });
  }
  // The body of a message may be JSON.
  if (name === 'message_body') return faults;
  for (const [value, error] of WRONG[kind])
    faults.push(given(`as ${JSON.stringify(value).slice(0, 30)}`, error, value));
  return faults;
}
