// Hashing and checking passwords: slow on purpose, one at a time, never on a path that posts or reads.
import { createHash, scrypt } from 'node:crypto';
import type { Settings } from '../domain/settings.ts';
import { newSecret, sameSecret } from '../http/secrets.ts';
import { checkImported, isImported } from './imported-passwords.ts';

/** OWASP's scrypt parameters of 16 MiB (Password Storage Cheat Sheet) are N = 2^14, r = 8, p = 5: `cost` is that 14. */
const costOf = (cost: number) => ({ N: 2 ** cost, r: 8, p: 5 });
const headOf = ({ N, r, p }: ReturnType<typeof costOf>) => `scrypt$${N}$${r}$${p}$`;
const KEY_BYTES = 32;

type Cost = Pick<Settings, 'passwordCost'>;

let hashes = 0;

/** Hashes made by this isolate so far: tests hold the posting path to none. */
export const hashesMade = (): number => hashes;

/** What is hashed: PPMessage clients send the SHA-1 of a password, the others the password (DESIGN.md 4). */
export const sha1Hex = (password: string): string =>
  createHash('sha1').update(password, 'utf8').digest('hex');

/** `scrypt$N$r$p$salt$key` of a password given as lower-case hex SHA-1. */
export async function hashPassword({ passwordCost }: Cost, sha1: string): Promise<string> {
  const salt = newSecret(16);
  const cost = costOf(passwordCost);
  return `${headOf(cost)}${salt}$${await derive(sha1, salt, cost)}`;
}

/** Whether the password fits. A missing or unreadable hash takes the same time and never fits. */
export async function checkPassword(
  { passwordCost }: Cost,
  sha1: string,
  stored: string | null,
): Promise<boolean> {
  const [scheme, n, r, p, salt, key] = (stored ?? '').split('$');
  const readable = scheme === 'scrypt' && salt !== undefined && key !== undefined;
  const cost = readable ? { N: Number(n), r: Number(r), p: Number(p) } : costOf(passwordCost);
  const derived = await derive(sha1, readable ? salt : 'no account here', cost);
  return sameSecret(derived, readable ? key : '') && readable;
}

/** The same for a password as it was typed; another system's hash fits that alone, never its SHA-1. */
export async function checkPlain(cost: Cost, password: string, stored: string | null): Promise<boolean> {
  if (stored === null || !isImported(stored)) return checkPassword(cost, sha1Hex(password), stored);
  hashes += 1;
  return checkImported(password, stored);
}

/** Whether a stored hash is another system's, or was made with other parameters than today's. */
export const isOutdated = ({ passwordCost }: Cost, stored: string): boolean =>
  !stored.startsWith(headOf(costOf(passwordCost)));

/** The platform runs it to its end on the isolate's one thread: never more than one hash at a time. */
function derive(sha1: string, salt: string, cost: { N: number; r: number; p: number }): Promise<string> {
  hashes += 1;
  return new Promise((resolve, reject) => {
    scrypt(sha1, salt, KEY_BYTES, { ...cost, maxmem: 64 * 1024 * 1024 }, (error, key) => {
      if (error) reject(error);
      else resolve(key.toString('base64url'));
    });
  });
}
