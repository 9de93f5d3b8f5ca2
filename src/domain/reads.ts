// When people read, and when the business did. Pure.
import { type Member, SERVICE_ROLES } from './model.ts';

type Reader = Pick<Member, 'readAt' | 'joinedAt' | 'card'>;

/** When a member last read, in ms since 1970; 0: never. Joining sets a mark, and is not yet reading. */
export const lastRead = ({ readAt, joinedAt }: Omit<Reader, 'card'>): number =>
  readAt > joinedAt ? readAt : 0;

export const isService = ({ card }: Pick<Member, 'card'>): boolean => SERVICE_ROLES.has(card.role);

/** When anybody who answers for the app last read, in ms since 1970; 0: never. */
export const businessRead = (people: Iterable<Reader>): number => {
  let latest = 0;
  for (const person of people) if (isService(person)) latest = Math.max(latest, lastRead(person));
  return latest;
};
