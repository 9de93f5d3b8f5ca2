// Set up for every test that drives a server (vitest.config.ts): run once for each file, while files share what watching.ts has.
import { afterAll, afterEach } from 'vitest';
import { settle } from './watching.ts';

afterEach(settle);
afterAll(settle);
