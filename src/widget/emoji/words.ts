// What the picker of emoji says in English; other languages have it among the words of the frame (locales/).

export const EMOJI_ENGLISH = {
  searchEmoji: 'Search emoji in English',
  noEmoji: 'Nothing found.',
  recent: 'Used lately',
  smileys: 'Smileys',
  people: 'People and hands',
  nature: 'Animals and nature',
  food: 'Food and drink',
  travel: 'Travel and places',
  things: 'Things',
  symbols: 'Symbols',
} satisfies Record<string, string>;

export type EmojiWord = keyof typeof EMOJI_ENGLISH;
