// Makes what /openapi.json, /webhooks/schemas and /docs/api serve, as texts under built/ that the worker imports: the page
// in one piece with its style and its script. `npm run build` does it alone; everything that bundles the worker does it
// first (standalone/build.ts, wrangler.toml, vitest.config.ts). What is made is not committed.
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { document } from '../openapi/document.ts';
import { eventSchemas } from '../openapi/events.ts';

const PAGE = join(import.meta.dirname, 'page');
const BUILT = join(import.meta.dirname, 'built');

let done: Promise<void> | undefined;

/** Makes them, once in a process. Files that would not change are not touched, and none is ever half written. */
export function buildReference(): Promise<void> {
  done ??= make();
  return done;
}

async function make(): Promise<void> {
  const result = await build({
    entryPoints: [join(PAGE, 'main.ts'), join(PAGE, 'page.css')],
    outdir: BUILT,
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    target: ['chrome120', 'firefox121', 'safari17'],
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'silent',
  });
  const made = (name: string) =>
    result.outputFiles.find(({ path }) => path.endsWith(name))?.text.trim() ?? '';
  const [script, style] = [made('main.js'), made('page.css')];
  const html = readFileSync(join(PAGE, 'page.html'), 'utf8')
    .replace('/* style */', () => style)
    .replace('/* script */', () => script);
  mkdirSync(BUILT, { recursive: true });
  write('openapi.txt', JSON.stringify(document()));
  write('events.txt', JSON.stringify(eventSchemas()));
  write('page.html', html);
  write('page-policy.txt', policyFor(script, style));
}

/**
 * What the page may do: run its own script and nothing else, ask this hub and nobody else. There is no way to make HTML
 * of a text (Trusted Types).
 */
const policyFor = (script: string, style: string): string =>
  [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');

const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;

function write(name: string, text: string): void {
  const file = join(BUILT, name);
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

if (import.meta.main) await buildReference();
