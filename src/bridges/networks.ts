// Every network by its name.
import type { NetworkName } from '../domain/bridges.ts';
import { discord } from './discord.ts';
import { discourse } from './discourse.ts';
import { matterbridge } from './matterbridge.ts';
import { mattermost } from './mattermost.ts';
import type { Network } from './network.ts';
import { slack } from './slack.ts';

export const NETWORK: Readonly<Partial<Record<NetworkName, Network>>> = {
  slack,
  discord,
  mattermost,
  discourse,
  matterbridge,
};
