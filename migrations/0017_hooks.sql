ALTER TABLE `app` ADD `hooks` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `endpoint` ADD `secret_id` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE `endpoint` ADD `older_secrets` text;--> statement-breakpoint
ALTER TABLE `endpoint` ADD `name` text;--> statement-breakpoint
ALTER TABLE `endpoint` ADD `delivery` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE `endpoint` ADD `headers` text;--> statement-breakpoint
ALTER TABLE `endpoint` ADD `origin` text;--> statement-breakpoint
ALTER TABLE `endpoint` ADD `reason` text;
--> statement-breakpoint
UPDATE app SET hooks = 1 WHERE number IN (SELECT app FROM endpoint);
--> statement-breakpoint
-- app.hooks follows its endpoints, whoever writes them.
CREATE TRIGGER endpoint_made AFTER INSERT ON endpoint
BEGIN UPDATE app SET hooks = hooks + 1 WHERE number = NEW.app; END;
--> statement-breakpoint
CREATE TRIGGER endpoint_changed AFTER UPDATE ON endpoint
BEGIN UPDATE app SET hooks = hooks + 1 WHERE number = NEW.app; END;
