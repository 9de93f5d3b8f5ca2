// Query parameters `filter` and `page` in both encodings that clients use, and the page envelope of lists.
// What a cursor names is decided by the list.
import type { Hub } from '../../hub/context.ts';
import { refuse } from './errors.ts';

/** Records of a page when `page[size]` is absent, and at most (contracts/sunshine.md 1). */
export const PAGE_SIZE = { default: 25, most: 100 } as const;

/** The part of a list that a caller asks for; at most one cursor is set. */
export interface PageRequest<Cursor> {
  after?: Cursor;
  before?: Cursor;
  size: number;
}

/** The parameters as a client may write them. */
interface Deep {
  [key: string]: unknown;
}

/**
 * `name[key]=value` pairs (deepObject, most clients) and `name={"key":…}` (the Python client since 17, see
 * contracts/sunshine.md 6), as one object; the pairs win. Null when the JSON is no object.
 */
export function deepParam(query: URLSearchParams, name: string): Deep | null {
  const values: Deep = {};
  for (const text of query.getAll(name)) {
    const parsed = parseObject(text);
    if (!parsed) return null;
    Object.assign(values, parsed);
  }
  for (const [key, value] of query) {
    if (key.startsWith(`${name}[`) && key.endsWith(']')) values[key.slice(name.length + 1, -1)] = value;
  }
  return values;
}

function parseObject(text: string): Deep | null {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Deep) : null;
  } catch {
    return null;
  }
}

/**
 * `page` of a list. `read` turns a 24-digit cursor into what the list pages by, null when it cannot be one.
 * `fixedSize`: the list has one page size and ignores `page[size]`, which some clients always send.
 */
export function pageRequest<Cursor>(
  query: URLSearchParams,
  read: (cursor: string) => Cursor | null,
  fixedSize?: number,
): PageRequest<Cursor> {
  const page = deepParam(query, 'page');
  const after = readCursor(page?.after, read);
  const before = readCursor(page?.before, read);
  const size = fixedSize ?? readSize(page?.size);
  if (
    !page ||
    after === null ||
    before === null ||
    size === null ||
    (after !== undefined && before !== undefined)
  ) {
    throw refuse('Invalid page query parameters');
  }
  return { after, before, size };
}

/** Undefined: not given. Null: no such cursor. */
function readCursor<Cursor>(
  given: unknown,
  read: (cursor: string) => Cursor | null,
): Cursor | null | undefined {
  if (given === undefined || given === null) return undefined;
  return typeof given === 'string' ? read(given) : null;
}

function readSize(given: unknown): number | null {
  if (given === undefined || given === null) return PAGE_SIZE.default;
  const size = typeof given === 'string' && /^\d{1,3}$/.test(given) ? Number(given) : given;
  if (typeof size !== 'number' || !Number.isInteger(size)) return null;
  return size >= 1 && size <= PAGE_SIZE.most ? size : null;
}

/** Where a page lies: ids to go on with in either direction; undefined where there is nothing. */
export interface PagePlace {
  hasMore: boolean;
  afterCursor?: string;
  beforeCursor?: string;
}

/** `meta` and `links` of a list's answer: links are absolute and keep the filter (contracts/sunshine.md 1). */
export function pageEnvelope(hub: Pick<Hub, 'origin'>, url: URL, place: PagePlace) {
  const { hasMore, afterCursor, beforeCursor } = place;
  return {
    meta: { hasMore, ...(afterCursor && { afterCursor }), ...(beforeCursor && { beforeCursor }) },
    links: {
      ...(beforeCursor && { prev: linkTo(hub, url, 'before', beforeCursor) }),
      ...(afterCursor && { next: linkTo(hub, url, 'after', afterCursor) }),
    },
  };
}

function linkTo(hub: Pick<Hub, 'origin'>, url: URL, direction: 'after' | 'before', cursor: string): string {
  const page = deepParam(url.searchParams, 'page');
  const query = new URLSearchParams();
  for (const [key, value] of url.searchParams) {
    if (key !== 'page' && !key.startsWith('page[')) query.append(key, value);
  }
  query.set(`page[${direction}]`, cursor);
  if (page?.size !== undefined && page.size !== null) query.set('page[size]', String(page.size));
  return `${hub.origin}${url.pathname}?${query}`;
}

/**
 * The place of one page. `hasMore` is about the walking direction, which is `onward` unless a cursor says otherwise;
 * on the other side lies at least the cursor's own record. `ends`: ids at the page's ends, null for an empty page.
 */
export function placeOf(
  request: PageRequest<unknown>,
  hasMore: boolean,
  ends: { first: string; last: string } | null,
  onward: 'after' | 'before' = 'after',
): PagePlace {
  if (!ends) return { hasMore };
  const behind = request.before !== undefined || request.after !== undefined;
  const direction = request.before !== undefined ? 'before' : request.after !== undefined ? 'after' : onward;
  return {
    hasMore,
    afterCursor: (direction === 'after' ? hasMore : behind) ? ends.last : undefined,
    beforeCursor: (direction === 'before' ? hasMore : behind) ? ends.first : undefined,
  };
}
