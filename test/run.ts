// `npm test`: types, then every vitest project, then one line that says how many checks passed and failed.
// Which tests exist and where they run is vitest.config.ts; arguments are passed on to vitest as file filters.
import { spawnSync } from 'node:child_process';
import { startVitest } from 'vitest/node';
import { CLIENTS, haveClient } from './support/clients.ts';

const filters = process.argv.slice(2);

// A wrong type is a failed check of its own: counted, so that the last line never says "0 failed" about a red run.
const types = spawnSync('npm', ['run', '--silent', 'types'], { stdio: 'inherit' });
const typesFailed = types.status === 0 ? 0 : 1;
if (typesFailed) console.log('types: failed');

const vitest = await startVitest('test', filters, { run: true, watch: false, reporters: ['default'] });

let passed = 0;
let failed = typesFailed;
for (const module of vitest.state.getTestModules()) {
  for (const test of module.children.allTests()) {
    const state = test.result().state;
    if (state === 'passed') passed += 1;
    if (state === 'failed') failed += 1;
  }
  // A file that could not be loaded, or a suite hook that threw, holds no failed test but is a failure.
  failed += module.errors().length;
  for (const suite of module.children.allSuites()) failed += suite.errors().length;
}
failed += vitest.state.getUnhandledErrors().length;
await vitest.close();

for (const client of CLIENTS) {
  if (!haveClient(client)) console.log(`not here: ${client}; the checks that drive it did not run`);
}
if (passed === 0 && failed === 0) console.log('no test ran at all');
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
