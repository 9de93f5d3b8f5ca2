-- user.conversations counts active memberships. Triggers act on rows that really change, so a replayed flush counts nothing twice.
CREATE TRIGGER membership_added AFTER INSERT ON membership WHEN NEW.standing = 'active'
BEGIN UPDATE user SET conversations = conversations + 1 WHERE number = NEW.user; END;
--> statement-breakpoint
CREATE TRIGGER membership_moved AFTER UPDATE OF standing ON membership
WHEN (OLD.standing = 'active') <> (NEW.standing = 'active')
BEGIN UPDATE user SET conversations = conversations + CASE WHEN NEW.standing = 'active' THEN 1 ELSE -1 END WHERE number = NEW.user; END;
--> statement-breakpoint
CREATE TRIGGER membership_removed AFTER DELETE ON membership WHEN OLD.standing = 'active'
BEGIN UPDATE user SET conversations = conversations - 1 WHERE number = OLD.user; END;
