// How much was said in an app, counted in the archive.
import { type AppNumber, BLOCK_SIZE } from '../domain/ids.ts';
import { byTime } from './by-time.ts';

/**
 * Messages posted from `from` up to `to` (ms since 1970), deleted ones too. Reads the archive of every conversation that
 * was spoken in since `from`: for reports, not for pages.
 */
export async function countMessages(
  d1: D1Database,
  app: AppNumber,
  from: number,
  to: number,
): Promise<number> {
  const row = await d1
    .prepare(
      `SELECT count(*) AS n FROM (${byTime('blocks, last_at', {
        where: 'last_at >= ?2 AND created_at < ?3 AND deleted_at IS NULL',
        limit: -1,
      })}) c, json_each(c.blocks) b
       CROSS JOIN entry e ON e.id BETWEEN b.value * ${BLOCK_SIZE} AND b.value * ${BLOCK_SIZE} + ${BLOCK_SIZE - 1}
       WHERE e.kind = 0 AND e.at >= ?2 * 1000 AND e.at < ?3 * 1000`,
    )
    .bind(app, from, to)
    .first<{ n: number }>();
  return row?.n ?? 0;
}
