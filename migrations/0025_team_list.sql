DROP INDEX `conversation_app`;--> statement-breakpoint
CREATE INDEX `conversation_app` ON `conversation` (`app`,(kind = 'support' AND state = 'open' AND assignee IS NULL AND deleted_at IS NULL AND message_count > 0),`last_at`);--> statement-breakpoint
ALTER TABLE `app` ADD `unclaimed` integer DEFAULT 0 NOT NULL;
--> statement-breakpoint
UPDATE app SET unclaimed = (SELECT count(*) FROM conversation INDEXED BY conversation_app WHERE conversation.app = app.number AND (kind = 'support' AND state = 'open' AND assignee IS NULL AND deleted_at IS NULL AND message_count > 0) = 1);
--> statement-breakpoint
-- app.unclaimed follows the conversations of the index's second half, whoever writes them. A message in one that waits already changes nothing.
CREATE TRIGGER conversation_began AFTER INSERT ON conversation WHEN (NEW.kind = 'support' AND NEW.state = 'open' AND NEW.assignee IS NULL AND NEW.deleted_at IS NULL AND NEW.message_count > 0)
BEGIN UPDATE app SET unclaimed = unclaimed + 1 WHERE number = NEW.app; END;
--> statement-breakpoint
CREATE TRIGGER conversation_moved AFTER UPDATE OF kind, state, assignee, deleted_at, message_count ON conversation
WHEN (OLD.kind = 'support' AND OLD.state = 'open' AND OLD.assignee IS NULL AND OLD.deleted_at IS NULL AND OLD.message_count > 0) <> (NEW.kind = 'support' AND NEW.state = 'open' AND NEW.assignee IS NULL AND NEW.deleted_at IS NULL AND NEW.message_count > 0)
BEGIN UPDATE app SET unclaimed = unclaimed + CASE WHEN (NEW.kind = 'support' AND NEW.state = 'open' AND NEW.assignee IS NULL AND NEW.deleted_at IS NULL AND NEW.message_count > 0) THEN 1 ELSE -1 END WHERE number = NEW.app; END;
--> statement-breakpoint
CREATE TRIGGER conversation_ended AFTER DELETE ON conversation WHEN (OLD.kind = 'support' AND OLD.state = 'open' AND OLD.assignee IS NULL AND OLD.deleted_at IS NULL AND OLD.message_count > 0)
BEGIN UPDATE app SET unclaimed = unclaimed - 1 WHERE number = OLD.app; END;
