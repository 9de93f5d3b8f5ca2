// Bundles the worker into one module for workerd. What the module holds is src/index.ts; running it is hub.ts.

import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildDemo } from '../demo/build.ts';
import { buildDocs } from '../docs/build.ts';
import { buildReference } from '../reference/build.ts';
import { buildWidget } from '../widget/build.ts';

export interface Bundle {
  readonly code: string;
  /** The source map of `code`, as JSON. */
  readonly map: string;
  /** Modules that are texts, by the path that `code` imports them from. No start has to parse them. */
  readonly texts: readonly { readonly path: string; readonly text: string }[];
}

const SOURCES = join(import.meta.dirname, '..');
export const WORKER_ENTRY = fileURLToPath(import.meta.resolve('../index.ts'));

/**
 * Bundles `entry` the way wrangler does: the same conditions, the same rule for .sql files (wrangler.toml).
 * Throws an Error whose message lists what could not be resolved or parsed, one line each.
 */
export async function bundleWorker({ entry = WORKER_ENTRY, minify = false } = {}): Promise<Bundle> {
  await Promise.all([buildReference(), buildWidget(), buildDemo(), buildDocs()]);
  const texts = new Map<string, string>();
  const result = await build({
    entryPoints: [entry],
    absWorkingDir: dirname(entry),
    outfile: 'index.js',
    bundle: true,
    write: false,
    minify,
    format: 'esm',
    target: 'es2024',
    platform: 'browser',
    conditions: ['workerd', 'worker', 'browser'],
    mainFields: ['module', 'main'],
    external: ['node:*', 'cloudflare:*'],
    // wrangler.toml says why.
    alias: { bl: 'bl/BufferList', debug: join(SOURCES, 'dialects/qiscus/mqtt/silent.cjs') },
    loader: { '.sql': 'text' },
    sourcemap: 'external',
    legalComments: 'none',
    logLevel: 'silent',
    plugins: [
      {
        // As wrangler has them: modules of their own.
        name: 'texts',
        setup(builder) {
          builder.onResolve({ filter: /\.(html|txt)$/ }, async ({ path, resolveDir }) => {
            const text = await readFile(join(resolveDir, path), 'utf8');
            const name = basename(path);
            if ((texts.get(name) ?? text) !== text) throw new Error(`two texts are called ${name}`);
            texts.set(name, text);
            return { path: `./${name}`, external: true };
          });
        },
      },
      {
        // Older packages import "buffer" and mean "node:buffer", which is the only name that workerd knows; and a module
        // that it runs imports and cannot require.
        name: 'node-builtins',
        setup(builder) {
          const names = builtinModules.filter((name) => !name.startsWith('_')).join('|');
          builder.onResolve({ filter: new RegExp(`^(node:)?(${names})$`) }, ({ path, kind }) => {
            const name = path.startsWith('node:') ? path : `node:${path}`;
            return kind === 'require-call'
              ? { path: name, namespace: 'required' }
              : { path: name, external: true };
          });
          builder.onLoad({ filter: /.*/, namespace: 'required' }, ({ path }) => ({
            contents: `import builtin from '${path}';\nmodule.exports = builtin;`,
          }));
        },
      },
    ],
  }).catch((error: { errors?: { text: string; location: { file: string; line: number } | null }[] }) => {
    const lines = (error.errors ?? []).map(({ text, location }) =>
      location ? `${location.file}:${location.line}: ${text}` : text,
    );
    throw new Error(`${basename(entry)} could not be bundled:\n${lines.join('\n') || String(error)}`);
  });
  const file = (suffix: string) => result.outputFiles.find(({ path }) => path.endsWith(suffix))?.text ?? '';
  return {
    code: file('index.js'),
    map: file('index.js.map'),
    texts: Array.from(texts, ([path, text]) => ({ path, text })),
  };
}
