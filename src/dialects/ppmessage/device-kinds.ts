// Devices of this API: which kinds there are, and how the hub knows them again. What calls do with them is devices.ts.
import { createHash } from 'node:crypto';
import type { Device } from '../../domain/devices.ts';
import type { DeviceKind } from '../../hub/desk.ts';

/** What visitors and agents use, as the hub names platforms. */
export const VISITORS = 'ppcom';
export const AGENTS = 'ppkefu';

/** Systems as clients call them (contracts/ppmessage.md 6, PP_CREATE_DEVICE). */
export const SYSTEMS = [
  'AND',
  'IOS',
  'ANB',
  'IOB',
  'WIP',
  'MAC',
  'LIN',
  'WIN',
  'MAB',
  'LIB',
  'WIB',
  'W32',
  'W64',
] as const;

/** Telephones; of visitors those with an app of their own only. */
const MOBILE: Record<string, ReadonlySet<string>> = {
  [VISITORS]: new Set(['AND', 'IOS']),
  [AGENTS]: new Set(['AND', 'IOS', 'WIP']),
};

export const kindOfSystem = (platform: string, system: string): DeviceKind =>
  MOBILE[platform]?.has(system) ? 'mobile' : 'browser';
export const kindOf = ({ platform, info }: Pick<Device, 'platform' | 'info'>): DeviceKind =>
  kindOfSystem(platform, String(info.device_ostype ?? ''));

const printOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

/**
 * The names by which a device is known again. A trace is a secret of one browser: it proves who its visitor is, so only
 * its print is kept; a device's own id proves something only where its client made it up (devices.ts).
 */
export const clientIdOfTrace = (trace: string): string => `trace:${printOf(trace)}`;
export const clientIdOfDevice = (id: string): string => `device:${printOf(id)}`;
/** The external id of the visitor whom nobody but this trace knows. */
export const externalIdOfTrace = (trace: string): string => printOf(`visitor ${trace}`);
