// Makes what /widget.js and /widget/:app serve, as texts under built/ that the worker imports: the loader, the picker of emoji, the sound, the frame's page
// in one piece with its style and its script, the policy of the page, and the words of other languages. What is made is
// not committed.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundled, inOnePiece, policyFor, writeText } from '../pages/build.ts';

const HERE = import.meta.dirname;
const BUILT = join(HERE, 'built');

let done: Promise<void> | undefined;

/** Makes them, once in a process. */
export function buildWidget(): Promise<void> {
  done ??= make();
  return done;
}

async function make(): Promise<void> {
  const {
    'loader.js': loader = '',
    'frame.js': script = '',
    'style.css': style = '',
  } = await bundled({
    loader: join(HERE, 'loader/main.ts'),
    frame: join(HERE, 'frame/main.ts'),
    style: join(HERE, 'frame/style.css'),
  });
  const { 'emoji.js': emoji = '', 'sound.js': sound = '' } = await bundled(
    { emoji: join(HERE, 'emoji/main.ts'), sound: join(HERE, 'sound/main.ts') },
    'esm',
  );
  // The lines of its style sheet are for who reads the source.
  writeText(BUILT, 'loader.txt', loader.replaceAll('}\n', '}'));
  writeText(BUILT, 'emoji.txt', emoji);
  writeText(BUILT, 'sound.txt', sound);
  writeText(BUILT, 'frame.html', inOnePiece(join(HERE, 'frame/frame.html'), style, script));
  // Where it connects to and who may show it is added when it is served.
  writeText(
    BUILT,
    'frame-policy.txt',
    policyFor(script, style, ["img-src 'self' blob:", "media-src 'self'"]),
  );
  writeText(BUILT, 'locales.txt', JSON.stringify(locales()));
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

if (import.meta.main) await buildWidget();
