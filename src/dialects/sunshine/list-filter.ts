// The `filter` of a list of conversations: whose, and which of them (docs/sunshine.md). The vendor's has the person alone
// (contracts/sunshine.md 2); with neither person this hub answers with the app's own list.
import * as v from 'valibot';
import type { ListFilter } from '../../hub/lists.ts';
import { refuse } from './errors.ts';
import { type OneUser, plainObject } from './fields.ts';
import { deepParam } from './query.ts';

/** Keys of metadata that one filter may name. */
const MOST_KEYS = 10;

const id = v.nullish(v.pipe(v.string(), v.nonEmpty()));
/** ISO 8601 with a zone, as answers have it; fractions of a second may be left out. */
const moment = v.nullish(
  v.pipe(
    v.string(),
    v.regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/),
    v.transform((text) => Date.parse(text)),
    v.number(),
  ),
);
const scalar = v.union([v.string(), v.pipe(v.number(), v.finite()), v.boolean()]);

const conversationFilter = v.pipe(
  plainObject,
  v.strictObject({
    userId: id,
    userExternalId: id,
    createdAfter: moment,
    createdBefore: moment,
    lastUpdatedAfter: moment,
    lastUpdatedBefore: moment,
    type: v.nullish(v.picklist(['personal', 'sdkGroup'])),
    state: v.nullish(v.picklist(['open', 'closed'])),
    metadata: v.nullish(v.pipe(plainObject, v.record(v.string(), scalar))),
  }),
  v.check(({ userId, userExternalId }) => !userId || !userExternalId),
  v.check(({ metadata }) => Object.keys(metadata ?? {}).length <= MOST_KEYS),
);

/** Whose conversations, and which: `user` null: everybody's; `only` null: all of them. */
export interface ConversationFilter {
  user: OneUser | null;
  only: ListFilter | null;
}

/** Refused where a name or a value is none that a filter has, in either encoding. */
export function conversationFilterOf(query: URLSearchParams): ConversationFilter {
  const given = deepParam(query, 'filter');
  const written = metadataPairs(given ?? {});
  const { success, output } = v.safeParse(conversationFilter, given && written.rest);
  if (!success) throw refuse('Invalid query parameters');
  const { userId, userExternalId, createdAfter, createdBefore, lastUpdatedAfter, lastUpdatedBefore } = output;
  const metadata = new Map<string, readonly (string | number | boolean)[]>(
    Object.entries(output.metadata ?? {}).map(([key, value]) => [key, [value]]),
  );
  for (const [key, text] of written.pairs) metadata.set(key, readings(text));
  if (metadata.size > MOST_KEYS) throw refuse('Invalid query parameters');
  const only: ListFilter = {
    ...(typeof createdAfter === 'number' && { createdAfter }),
    ...(typeof createdBefore === 'number' && { createdBefore }),
    ...(typeof lastUpdatedAfter === 'number' && { activeAfter: lastUpdatedAfter }),
    ...(typeof lastUpdatedBefore === 'number' && { activeBefore: lastUpdatedBefore }),
    ...(output.type && {
      kinds: output.type === 'personal' ? (['support'] as const) : (['direct', 'group'] as const),
    }),
    ...(output.state && { state: output.state }),
    ...(metadata.size > 0 && { metadata }),
  };
  return {
    user: userId || userExternalId ? { userId, userExternalId } : null,
    only: Object.keys(only).length > 0 ? only : null,
  };
}

/** `filter[metadata][key]=value` and `filter[metadata.key]=value` (all that the vendor's client can write), apart from the rest. */
function metadataPairs(given: Record<string, unknown>) {
  const pairs: [key: string, text: string][] = [];
  const rest: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const key = /^metadata(?:\]\[|\.)(.+)$/s.exec(name)?.[1];
    if (key !== undefined && typeof value === 'string') pairs.push([key, value]);
    else rest[name] = value;
  }
  return { pairs, rest };
}

/** What a value in a query may mean: a query has texts alone. */
function readings(text: string): (string | number | boolean)[] {
  if (text === 'true' || text === 'false') return [text, text === 'true'];
  const number = Number(text);
  return text !== '' && String(number) === text && Number.isFinite(number) ? [text, number] : [text];
}
