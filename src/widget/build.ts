// Makes what /widget.js and /widget/:app serve, as texts under built/ that the worker imports: the loader, the frame's page
// in one piece with its style and its script, the policy of the page, and the words of other languages. `npm run build`
// does it with the API page's (reference/build.ts). What is made is not committed.
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const HERE = import.meta.dirname;
const BUILT = join(HERE, 'built');
const BROWSERS = ['chrome120', 'firefox121', 'safari17'];

let done: Promise<void> | undefined;

/** Makes them, once in a process. Files that would not change are not touched, and none is ever half written. */
export function buildWidget(): Promise<void> {
  done ??= make();
  return done;
}

async function make(): Promise<void> {
  const result = await build({
    entryPoints: {
      loader: join(HERE, 'loader/main.ts'),
      frame: join(HERE, 'frame/main.ts'),
      style: join(HERE, 'frame/style.css'),
    },
    outdir: BUILT,
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    target: BROWSERS,
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'silent',
  });
  const made = (name: string) =>
    result.outputFiles.find(({ path }) => path.endsWith(name))?.text.trim() ?? '';
  const [script, style] = [made('frame.js'), made('style.css')];
  const html = readFileSync(join(HERE, 'frame/frame.html'), 'utf8')
    .replace('/* style */', () => style)
    .replace('/* script */', () => script);
  mkdirSync(BUILT, { recursive: true });
  write('loader.txt', made('loader.js'));
  write('frame.html', html);
  write('frame-policy.txt', policyFor(script, style));
  write('locales.txt', JSON.stringify(locales()));
}

/** By language: the words of each, checked by a test against the English ones that the frame has built in. */
function locales(): Record<string, unknown> {
  const folder = join(HERE, 'locales');
  return Object.fromEntries(
    readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map((name) => [name.replace('.json', ''), JSON.parse(readFileSync(join(folder, name), 'utf8'))]),
  );
}

/**
 * What the frame may do: run its own script and nothing else, ask this hub and nobody else. There is no way to make HTML
 * of a text (Trusted Types). Who may show the frame is added when it is served.
 */
const policyFor = (script: string, style: string): string =>
  [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "img-src 'self' blob:",
    "media-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
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

if (import.meta.main) await buildWidget();
