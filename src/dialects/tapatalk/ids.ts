// Ids as this dialect writes them, to the hub's numbers. An id that is none is answered like one that names nothing.
import { notFound, Refused } from '../../domain/errors.ts';
import {
  type ConversationNumber,
  type MessageNumber,
  parseConversation,
  parseMessage,
  parseUser,
  type UserNumber,
} from '../../domain/ids.ts';

export function conversationOf(id: string): ConversationNumber {
  const number = parseConversation(id);
  if (number === null) throw new Refused(notFound('conversation'));
  return number;
}

export function userOf(id: string): UserNumber {
  const number = parseUser(id);
  if (number === null) throw new Refused(notFound('user'));
  return number;
}

export function messageOf(id: string): MessageNumber {
  const number = parseMessage(id);
  if (number === null) throw new Refused(notFound('message'));
  return number;
}
