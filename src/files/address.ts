// The addresses of files: how they are written, signed and read. Who may be given one is decided elsewhere.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AppNumber, FileNumber } from '../domain/ids.ts';
import type { Attachment } from '../domain/model.ts';

/**
 * A signed address holds for one to two days, and stays the same for a day: whoever looks at a page again need not load
 * its pictures again.
 */
const PERIOD_SECONDS = 86_400;

/** A file's key in the store: `app/number.nonce`. The nonce is random: nobody can count through keys. */
export const keyOf = (app: AppNumber, file: FileNumber, nonce: string): string => `${app}/${file}.${nonce}`;

/** The number of the file that a key names. */
export const numberOf = (key: string): FileNumber => Number(/\/(\d+)\./.exec(key)?.[1]) as FileNumber;

/** Signs and checks addresses. `secret`: the hub's. */
export class Addresses {
  private readonly key: Buffer;

  constructor(secret: string) {
    this.key = createHmac('sha256', secret).update('parlance files').digest();
  }

  private sign(key: string, expires: string): string {
    return createHmac('sha256', this.key).update(`${key} ${expires}`).digest('base64url').slice(0, 32);
  }

  /**
   * Where this attachment can be read by whoever has the address, as a path; of a file elsewhere its own address. `days`: how
   * long at least.
   */
  of({ file, url, name }: Pick<Attachment, 'file' | 'url' | 'name'>, nowMs: number, days = 1): string {
    if (file === null) return url;
    const expires = String((Math.floor(nowMs / 1000 / PERIOD_SECONDS) + 1 + days) * PERIOD_SECONDS);
    return `/files/${file}/${expires}.${this.sign(file, expires)}/${encodeURIComponent(name)}`;
  }

  /** The attachment with its address signed. */
  signed(attachment: Attachment, nowMs: number): Attachment {
    if (attachment.file === null) return attachment;
    const url = this.of(attachment, nowMs);
    return { ...attachment, url, ...(attachment.thumbnailUrl ? { thumbnailUrl: url } : {}) };
  }

  /** Whether this is our signature, and not expired. */
  proves({ key, expires, signature }: Signed, nowMs: number): boolean {
    const [ours, given] = [this.sign(key, expires), signature].map((text) => Buffer.from(text));
    const same = ours?.byteLength === given?.byteLength && timingSafeEqual(ours as Buffer, given as Buffer);
    return same && Number(expires) * 1000 > nowMs;
  }
}

/** The address of a file for those who prove who they are: no secret in it. What the log keeps. */
export const plainAddress = (key: string, name: string): string =>
  `/files/${key}/${encodeURIComponent(name)}`;

export interface Signed {
  key: string;
  /** s since 1970, as it stands in the address. */
  expires: string;
  signature: string;
}

const ADDRESS = /^\/files\/(([1-9]\d{0,15})\/[1-9]\d{0,15}\.[\w-]{22})\/(?:(\d{1,12})\.([\w-]{32})\/)?[^/]*$/;

/** What a path under /files names; null: nothing. The name at its end is for people and says nothing here. */
export function readAddress(path: string): { key: string; app: AppNumber; signed: Signed | null } | null {
  const [, key, app, expires, signature] = ADDRESS.exec(path) ?? [];
  if (key === undefined) return null;
  const signed = expires === undefined || signature === undefined ? null : { key, expires, signature };
  return { key, app: Number(app) as AppNumber, signed };
}
