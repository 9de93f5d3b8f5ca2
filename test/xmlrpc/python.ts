// Python's xmlrpc.client as a second opinion on documents, and our values in the notation that it answers in.
import { spawnSync } from 'node:child_process';
import { DateTime, Double, type InValue } from '../../src/xmlrpc/value.ts';

export type Tagged = readonly [type: string, value?: unknown];
export type Outcome =
  | { readonly method: string | null; readonly value: Tagged }
  | { readonly fault: readonly [number, string] }
  | { readonly error: string };

/** What Python makes of each document. One process for all of them. */
export function pythonLoads(documents: readonly Uint8Array[]): Outcome[] {
  const input = JSON.stringify(documents.map((doc) => Buffer.from(doc).toString('base64')));
  const script = new URL('loads.py', import.meta.url).pathname;
  const run = spawnSync('python3', [script], {
    input,
    encoding: 'utf8',
    timeout: 100_000,
    maxBuffer: 1 << 28,
  });
  if (run.status !== 0) throw new Error(`python3 failed: ${run.stderr}`);
  return JSON.parse(run.stdout) as Outcome[];
}

/** A value as loads.py writes it. Python hands dates over as text, so ours are written back as one. */
export function tagged(value: InValue): Tagged {
  if (value === null) return ['nil'];
  if (typeof value === 'boolean') return ['boolean', value];
  if (typeof value === 'number' || typeof value === 'bigint') return ['int', String(value)];
  if (typeof value === 'string') return ['string', value];
  if (value instanceof Double) return ['double', value.value];
  if (value instanceof DateTime) return ['date'];
  if (value instanceof Uint8Array) return ['base64', Buffer.from(value).toString('base64')];
  if (value instanceof Map) return ['struct', [...value].map(([name, member]) => [name, tagged(member)])];
  return ['array', (value as readonly InValue[]).map(tagged)];
}

/** Python's answer, less the text of dates (it does not read them) and with doubles as numbers. */
export function comparable(value: Tagged): Tagged {
  const [type, content] = value;
  if (type === 'date') return ['date'];
  if (type === 'double') return [type, Number(content)];
  if (type === 'array') return [type, (content as Tagged[]).map(comparable)];
  if (type === 'struct') {
    return [type, (content as [string, Tagged][]).map(([name, member]) => [name, comparable(member)])];
  }
  return value;
}
