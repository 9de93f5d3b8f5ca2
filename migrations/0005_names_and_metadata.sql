ALTER TABLE `app` ADD `metadata` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE `credential` ADD `name` text;