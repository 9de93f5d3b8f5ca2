// How pages are made that the worker serves as texts: bundled in one piece, with a policy that lets nothing else run. Each
// folder with a page has a build.ts that says what it is made of.
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const BROWSERS = ['chrome120', 'firefox121', 'safari17'];

/** The minified outputs, by `name.js` and `name.css`. `format` esm: for pages that load them while they run. */
export async function bundled(
  entryPoints: Record<string, string>,
  format: 'iife' | 'esm' = 'iife',
): Promise<Record<string, string>> {
  const result = await build({
    entryPoints,
    outdir: '/',
    bundle: true,
    write: false,
    minify: true,
    format,
    target: BROWSERS,
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'silent',
  });
  return Object.fromEntries(
    result.outputFiles.map(({ path, text }) => [path.slice(path.lastIndexOf('/') + 1), text.trim()]),
  );
}

/** A page with its style and its script in it, where its source has a comment that says so; some have no script. */
export const inOnePiece = (file: string, style: string, script: string): string =>
  readFileSync(file, 'utf8')
    .replace('/* style */', () => style)
    .replace('/* script */', () => script);

/**
 * What such a page may do: run its own script and nothing else, ask this hub and nobody else. There is no way to make HTML
 * of a text (Trusted Types). `script`: null where it has none. `more`: directives of the page's own.
 */
export const policyFor = (script: string | null, style: string, more: readonly string[]): string =>
  [
    "default-src 'none'",
    ...(script === null ? [] : [`script-src '${hashOf(script)}'`]),
    `style-src '${hashOf(style)}'`,
    ...more,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');

const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;

/** Writes a text that the worker imports. One that would not change is not touched, and none is ever half written. */
export function writeText(folder: string, name: string, text: string): void {
  const file = join(folder, name);
  mkdirSync(folder, { recursive: true });
  try {
    if (readFileSync(file, 'utf8') === text) return;
  } catch {
    // It is not there yet.
  }
  // Tests start many hubs at once: whoever reads sees the whole of one or the other.
  const fresh = `${file}.${randomUUID()}`;
  writeFileSync(fresh, text);
  renameSync(fresh, file);
}
