// A process of its own, `node prepare.ts <folder>`: fills the folder of prepared.ts. (Vitest's own loader, which runs the
// other, cannot resolve paths as src/standalone does.)
import { writeFileSync } from 'node:fs';
import { bundleWorker } from '../../src/standalone/build.ts';
import { startHub } from '../../src/standalone/hub.ts';
import { bundleIn, dataIn } from './prepared.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('which folder?');
const bundle = await bundleWorker();
writeFileSync(bundleIn(folder), JSON.stringify(bundle));
const hub = await startHub({ env: { PORT: '0', DATA_DIR: dataIn(folder) }, bundle });
await hub.stop();
