// What an operator asked for under a key of their own, and what was answered: one of those who ask with it is the first.

export interface Held {
  print: string;
  /** Sealed; null: whoever asked first is still at it. */
  answer: string | null;
}

/**
 * True: the caller is the first, and is to finish or to give up under `now` (ms since 1970). Whoever began before `givenUp` and never
 * finished is gone; what was finished before `forgotten` is no more.
 */
export async function beginOnce(
  d1: D1Database,
  key: string,
  print: string,
  now: number,
  { givenUp, forgotten }: { givenUp: number; forgotten: number },
): Promise<boolean> {
  const row = await d1
    .prepare(
      `INSERT INTO once (key, print, started_at) VALUES (?1, ?2, ?3)
       ON CONFLICT (key) DO UPDATE SET print = ?2, started_at = ?3, answer = NULL
         WHERE started_at < iif(answer IS NULL, ?4, ?5)
       RETURNING key`,
    )
    .bind(key, print, now, givenUp, forgotten)
    .first();
  return row !== null;
}

export const heldOnce = (d1: D1Database, key: string): Promise<Held | null> =>
  d1.prepare('SELECT print, answer FROM once WHERE key = ?1').bind(key).first<Held>();

export async function finishOnce(d1: D1Database, key: string, began: number, answer: string): Promise<void> {
  await d1
    .prepare('UPDATE once SET answer = ?3 WHERE key = ?1 AND started_at = ?2')
    .bind(key, began, answer)
    .run();
}

/** Nothing was done: the next one may. */
export async function giveUpOnce(d1: D1Database, key: string, began: number): Promise<void> {
  await d1
    .prepare('DELETE FROM once WHERE key = ?1 AND started_at = ?2 AND answer IS NULL')
    .bind(key, began)
    .run();
}

export async function forgetOnce(d1: D1Database, before: number): Promise<void> {
  await d1.prepare('DELETE FROM once WHERE started_at < ?1').bind(before).run();
}
