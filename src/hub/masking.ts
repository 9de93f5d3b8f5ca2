// What an app wants kept out of its log: numbers of payment cards, before anything is stored, whichever door they came in by.
import { maskCards } from '../domain/cards.ts';
import type { Draft, Json, JsonObject } from '../domain/model.ts';
import type { App } from './context.ts';

/** The draft as the app wants it stored. */
export function masked<D extends Draft | undefined>(app: App, draft: D): D {
  if (!draft || !app.settings.maskCards) return draft;
  const { text, title, payload, extras } = draft;
  return {
    ...draft,
    text: maskCards(text),
    ...(title && { title: maskCards(title) }),
    ...(payload && { payload: maskedPayload(payload) }),
    // What a door keeps for itself is shown again too.
    ...(extras && { extras: maskedPayload(extras) }),
  };
}

/** The same for the new words of a message. */
export const maskedWords = <W extends { text: string; payload?: JsonObject | null }>(
  app: App,
  words: W,
): W =>
  app.settings.maskCards
    ? {
        ...words,
        text: maskCards(words.text),
        ...(words.payload && { payload: maskedPayload(words.payload) }),
      }
    : words;

/** Every text of a payload but addresses, which would lead elsewhere. */
const maskedPayload = (payload: JsonObject): JsonObject => maskedValue(payload) as JsonObject;

function maskedValue(value: Json): Json {
  if (typeof value === 'string') return value.includes('://') ? value : maskCards(value);
  if (Array.isArray(value)) return value.map(maskedValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, maskedValue(each)]));
}
