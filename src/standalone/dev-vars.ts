// Runs before `npm run dev`: gives wrangler dev the settings that it cannot start without, once.
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';

/** Read by wrangler dev, never deployed and never committed. */
const FILE = '.dev.vars';

if (!existsSync(FILE)) {
  const secret = () => randomBytes(32).toString('base64url');
  const vars = ['HOST=127.0.0.1', `ADMIN_TOKEN=${secret()}`, `HUB_SECRET=${secret()}`];
  writeFileSync(FILE, `${vars.join('\n')}\n`, { mode: 0o600 });
  console.log(`Made ${FILE}: the operator's token and the hub's secret of this working copy.`);
}
