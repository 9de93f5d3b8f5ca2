// What the names of hosts stand for, asked of this machine: the worker, which has no resolver, asks here before it
// sends a webhook. Nobody else reaches it.
import { lookup } from 'node:dns/promises';

/** What `?host=` stands for; 503 where that cannot be said now. */
export type Names = (host: string) => Promise<{ status: number; addresses: string[] }>;

/** As the system says for names that nobody has, here and with other resolvers. */
const NOBODYS = new Set(['ENOTFOUND', 'ENODATA']);

/** As this machine's resolver says; 503 where it does not answer. */
export const answerNames: Names = async (host) => {
  try {
    const found = await lookup(host, { all: true, verbatim: true });
    return { status: 200, addresses: found.map(({ address }) => address) };
  } catch (error) {
    const nobodys = NOBODYS.has((error as NodeJS.ErrnoException).code ?? '');
    return { status: nobodys ? 200 : 503, addresses: [] };
  }
};
