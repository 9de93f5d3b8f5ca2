// Pictures of people who have none: drawn from their id, the same every time.
import type { UserNumber } from '../../domain/ids.ts';
import type { Hub } from '../../hub/context.ts';
import { userUuid } from './ids.ts';

export const IDENTICONS = '/identicon/';

/** Somebody's picture, as an address. */
export const iconOf = (here: Pick<Hub, 'ids' | 'origin'>, user: UserNumber, avatar: string | null): string =>
  avatar ?? identiconOf(here, userUuid(here, user));

/** The drawn picture of whatever has this id. */
export const identiconOf = ({ origin }: Pick<Hub, 'origin'>, uuid: string): string =>
  `${origin}${IDENTICONS}${uuid}.png`;
