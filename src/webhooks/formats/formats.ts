// Every format by its name in the directory.
import type { Hook } from '../../hub/hooks.ts';
import { bridge } from './bridge.ts';
import { discord, mattermost, slack } from './chat.ts';
import type { Format } from './format.ts';
import { parlance } from './parlance.ts';
import { qiscus } from './qiscus.ts';
import { sunshine } from './sunshine.ts';

export const FORMATS: Readonly<Record<Hook['format'], Format>> = {
  parlance,
  qiscus,
  sunshine,
  slack,
  discord,
  mattermost,
  bridge,
};
