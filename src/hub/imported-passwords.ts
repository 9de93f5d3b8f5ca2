// Password hashes that came with people from a forum: which forms are taken, and whether a password fits one. They are
// replaced by the hub's own form (passwords.ts) at the first sign-in that proves the password.
import { createHash, createHmac } from 'node:crypto';
import { compareSync } from 'bcryptjs';
import { sameSecret } from '../http/secrets.ts';

/** 2^13 rounds take some 0.7 s of the isolate's one thread; each step more takes twice as long, 31 would take days. */
const BCRYPT_COST = { least: 4, most: 13 } as const;
/** phpass counts in powers of two as well: 2^15 MD5 sums take some 80 ms. */
const PHPASS_COST = { least: 7, most: 15 } as const;

/** `$2a$`, `$2b$`, `$2y$`, and WordPress's `$wp$2y$` (6.8 and later): cost, then salt and hash. */
const BCRYPT = /^(\$wp)?(\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53})$/;
/** `$P$` (WordPress until 6.7, Drupal 6, vBulletin add-ons) and `$H$` (phpBB 3.0): cost, salt, hash. */
const PHPASS = /^\$[PH]\$([./0-9A-Za-z])([./0-9A-Za-z]{8})([./0-9A-Za-z]{22})$/;
/** phpass's own base 64: the lowest six bits first. */
const DIGITS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Whether a stored hash is another system's: those begin with `$`, the hub's own with its name. */
export const isImported = (stored: string): boolean => stored.startsWith('$');

/** Why a hash cannot be taken, in words that follow the field's name; null: it can. */
export function refuseHash(hash: string): string | null {
  const bcrypt = BCRYPT.exec(hash);
  if (bcrypt) return refuseCost(Number(bcrypt[3]), BCRYPT_COST);
  const phpass = PHPASS.exec(hash);
  if (phpass) return refuseCost(DIGITS.indexOf(phpass[1] as string), PHPASS_COST);
  return 'is neither a bcrypt hash ($2a$, $2b$, $2y$, $wp$2y$) nor one of phpass ($P$, $H$)';
}

const refuseCost = (cost: number, { least, most }: { least: number; most: number }): string | null =>
  cost >= least && cost <= most ? null : `has a cost of ${cost}: ${least} to ${most} are taken`;

/**
 * Whether a password fits another system's hash. Runs to its end on the isolate's one thread, as the hub's own hash does.
 * phpBB hashes what its forms make of a password, with HTML's signs escaped, so that is tried where it differs.
 */
export function checkImported(password: string, stored: string): boolean {
  const escaped = asForumForms(password);
  return fits(password, stored) || (escaped !== password && fits(escaped, stored));
}

function fits(password: string, stored: string): boolean {
  if (refuseHash(stored) !== null) return false;
  const bcrypt = BCRYPT.exec(stored);
  if (!bcrypt) return sameSecret(phpass(password, stored), stored);
  return compareSync(bcrypt[1] ? asWordPress(password) : password, bcrypt[2] as string);
}

/** What PHP's htmlspecialchars (ENT_COMPAT) makes of a text: `request_var` of phpBB. */
const asForumForms = (password: string): string =>
  password.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** WordPress 6.8 hashes a password's HMAC, so that more than bcrypt's 72 bytes count (wp_hash_password). */
const asWordPress = (password: string): string =>
  createHmac('sha384', 'wp-sha384').update(password.trim(), 'utf8').digest('base64');

/** The portable hash of phpass ("Portable PHP password hashing framework", Openwall), in the place of `setting`'s. */
function phpass(password: string, setting: string): string {
  const rounds = 2 ** DIGITS.indexOf(setting[3] as string);
  const plain = Buffer.from(password, 'utf8');
  const md5 = (head: Buffer | string) => createHash('md5').update(head).update(plain).digest();
  let sum = md5(setting.slice(4, 12));
  for (let i = 0; i < rounds; i++) sum = md5(sum);
  return setting.slice(0, 12) + encode64(sum);
}

/** Three bytes to four digits, the last digits of what is left over. */
function encode64(bytes: Buffer): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const rest = bytes.subarray(i, i + 3);
    const value = (rest[0] ?? 0) | ((rest[1] ?? 0) << 8) | ((rest[2] ?? 0) << 16);
    for (let digit = 0; digit <= rest.length; digit++) text += DIGITS[(value >> (6 * digit)) & 63];
  }
  return text;
}
