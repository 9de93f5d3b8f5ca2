// Devices that clients of this API name by the token that pushes reach them with. This hub pushes nothing itself: it keeps
// them with their person, where every door shows them.
import type { UserNumber } from '../../domain/ids.ts';
import { registerDevice } from '../../hub/devices.ts';
import type { Call } from './call.ts';
import { choice, text } from './fields.ts';

const TOKEN_LENGTH = 4_000;
/** Of the token in the name that the device is known by. */
const NAMED_BY = 200;

export const deviceToken = () => text(TOKEN_LENGTH);
/** contracts/qiscus.md 5. */
export const devicePlatform = () => choice(['ios', 'android', 'rn']);

/** The platform where a token comes without one: clients of every platform have been built on it. */
const ANY_PLATFORM = 'rn';

/** The device of this token: the same token and platform is the same device. Not found: the person is gone. */
export async function keepDevice(
  { hub, app }: Call,
  user: UserNumber,
  pushToken: string,
  platform: string = ANY_PLATFORM,
): Promise<void> {
  const clientId = `push:${pushToken.slice(0, NAMED_BY)}`;
  await registerDevice({ hub, app, door: 'qiscus' }, user, { platform, clientId, pushToken });
}
