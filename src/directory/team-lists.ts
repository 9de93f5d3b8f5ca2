// The list of somebody of the team: their own conversations (lists.ts), and beside them those of customers that wait for
// anybody of the team. Who is of the team the caller knows. Row budgets: DESIGN.md 10.
import { isNoAnswer, lastAnswer } from '../domain/answers.ts';
import { goneAfter } from '../domain/gone.ts';
import type { AppNumber, Seq, UserNumber } from '../domain/ids.ts';
import type { Card } from '../domain/model.ts';
import { unclaimedByTime } from './by-time.ts';
import {
  type BoxSource,
  boxSourceOf,
  fill,
  HEAVY_LOOK,
  heavyPositions,
  JOIN_LIMIT,
  LIGHT,
  newestFirst,
  type Position,
  type UserList,
  unreadTotals,
} from './lists.ts';
import { UNCLAIMED } from './schema/conversations.ts';

/** What the app says in its own name without being asked, as lists show it; null: nothing. It answers nobody. */
export type Unasked = string | null;

/** Somebody's place in a conversation that they do not see as a member; both null: they have none. */
interface Place {
  standing: string | null;
  hidden_seq: number | null;
}
type Owned = Position & { standing: string; hidden_seq: number; unclaimed: number };
type Unclaimed = Position & Place & { people: string; default_of: number | null; preview: string };

const WATCHED =
  'c.number, c.last_at, c.last_message_seq, c.message_count, c.last_author, c.recent, c.gone, c.people, c.default_of, ' +
  "c.preview, 0 AS read_seq, 0 AS read_n, 0 AS own_after, 0 AS muted, 0 AS cleared_seq, 0 AS sent, '' AS concealed";

/** Not put away, or spoken in since. */
const isBack = (p: Pick<Position, 'last_message_seq'> & Place): boolean =>
  !p.hidden_seq || p.last_message_seq > p.hidden_seq;

/** Whether it is in the team's part of their list: they are not in it, never left it, and have not put it away. */
const isFree = (p: Pick<Position, 'last_message_seq'> & Place): boolean =>
  p.standing === null || (p.standing === 'outside' && isBack(p));

interface Both {
  own: readonly Position[];
  ownTotal: number;
  team: readonly Position[];
  teamTotal: number;
  /** Of both, what unread ones are counted among. */
  counted: readonly Position[];
}

/**
 * A page, newest message first, with the totals. Up to {@link JOIN_LIMIT} conversations of either kind everything is exact.
 * Beyond it unread ones are counted among the newest; and of somebody who is in more than that while more than that wait, how
 * many they are in of those that wait is told from the newest.
 */
export async function listWithTeam(
  d1: D1Database,
  app: AppNumber,
  user: UserNumber,
  { start, count }: { start: number; count: number },
  unasked: Unasked,
): Promise<UserList> {
  const both = await positionsOf(d1, app, user, start + count, unasked);
  const all = [...both.own, ...both.team].sort(newestFirst);
  return {
    total: both.ownTotal + both.teamTotal,
    ...unreadTotals(user, both.counted),
    rows: await fill(d1, user, all.slice(start, start + count)),
  };
}

/** As the sources of their boxes; of either kind all or the newest. */
export async function boxSourcesWithTeam(
  d1: D1Database,
  app: AppNumber,
  user: UserNumber,
  unasked: Unasked,
): Promise<BoxSource[]> {
  const { counted } = await positionsOf(d1, app, user, HEAVY_LOOK, unasked);
  return [...counted].sort(newestFirst).map((p) => boxSourceOf(user, p));
}

/** At least the newest `wanted` of both, as far as there are so many. */
async function positionsOf(
  d1: D1Database,
  app: AppNumber,
  user: UserNumber,
  wanted: number,
  unasked: Unasked,
): Promise<Both> {
  const held = await d1
    .prepare('SELECT u.conversations, a.unclaimed FROM user u, app a WHERE u.number = ?1 AND a.number = ?2')
    .bind(user, app)
    .first<Held>();
  const { conversations = 0, unclaimed = 0 } = held ?? {};
  const look = Math.max(wanted, HEAVY_LOOK);
  const heavy = conversations > JOIN_LIMIT ? await heavyPositions(d1, app, user, look, conversations) : null;
  const asked = { d1, app, user, look, conversations, unclaimed, unasked };
  return heavy ? besides(asked, heavy) : joined(asked);
}

interface Held {
  conversations: number;
  unclaimed: number;
}

interface Asked extends Held {
  d1: D1Database;
  app: AppNumber;
  user: UserNumber;
  look: number;
  unasked: Unasked;
}

/** All of their own; so it is known which of those that wait are not in the team's part. */
async function joined({ d1, app, user, look, unclaimed, unasked }: Asked): Promise<Both> {
  const { results } = await d1
    .prepare(
      `SELECT ${LIGHT}, m.standing, m.hidden_seq, ${UNCLAIMED} AS unclaimed
       FROM membership m CROSS JOIN conversation c ON c.number = m.conversation
       WHERE m.user = ?1 AND (m.standing <> 'outside' OR m.hidden_seq > 0)`,
    )
    .bind(user)
    .all<Owned>();
  const own = results.filter((p) => p.standing === 'active' && isBack(p));
  const taken = new Set(results.filter((p) => p.unclaimed && !isFree(p)).map(({ number }) => number));
  const left = Math.max(0, unclaimed - taken.size);
  const most = left <= JOIN_LIMIT ? left : look;
  const found = most === 0 ? [] : await newest(d1, app, most + taken.size);
  const team = found
    .filter(({ number }) => !taken.has(number))
    .slice(0, most)
    .map((p) => answered(p, unasked));
  return {
    own,
    ownTotal: own.length,
    team,
    teamTotal: team.length < most ? team.length : left,
    counted: [...own, ...countedOf(team, left)],
  };
}

async function newest(d1: D1Database, app: AppNumber, limit: number): Promise<Unclaimed[]> {
  const { results } = await d1
    .prepare(`SELECT ${WATCHED} FROM (${unclaimedByTime('*', '?2')}) c`)
    .bind(app, limit)
    .all<Unclaimed>();
  return results;
}

/** Beside the newest of somebody who is in very many. */
async function besides(
  { d1, app, user, look, conversations, unclaimed, unasked }: Asked,
  own: readonly Position[],
): Promise<Both> {
  const depth = unclaimed <= JOIN_LIMIT ? JOIN_LIMIT : look + HEAVY_LOOK;
  const { results } = await d1
    .prepare(
      `SELECT ${WATCHED}, m.standing, m.hidden_seq FROM (${unclaimedByTime('*', '?3')}) c
       LEFT JOIN membership m ON m.user = ?2 AND m.conversation = c.number`,
    )
    .bind(app, user, depth)
    .all<Unclaimed>();
  const team = results.filter(isFree).map((p) => answered(p, unasked));
  const sample = results.slice(0, HEAVY_LOOK);
  const share = sample.filter((p) => !isFree(p)).length / Math.max(1, sample.length);
  const estimate = unclaimed - Math.min(conversations, Math.round(unclaimed * share));
  return {
    own,
    ownTotal: conversations,
    team,
    teamTotal: results.length < depth ? team.length : Math.max(team.length, estimate),
    counted: [...own.slice(0, HEAVY_LOOK), ...countedOf(team, unclaimed)],
  };
}

const countedOf = (team: readonly Position[], all: number): readonly Position[] =>
  all <= JOIN_LIMIT ? team : team.slice(0, HEAVY_LOOK);

/** To who is not in it, what was answered is read, whoever of the team did: nobody's own place is written down. */
function answered(p: Unclaimed, unasked: Unasked): Position {
  const roles = new Map(
    (JSON.parse(p.people) as [UserNumber, string, Card][]).map(([user, , { role }]) => [user, role]),
  );
  const spoken = Object.entries(JSON.parse(p.recent) as Record<string, [Seq, number]>).map(
    ([user, [seq, n]]) => ({
      user: Number(user) as UserNumber,
      role: roles.get(Number(user) as UserNumber),
      seq,
      n,
    }),
  );
  const last = p.last_author as UserNumber | null;
  const gone = goneAfter(JSON.parse(p.gone) as [number, number][], p.message_count - 1) > 0;
  const isNone = last !== null && isNoAnswer(roles.get(last), gone, p.preview === unasked);
  const mark = lastAnswer(spoken, {
    customer: p.default_of as UserNumber | null,
    except: isNone ? last : null,
  });
  return { ...p, read_seq: mark.seq, read_n: mark.n, watched: true };
}
