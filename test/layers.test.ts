// The layers of DESIGN.md 7 are kept by rules in biome.json; this shows that the rules bite.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const BIOME = join(ROOT, 'node_modules/.bin/biome');

/** A file, what it imports, and whether the arrow points down. */
const IMPORTS: [from: string, to: string, allowed: boolean][] = [
  ['domain/a', '../hub/post.ts', false],
  ['domain/a', '../text/tree.ts', false],
  ['domain/a', 'node:fs', false],
  ['domain/a', './ids.ts', true],
  ['text/a', '../domain/model.ts', true],
  ['text/a', '../hub/post.ts', false],
  ['directory/a', '../domain/ids.ts', true],
  ['directory/a', '../conversation/object.ts', false],
  ['conversation/a', '../domain/ids.ts', true],
  ['conversation/a', '../directory/door.ts', false],
  ['conversation/a', '../hub/post.ts', false],
  ['inbox/a', '../conversation/object.ts', false],
  ['hub/a', '../conversation/api.ts', true],
  ['hub/a', '../directory/door.ts', true],
  ['hub/a', '../dialects/qiscus/parse.ts', false],
  ['hub/a', '../realtime/frames.ts', false],
  ['dialects/qiscus/a', '../../hub/post.ts', true],
  ['dialects/qiscus/a', '../../domain/model.ts', true],
  ['dialects/qiscus/a', '../../http/body.ts', true],
  ['dialects/qiscus/a', './parse.ts', true],
  ['dialects/qiscus/deeper/a', '../../../hub/post.ts', true],
  ['dialects/qiscus/deeper/a', '../parse.ts', true],
  ['dialects/qiscus/a', '../sunshine/parse.ts', false],
  ['dialects/qiscus/deeper/a', '../../sunshine/parse.ts', false],
  ['dialects/qiscus/a', '../../directory/door.ts', false],
  ['dialects/qiscus/a', '../../conversation/api.ts', false],
  ['dialects/qiscus/deeper/a', '../../../inbox/api.ts', false],
  ['dialects/qiscus/a', '../../env.ts', false],
  ['realtime/a', '../hub/post.ts', true],
  ['realtime/a', '../inbox/object.ts', true],
  ['realtime/a', '../conversation/api.ts', false],
  ['realtime/a', '../directory/door.ts', false],
  ['docs/a', '../hub/context.ts', true],
  ['docs/a', '../directory/door.ts', false],
  ['operator/a', '../inbox/object.ts', false],
  ['operator/a', '../hub/post.ts', true],
  ['endpoint/a', '../hub/post.ts', false],
  ['endpoint/a', '../domain/ids.ts', true],
  ['webhooks/a', '../endpoint/object.ts', true],
  ['webhooks/a', '../bridges/network.ts', true],
  ['bridges/a', '../hub/post.ts', true],
  ['bridges/a', '../endpoint/links.ts', false],
  ['webhooks/a', '../conversation/api.ts', false],
  ['webhooks/formats/a', '../../dialects/sunshine/events.ts', true],
  ['webhooks/formats/a', '../../dialects/sunshine/people-events.ts', true],
  ['webhooks/formats/a', '../../dialects/sunshine/render.ts', false],
  ['webhooks/formats/a', '../../directory/door.ts', false],
  ['hub/a', '../webhooks/send.ts', false],
  ['realtime/a', '../dialects/qiscus/parse.ts', false],
  ['openapi/a', '../dialects/sunshine/routes.ts', false],
  ['openapi/a', './schema.ts', true],
  ['openapi/sunshine/a', '../../domain/ids.ts', false],
  ['openapi/sunshine/a', '../schema.ts', true],
  ['reference/a', '../hub/context.ts', true],
  ['reference/a', '../directory/door.ts', false],
  ['reference/page/a', '../../domain/ids.ts', false],
  ['reference/page/a', './dom.ts', true],
  ['standalone/a', '../reference/build.ts', true],
  ['standalone/a', '../domain/settings.ts', true],
  ['standalone/a', '../hub/post.ts', false],
];

let folder: string;
/** The numbers of the imports that the linter refused. */
const refused = new Set<number>();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parlance-layers-'));
  for (const file of ['biome.json', '.gitignore']) cpSync(join(ROOT, file), join(folder, file));
  IMPORTS.forEach(([from, to], index) => {
    const file = join(folder, 'src', `${from}${index}.ts`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `import { thing } from '${to}';\n\nexport const used = thing;\n`);
  });
  const options = [
    'lint',
    '--only=style/noRestrictedImports',
    '--reporter=json',
    '--max-diagnostics=none',
    'src',
  ];
  let report: string;
  try {
    report = execFileSync(BIOME, options, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    report = (error as { stdout: string }).stdout;
  }
  for (const [, index] of report.matchAll(/a(\d+)\.ts/g)) refused.add(Number(index));
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each(IMPORTS.map((row, index) => [...row, index] as const))(
  '%s -> %s: %s',
  (_from, _to, allowed, index) => {
    expect(refused.has(index)).toBe(!allowed);
  },
);
