// Makes the page at `/`, as texts under built/ that the worker imports. What is made is not committed.
import { join } from 'node:path';
import { bundled, inOnePiece, policyFor, writeText } from '../pages/build.ts';

const PAGE = join(import.meta.dirname, 'page');
const BUILT = join(import.meta.dirname, 'built');

let done: Promise<void> | undefined;

/** Makes them, once in a process. */
export function buildDemo(): Promise<void> {
  done ??= make();
  return done;
}

async function make(): Promise<void> {
  const { 'main.js': script = '', 'page.css': style = '' } = await bundled({
    main: join(PAGE, 'main.ts'),
    page: join(PAGE, 'page.css'),
  });
  writeText(BUILT, 'demo.html', inOnePiece(join(PAGE, 'page.html'), style, script));
  const more = ["img-src 'self' data:", "frame-src 'self'", "frame-ancestors 'none'"];
  writeText(BUILT, 'demo-policy.txt', policyFor(script, style, more));
}

if (import.meta.main) await buildDemo();
