// fast-check with the seed of this run: every test that makes up its inputs with it has it from here.
import fc from 'fast-check';
import { SEED } from './seed.ts';

fc.configureGlobal({ seed: SEED });

export { fc };
