CREATE TABLE `conversation_tag` (
	`app` integer NOT NULL,
	`key` text NOT NULL,
	`value` text NOT NULL,
	`conversation` integer NOT NULL,
	PRIMARY KEY(`app`, `key`, `value`, `conversation`)
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `conversation` ADD `create_print` text;--> statement-breakpoint
ALTER TABLE `conversation` ADD `business_read_at` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `conversation_created` ON `conversation` (`app`,`created_at`) WHERE deleted_at is null;--> statement-breakpoint
ALTER TABLE `user` ADD `create_key` text;--> statement-breakpoint
ALTER TABLE `user` ADD `create_print` text;--> statement-breakpoint
ALTER TABLE `user` ADD `recard_from` integer;--> statement-breakpoint
CREATE UNIQUE INDEX `user_create_key` ON `user` (`app`,`create_key`) WHERE create_key is not null;--> statement-breakpoint
CREATE INDEX `user_recard` ON `user` (`recard_from`) WHERE recard_from is not null;
--> statement-breakpoint
-- conversation_tag follows conversation.metadata. A flush sets the column each time: only what really changes writes anything.
CREATE TRIGGER conversation_tagged AFTER INSERT ON conversation WHEN NEW.metadata IS NOT NULL
BEGIN INSERT OR IGNORE INTO conversation_tag (app, key, value, conversation)
  SELECT NEW.app, e.key, substr(CASE WHEN e.type IN ('true', 'false') THEN e.type ELSE e.value END, 1, 200), NEW.number
  FROM json_each(NEW.metadata) e WHERE e.type IN ('text', 'integer', 'real', 'true', 'false'); END;
--> statement-breakpoint
CREATE TRIGGER conversation_retagged AFTER UPDATE OF metadata ON conversation WHEN NEW.metadata IS NOT OLD.metadata
BEGIN
  DELETE FROM conversation_tag WHERE conversation = OLD.number AND app = OLD.app
    AND (key, value) IN (SELECT e.key, substr(CASE WHEN e.type IN ('true', 'false') THEN e.type ELSE e.value END, 1, 200) FROM json_each(OLD.metadata) e);
  INSERT OR IGNORE INTO conversation_tag (app, key, value, conversation)
  SELECT NEW.app, e.key, substr(CASE WHEN e.type IN ('true', 'false') THEN e.type ELSE e.value END, 1, 200), NEW.number
  FROM json_each(NEW.metadata) e WHERE e.type IN ('text', 'integer', 'real', 'true', 'false');
END;
--> statement-breakpoint
CREATE TRIGGER conversation_untagged AFTER DELETE ON conversation WHEN OLD.metadata IS NOT NULL
BEGIN
  DELETE FROM conversation_tag WHERE conversation = OLD.number AND app = OLD.app
    AND (key, value) IN (SELECT e.key, substr(CASE WHEN e.type IN ('true', 'false') THEN e.type ELSE e.value END, 1, 200) FROM json_each(OLD.metadata) e);
END;
--> statement-breakpoint
INSERT INTO conversation_tag (app, key, value, conversation)
SELECT c.app, e.key, substr(CASE WHEN e.type IN ('true', 'false') THEN e.type ELSE e.value END, 1, 200), c.number
FROM conversation c, json_each(c.metadata) e
WHERE c.metadata IS NOT NULL AND c.deleted_at IS NULL AND e.type IN ('text', 'integer', 'real', 'true', 'false');
