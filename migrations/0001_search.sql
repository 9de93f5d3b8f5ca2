-- Words of messages. rowid = message number, scope = the app's token: a search never walks another app's rows.
-- Contentless: the words stand in the archive (or the object) already. domain/words.ts splits scripts without spaces.
CREATE VIRTUAL TABLE entry_fts USING fts5(
  words,
  scope,
  content='',
  contentless_delete=1,
  tokenize="unicode61 remove_diacritics 2 categories 'L* N* M* Co'"
);
