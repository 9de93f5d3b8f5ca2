// News of people, which the directory keeps for an endpoint until it has them: taken in order, each once.
import type { HookNotice, PersonNews } from '../domain/hooks.ts';
import type { SenderPort } from './port.ts';
import { readMeta, writeMeta } from './schema.ts';

/** Takes all that there is; each as `take` does, inside a transaction. Others may be at it at the same time. */
export async function takeNews(
  storage: DurableObjectStorage,
  port: Pick<SenderPort<never>, 'news' | 'newsTaken'>,
  take: (notice: Omit<HookNotice<PersonNews>, 'version'>) => void,
): Promise<void> {
  const taken = () => readMeta<number>(storage.sql, 'news') ?? 0;
  for (;;) {
    const some = await port.news(taken());
    const last = some.at(-1);
    if (!last) return;
    storage.transactionSync(() => {
      const before = taken();
      for (const notice of some) if (notice.number > before) take(notice);
      writeMeta(storage.sql, 'news', Math.max(before, last.number));
    });
    await port.newsTaken(last.number);
  }
}
