// Makes what /openapi.json, /webhooks/schemas and /docs/api serve, as texts under built/ that the worker imports: the page
// in one piece with its style and its script. `npm run build` does it alone; everything that bundles the worker does it
// first (standalone/build.ts, wrangler.toml, vitest.config.ts). What is made is not committed.
import { join } from 'node:path';
import { document } from '../openapi/document.ts';
import { eventSchemas } from '../openapi/events.ts';
import { bundled, inOnePiece, policyFor, writeText } from '../pages/build.ts';

const PAGE = join(import.meta.dirname, 'page');
const BUILT = join(import.meta.dirname, 'built');

let done: Promise<void> | undefined;

/** Makes them, once in a process. */
export function buildReference(): Promise<void> {
  done ??= make();
  return done;
}

async function make(): Promise<void> {
  const { 'main.js': script = '', 'page.css': style = '' } = await bundled({
    main: join(PAGE, 'main.ts'),
    page: join(PAGE, 'page.css'),
  });
  writeText(BUILT, 'openapi.txt', JSON.stringify(document()));
  writeText(BUILT, 'events.txt', JSON.stringify(eventSchemas()));
  writeText(BUILT, 'page.html', inOnePiece(join(PAGE, 'page.html'), style, script));
  const more = ["connect-src 'self'", 'img-src data:', "frame-ancestors 'none'"];
  writeText(BUILT, 'page-policy.txt', policyFor(script, style, more));
}

if (import.meta.main) await buildReference();
