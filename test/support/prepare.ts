// A process of its own, `node prepare.ts <folder>`: fills the folder of prepared.ts. (Vitest's own loader, which runs the
// other, cannot resolve paths as src/standalone does.)
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorker } from '../../src/standalone/build.ts';
import { startHub } from '../../src/standalone/hub.ts';
import { bundleIn, dataIn, HUB_SECRET } from './prepared.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('which folder?');
const bundle = await bundleWorker();
writeFileSync(bundleIn(folder), JSON.stringify(bundle));
// As a start finds it that is not the first: what is missing is made.
mkdirSync(dataIn(folder), { mode: 0o700 });
writeFileSync(join(dataIn(folder), 'secrets.json'), JSON.stringify({ hubSecret: HUB_SECRET }), {
  mode: 0o600,
});
const hub = await startHub({ env: { PORT: '0', DATA_DIR: dataIn(folder) }, bundle });
await hub.stop();
