// The facts that a conversation begins with. How they change is log.ts.
import type { ConversationNumber } from '../domain/ids.ts';
import type { Birth, ConversationFacts, JsonObject } from '../domain/model.ts';

export const factsOf = (birth: Birth): ConversationFacts => ({
  app: birth.app,
  number: birth.number as ConversationNumber,
  kind: birth.kind,
  creator: birth.creator,
  door: birth.door,
  createdAt: birth.createdAt,
  uniqueId: birth.uniqueId ?? null,
  public: birth.public ?? false,
  defaultOf: birth.defaultOf ?? null,
  title: birth.title ?? null,
  description: birth.description ?? null,
  icon: birth.icon ?? null,
  options: birth.options ?? null,
  metadata: (birth.metadata as JsonObject | null | undefined) ?? null,
  assignee: null,
  control: null,
  group: null,
  state: 'open',
  locked: false,
});
